"""Detect the Unicode encoding of a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.files.encoding import detect_encoding

ENCODINGS = ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
LINES = st.lists(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1), min_size=1, max_size=5)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(LINES, st.booleans())
def test_each_encoding_is_found_with_a_mark_and_without(encoding: str, lines: list[str], has_bom: bool) -> None:
    bom = "\ufeff".encode(encoding) if has_bom else b""
    text = "".join(f"Name,{line}\r\n" for line in lines)

    assert detect_encoding(bom + text.encode(encoding)) == (encoding, len(bom))


def test_nuls_decide_against_a_wrong_mark() -> None:
    assert detect_encoding(b"\xfe\xff" + "Name,Mobile\n".encode("utf-32-le")) == ("utf-32-le", 2)
    assert detect_encoding(b"\xef\xbb\xbf" + "Name,Mobile\n".encode("utf-16-le")) == ("utf-16-le", 3)


@pytest.mark.parametrize("head", [b"", b"a", b"Zo\xeb\n", b"Name\0,Mobile\n" * 9])
def test_anything_else_counts_as_utf_8(head: bytes) -> None:
    assert detect_encoding(head) == ("utf-8", 0)
