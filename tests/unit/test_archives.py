import gzip
import io
import zipfile
from pathlib import Path

import pytest

from contact_import.archives import unpack
from contact_import.errors import FileError

CSV = b"Name,Mobile\nAnn,0491570006\n"


def _zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__dot__", "."), data)
    return out.getvalue()


def _read(data: bytes) -> bytes:
    return unpack(io.BytesIO(data)).read()


@pytest.mark.parametrize(
    "data",
    [
        CSV,
        gzip.compress(CSV),
        gzip.compress(CSV[:10]) + gzip.compress(CSV[10:]),
        gzip.compress(CSV) + b"\0" * 20,
        _zip(contacts__dot__csv=CSV),
        _zip(**{"folder/june.csv": CSV, "__MACOSX/folder/._june.csv": b"x", "folder/.DS_Store": b"y"}),
    ],
    ids=["plain", "gzip", "two members", "padded gzip", "zip", "zip of a mac"],
)
def test_what_it_is_packed_in_does_not_matter(data: bytes) -> None:
    assert _read(data) == CSV


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (_zip(**{"[Content_Types].xml": b"", "xl/workbook.xml": b""}), r"Excel workbook \(\.xlsx\); save it as CSV"),
        (_zip(**{"content.xml": b"", "mimetype": b""}), "OpenDocument"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, r"old Excel workbook"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\n", "vCards"),
        (b"\n <!DOCTYPE html><html>", "web page"),
        (b'{"contacts": []}', "JSON"),
        (b'[\n {\n  "name": 1}]', "JSON"),
        (bytes(range(1, 32)) * 20, "no text"),
        (_zip(a=CSV, b=CSV), "holds 2 files"),
        (_zip(), "holds 0 files"),
        (gzip.compress(CSV)[:-10], "cut short"),
        (_zip(a=CSV * 99)[:60], "broken"),
    ],
)
def test_what_is_no_list_of_contacts_gets_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(FileError, match=words):
        _read(data)


def test_a_bomb_is_stopped_while_it_unfolds() -> None:
    bomb = gzip.compress(b"\n" * 64_000_000)

    with pytest.raises(FileError, match="200 times"):
        _read(bomb)
    with pytest.raises(FileError, match="more than"):
        unpack(io.BytesIO(gzip.compress(CSV * 100)), limit=1000).read()


def test_a_zip_with_a_password_is_told(tmp_path: Path) -> None:
    data = bytearray(_zip(a=CSV))
    data[6] |= 1  # the flag in the file's header, and in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(FileError, match="password"):
        _read(bytes(data))
