"""The lines that `serve` prints for a person: whole words on a terminal, one line for each message in a log file."""

import shutil
import textwrap
import threading
from collections.abc import Sequence
from typing import TextIO

from contact_import.reports.masking import escape_control_chars

_INDENT = "  "
_SYMBOLS = {"✓": "OK", "✗": "FAILED", "→": "->", "…": "..."}  # for a console whose encoding lacks them


class StatusLines:
    """Prints messages of several threads, one after the other, in whatever encoding the console has."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._printed_once: set[str] = set()
        self._encoding = stream.encoding or "utf-8"

    def print(self, message: str, path: str = "") -> None:
        """Print a message, and the path of a file that has the details."""
        with self._lock:
            self._stream.write("".join(f"{line}\n" for line in self._format_lines(message, path)))
            self._stream.flush()

    def print_command(self, parts: Sequence[str]) -> None:
        """Print a shell command that can be pasted: on a terminal one part a line, each continued by a backslash."""
        separator = " \\\n    " if self._stream.isatty() else " "
        with self._lock:
            self._stream.write(f"{separator.join(map(self._make_printable, parts))}\n")
            self._stream.flush()

    def print_once(self, message: str) -> None:
        """Print a message unless it was printed before: it is of a problem that every scan meets again."""
        if message not in self._printed_once:
            self._printed_once.add(message)
            self.print(message)

    def _format_lines(self, message: str, path: str) -> list[str]:
        message, path = self._make_printable(message), self._make_printable(f"→ {path}" if path else "")
        whole = f"{message} {path}".strip()
        width = shutil.get_terminal_size().columns
        if not self._stream.isatty() or len(whole) < width:
            return [whole]
        lines = textwrap.wrap(
            message, width - 1, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False
        )
        # A path is not wrapped: it could not be copied or clicked any more.
        return [*lines, *([_INDENT + path] if path else [])]

    def _make_printable(self, text: str) -> str:
        # A name of Unix that is no UTF-8 has lone surrogates here.
        text = escape_control_chars(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
        for symbol, plain in _SYMBOLS.items():
            if not self._can_print(symbol):
                text = text.replace(symbol, plain)
        return text.encode(self._encoding, "replace").decode(self._encoding, "replace")

    def _can_print(self, symbol: str) -> bool:
        try:
            symbol.encode(self._encoding)
        except (UnicodeEncodeError, LookupError):
            return False
        return True
