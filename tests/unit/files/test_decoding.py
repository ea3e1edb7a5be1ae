import io
import tracemalloc
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.files import decoding
from contact_import.files.decoding import MAX_LINE_CHARS, DecodedText, TruncatedLine, open_text


def _read(data: bytes) -> tuple[list[str], DecodedText]:
    text = open_text(io.BytesIO(data))
    return list(chain.from_iterable(text.read_blocks())), text


@pytest.mark.parametrize(
    ("encoding", "bom", "name"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("utf-16-le", b"\xff\xfe", "utf-16-le"),
        ("utf-16-be", b"\xfe\xff", "utf-16-be"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("utf-32-le", b"\xff\xfe\0\0", "utf-32-le"),
        ("utf-32-le", b"\xfe\xff", "utf-32-le"),  # a mark of another encoding: a vendor's own fixture has it
        ("windows-1252", b"", "windows-1252"),
    ],
)
def test_each_encoding_gives_the_same_lines(encoding: str, bom: bytes, name: str) -> None:
    lines, text = _read(bom + "Name;Ort\r\nJürgen;Köln\r\n".encode(encoding))

    assert lines == ["Name;Ort\r\n", "Jürgen;Köln\r\n"]
    assert text.encoding == name
    assert text.replaced_chars == 0


def test_a_file_that_changes_its_encoding_half_way_keeps_every_letter() -> None:
    lines, text = _read("Zoë\n".encode() + "Zoë\n".encode("windows-1252"))

    assert lines == ["Zoë\n", "Zoë\n"]
    assert (text.encoding, text.stray_bytes, text.replaced_chars) == ("utf-8", 1, 0)


def test_what_no_one_can_read_is_replaced_and_counted() -> None:
    lines, text = _read(b"a\x81b\x9d\n")

    assert lines == ["a\ufffdb\ufffd\n"]
    assert text.replaced_chars == 2


def test_half_a_pair_of_utf_16_is_replaced_and_counted() -> None:
    lines, text = _read(b"\xff\xfe" + "a".encode("utf-16-le") + b"\x00\xd8" + "b\n".encode("utf-16-le"))

    assert lines == ["a\ufffdb\n"]
    assert text.replaced_chars == 1


def test_only_the_three_line_ends_end_a_line() -> None:
    lines, _ = _read("a\u2028b\x0bc\x0cd\x85e\r\nf\ng\rh".encode())

    assert lines == ["a\u2028b\x0bc\x0cd\x85e\r\n", "f\n", "g\r", "h"]


def test_a_nul_is_left_out() -> None:
    assert _read(b"a,\0b,c\nd,e,f\n" * 3)[0][0] == "a,b,c\n"


def test_a_line_without_end_costs_no_memory_and_the_next_one_is_read() -> None:
    def blocks() -> Iterator[bytes]:
        yield b"first\n"
        for _ in range(64):
            yield b"x" * 1024 * 1024
        yield b"\nlast\n"

    class Endless(io.RawIOBase):
        def __init__(self) -> None:
            self._blocks, self._left = blocks(), b""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            self._left = self._left or next(self._blocks, b"")
            data, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
            buffer[: len(data)] = data
            return len(data)

    tracemalloc.start()
    lines = [
        line if len(line) < 100 else line[:0] + str(type(line).__name__)
        for line in chain.from_iterable(DecodedText(io.BufferedReader(Endless())).read_blocks())
    ]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert lines == ["first\n", TruncatedLine.__name__, "last\n"]
    assert peak < 12 * MAX_LINE_CHARS


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("length", [MAX_LINE_CHARS - 2, MAX_LINE_CHARS - 1, MAX_LINE_CHARS, 2 * MAX_LINE_CHARS - 1])
def test_the_bound_of_a_line_never_adds_or_eats_a_line(end: str, length: int) -> None:
    lines, _ = _read(("x" * length + end + "a" + end + end + "b").encode())

    assert lines[1:] == ["a" + end, end, "b"]
    assert isinstance(lines[0], TruncatedLine) == (length >= MAX_LINE_CHARS)


def test_a_long_line_of_nuls_is_one_line() -> None:
    lines, _ = _read(b"a\n" + b"\0" * (MAX_LINE_CHARS + 9) + b"\nb\n")

    assert [(str(line), type(line)) for line in lines] == [("a\n", str), ("", TruncatedLine), ("b\n", str)]


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    lines, text = _read(data)

    assert text.encoding
    assert all(line for line in lines if "\0" not in line) or b"\0" in data


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0\ufeff"), min_size=1, max_size=40))
def test_utf_8_reads_back_as_it_was(line: str) -> None:
    assert _read(f"plain,header\n{line}\n".encode())[0][1] == f"{line}\n"


@given(st.lists(st.sampled_from(["a", "Zoë ", "…", "“x”", "\r\n", "\n", "\r", ","]), max_size=30))
def test_windows_1252_reads_back_as_it_was(pieces: list[str]) -> None:
    lines, _ = _read("".join(pieces).encode("windows-1252"))

    assert "".join(lines) == "".join(pieces)


@given(
    st.lists(st.sampled_from([b"a", b"\r", b"\n", b"jo\xc3\xb6", b"jo\xf6", b"\0", b","]), max_size=40),
    st.integers(1, 9),
)
def test_it_does_not_matter_where_a_block_ends(pieces: list[bytes], size: int) -> None:
    whole, text = _read(b"".join(pieces))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "_BLOCK_CHARS", size)
        lines, again = _read(b"".join(pieces))

    assert lines == whole
    assert (again.encoding, again.stray_bytes, again.replaced_chars) == (
        text.encoding,
        text.stray_bytes,
        text.replaced_chars,
    )
