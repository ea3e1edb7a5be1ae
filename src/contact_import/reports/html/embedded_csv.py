"""Keep the content of failed.csv for the report, so that the page can be mailed and the rows downloaded from it."""

from types import TracebackType
from typing import Protocol, Self

MAX_BYTES = 512 * 1024  # the page is mailed: with a third more for Base64, and its table, it has a few megabytes


class _Writer(Protocol):
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def write(self, text: str) -> None: ...


class EmbeddedCsv:
    """A context manager around the writer of a file, which keeps a copy of the text while the file is small."""

    def __init__(self, writer: _Writer) -> None:
        self._writer = writer
        self._content = bytearray()
        self._is_complete = True

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)

    def write(self, text: str) -> None:
        """Write a piece of the file."""
        self._writer.write(text)
        if self._is_complete:
            self._content += text.encode("utf-8", "replace")
            if len(self._content) > MAX_BYTES:
                self._is_complete = False
                self._content.clear()

    @property
    def content(self) -> bytes:
        """Return the whole file, b"" if it is too large."""
        return bytes(self._content)
