import gzip
import io
import zipfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.errors import FileError
from contact_import.files.archives import unpack
from contact_import.files.inflating import UnpackedStream
from tests.make_workbook import make_workbook

CSV = b"Name,Mobile\nAnn,0491570006\n"


def _zip(**files: bytes) -> bytes:
    """Return the same bytes at any time: they are in the names of tests, which all workers must collect alike."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name.replace("__dot__", "."))
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _unpack(stream: io.BytesIO, **limit: int) -> bytes:
    text = unpack(stream, **limit)
    assert isinstance(text, UnpackedStream)
    return _read_whole(text)


def _read(data: bytes) -> bytes:
    return _unpack(io.BytesIO(data))


def _read_whole(stream: UnpackedStream) -> bytes:
    data = stream.read()
    stream.raise_if_broken()
    return data


@pytest.mark.parametrize(
    "data",
    [
        CSV,
        _gzip(CSV),
        _gzip(CSV[:10]) + _gzip(CSV[10:]),
        _gzip(CSV) + b"\0" * 20,
        _gzip(CSV) + b"no member",
        _zip(contacts__dot__csv=CSV),
        _zip(**{"june.csv": CSV, "._june.csv": b"x"}),
        _zip(**{"folder/june.csv": CSV, "__MACOSX/folder/._june.csv": b"x", "folder/.DS_Store": b"y"}),
    ],
    ids=["plain", "gzip", "two members", "padded gzip", "gzip and more", "zip", "zip with a fork", "zip of a mac"],
)
def test_what_it_is_packed_in_does_not_matter(data: bytes) -> None:
    assert _read(data) == CSV


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (
            _zip(**{"[Content_Types].xml": b"", "xl/workbook.xml": b""}),
            "workbook is damaged; open it in Excel, save it",
        ),
        (_zip(**{"xl/workbook.bin": b""}), r"binary Excel workbook \(\.xlsb\); save it as Excel Workbook \(\.xlsx\)"),
        (_zip(**{"content.xml": b"", "mimetype": b""}), "OpenDocument"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100,
            r"old Excel workbook .* or one with a password; save it as",
        ),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\n", "vCards"),
        (b"\n <!DOCTYPE html><html>", "web page"),
        (b"<table border=1><tr><td>Name", "web page"),
        (b"<!-- made by a tool -->\n<html>", "web page"),
        ("\ufeff<html><body>".encode("utf-16-le"), "web page"),
        (b"BEGIN:VCALENDAR\r\n", "calendar"),
        (b"{\\rtf1\\ansi", "rich text document"),
        (b"SQLite format 3\0", "database"),
        (b'<?xml version="1.0"?><a/>', "XML"),
        (b'{"contacts": []}', "JSON"),
        (b'[\n {\n  "name": 1}]', "JSON"),
        (bytes(range(1, 32)) * 20, "not a text file"),
        (_zip(a=CSV, b=CSV), "contains 2 files; it may contain CSV files only"),
        (_zip(), "contains 0 files"),
        (_zip(a=b""), "is empty"),
        (_gzip(b""), "is empty"),
        (_gzip(CSV)[:-10], "cut short"),
        (_gzip(CSV)[:-2], "cut short"),
        (_gzip(CSV)[:-8] + b"\1" * 8, "broken"),
        (b"\x1f\x8b\x09" + _gzip(CSV)[3:], "broken"),
        (_gzip(_gzip(CSV)), "archive in an archive"),
        (_gzip(_zip(a=CSV)), "archive in an archive"),
        (_zip(a=CSV * 99)[:60], "cut short"),
        (_zip(a=CSV * 99)[:20], "broken"),
    ],
)
def test_what_is_no_list_of_contacts_gets_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(FileError, match=words):
        _read(data)


@given(st.integers(), st.sampled_from([200, 1000, 5000]))
def test_machine_code_is_no_text(seed: int, length: int) -> None:
    with pytest.raises(FileError):
        _read(b"\x01" + Random(seed).randbytes(length))


@pytest.mark.parametrize("text", ["Имя;Телефон\nЮлия;0491570006\n" * 9, "名前,電話\n花子,0491570006\n" * 9])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251", "shift_jis"])
def test_text_of_any_script_is_text(text: str, encoding: str) -> None:
    data = text.encode(encoding, "replace")

    assert _read(data) == data


def test_a_stray_control_character_is_still_text() -> None:
    data = (CSV + b"Zo\xeb\x1d,0491570156\n") * 20

    assert _read(data) == data


@pytest.mark.parametrize("data", [CSV, _gzip(CSV), _zip(a=CSV)], ids=["plain", "gzip", "zip"])
def test_a_network_that_hands_over_single_bytes_changes_nothing(data: bytes) -> None:
    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(1, size or 0))

    assert _unpack(Dripping(data)) == CSV


def test_a_zip_that_lies_about_its_size_to_hide_a_bomb_is_stopped() -> None:
    data = bytearray(_zip(a=b"\n" * 64_000_000))
    entry = data.index(b"PK\x01\x02")
    data[entry + 20 : entry + 24] = (1_000_000_000).to_bytes(4, "little")

    with pytest.raises(FileError, match="200 times"):
        _read(bytes(data))


def test_a_bomb_is_stopped_while_it_unfolds() -> None:
    bomb = _gzip(b"\n" * 64_000_000)

    with pytest.raises(FileError, match="200 times"):
        _read(bomb)
    with pytest.raises(FileError, match="more than"):
        _unpack(io.BytesIO(_gzip(CSV * 100)), limit=1000)


def test_a_zip_with_a_password_is_reported(tmp_path: Path) -> None:
    data = bytearray(_zip(a=CSV))
    data[6] |= 1  # the flag in the file's header, and in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(FileError, match="password"):
        _read(bytes(data))


@pytest.mark.parametrize("size", [100, 1000])
def test_a_workbook_that_was_cut_is_not_read_as_a_text_in_a_zip(size: int) -> None:
    with pytest.raises(FileError, match="The workbook is damaged"):
        _read(make_workbook({"June": [["Name", "Mobile"], ["Ann", 491570006]]})[:-size])
