"""Files that are no CSV, by their first bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.files.file_types import identify_non_csv, identify_office_document


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "archive in an archive"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"7z\xbc\xaf", "7-Zip"),
        (b"\xfd7zXZ\0", "compressed"),
        (b"  BEGIN:VCARD", "vCards"),
        ("<html>".encode("utf-16"), "web page"),
        (b'[ {"name": "Ann"}]', "JSON"),
        (b"\x01\x02\x03" * 30, "not a text file"),
    ],
)
def test_a_file_that_is_no_csv_is_named(head: bytes, words: str) -> None:
    assert words in identify_non_csv(head)


@pytest.mark.parametrize("head", [b"Name,Mobile\n", b"BZ,1\n", b"<ann@example.com>,1\n", b"{0},1\n", b"a\x01\x02\n"])
def test_text_that_only_begins_in_a_like_way_may_be_csv(head: bytes) -> None:
    assert identify_non_csv(head) == ""


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=50), st.sampled_from(["utf-8", "utf-16"]))
def test_letters_and_digits_of_any_script_may_be_csv(text: str, encoding: str) -> None:
    assert identify_non_csv(f"Name,Mobile\n{text},0491570006\n".encode(encoding)) == ""


def test_an_office_document_is_known_by_the_names_in_its_archive() -> None:
    assert "Excel" in identify_office_document(["[Content_Types].xml", "xl/workbook.bin"])
    assert "OpenDocument" in identify_office_document(["mimetype", "content.xml"])
    assert identify_office_document(["contacts.csv", "xl.csv"]) == ""
