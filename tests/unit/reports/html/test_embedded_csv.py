from types import TracebackType
from typing import Self

from contact_import.reports.html.embedded_csv import MAX_BYTES, EmbeddedCsv


class _Writer:
    """A file in memory; `is_closed` after the `with` block."""

    def __init__(self) -> None:
        self.text = ""
        self.is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.is_closed = True

    def write(self, text: str) -> None:
        self.text += text


def test_the_page_holds_the_bytes_of_the_file() -> None:
    writer = _Writer()

    with EmbeddedCsv(writer) as embedded:
        embedded.write("\ufeffName\r\n")
        embedded.write("Maya, n\u00e9e \ud800\r\n")

    assert (writer.text, writer.is_closed) == ("\ufeffName\r\nMaya, n\u00e9e \ud800\r\n", True)
    assert embedded.content == "\ufeffName\r\nMaya, n\u00e9e ?\r\n".encode()


def test_a_large_file_is_written_whole_and_not_held() -> None:
    writer = _Writer()

    with EmbeddedCsv(writer) as embedded:
        for _ in range(MAX_BYTES // 1000 + 2):
            embedded.write("x" * 1000)

    assert len(writer.text) > MAX_BYTES
    assert embedded.content == b""
