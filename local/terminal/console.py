"""The console for people, and the escaping of text that comes from outside."""

import rich.console
from rich.markup import escape

from contact_import.reports.masking import escape_control_chars


class Console(rich.console.Console):
    """A console that raises BrokenPipeError when its reader is gone (`| head -1`), as print does."""

    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704  rich calls this while it handles the BrokenPipeError, and would end with 1


def escape_for_terminal(text: str) -> str:
    """Return text of a file or of Cellcast without rich's markup and without control characters of the terminal."""
    return escape(escape_control_chars(text))
