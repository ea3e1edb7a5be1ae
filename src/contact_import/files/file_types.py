"""Recognise a file that is neither CSV nor a workbook, and advise the person who uploaded it."""

import re
from collections.abc import Iterable

from contact_import.files.encoding import detect_encoding

_MAX_CONTROL_CHARS = 32  # a short list with an odd character in it is still a list

_SAVE_AS_XLSX = "save it as Excel Workbook (.xlsx) and upload that"
_EXPORT = "export the contacts as CSV and upload that"
_EXPORT_FROM_SOURCE = "export the contacts as .xlsx or .csv from the program that made it, and upload that"
_VCARDS = "a list of vCards (.vcf); import it into Google Contacts or Outlook, export it there as CSV and upload that"
_UNPACK = "unpack it and upload the file inside"
# The first bytes of a file by its format (en.wikipedia.org/wiki/List_of_file_signatures).
_MAGIC_BYTES = (
    ((b"%PDF",), f"a PDF document; {_EXPORT_FROM_SOURCE}"),
    (
        (b"\xd0\xcf\x11\xe0",),
        "an old Excel workbook (.xls) or one with a password; save it as Excel Workbook (.xlsx) without a password",
    ),
    ((b"\x89PNG", b"\xff\xd8\xff", b"GIF8"), f"a picture; {_EXPORT}"),
    ((b"SQLite format 3",), f"a database; {_EXPORT}"),
    ((b"{\\rtf",), f"a rich text document (.rtf); {_EXPORT}"),
    ((b"\x1f\x8b", b"PK\x03\x04"), f"an archive in an archive; {_UNPACK}"),
    ((b"7z\xbc\xaf",), f"a 7-Zip archive; {_UNPACK}"),
    ((b"Rar!",), f"a RAR archive; {_UNPACK}"),
    ((b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"), f"a compressed file; {_UNPACK}"),
)
_MARKUP = ("<!doctype html", "<html", "<head", "<meta", "<body", "<table", "<style", "<div")
_TEXT_PREFIXES = (
    (("begin:vcard",), _VCARDS),
    (("begin:vcalendar",), f"a calendar; {_EXPORT}"),
    (_MARKUP, f"a web page; open it in a spreadsheet, {_SAVE_AS_XLSX}"),
    (("<?xml",), f"an XML document; open it in a spreadsheet, {_SAVE_AS_XLSX}"),
    (('[{"', '{"'), f"JSON; {_EXPORT}"),
)
_OFFICE_ENTRIES = (
    ("xl/workbook.bin", f"a binary Excel workbook (.xlsb); {_SAVE_AS_XLSX}"),
    ("word/", f"a Word document; copy its table into a spreadsheet, {_SAVE_AS_XLSX}"),
    ("ppt/", f"a presentation; {_EXPORT}"),
    ("content.xml", f"an OpenDocument spreadsheet; {_SAVE_AS_XLSX}"),
    ("Index/", f"a Numbers spreadsheet; {_SAVE_AS_XLSX}"),
)


def identify_non_csv(head: bytes) -> str:
    """Return the type of a file with an advice, by its first 4 KiB; "" for text that may be CSV.

    The text completes the sentence "The file is …".
    """
    if not head:
        return "empty"
    for signature, what in _MAGIC_BYTES:
        if head.startswith(signature):
            return what
    encoding, bom_length = detect_encoding(head)
    text = head[bom_length:].decode(encoding, "replace")
    # Tools write comments and line breaks before the first tag, and blanks within `[{`.
    start = re.sub(r"<!--.*?-->", "", " ".join(text.split()), count=1).lstrip().lower()
    start = start[:20].replace("[ {", "[{").replace("{ ", "{")
    for beginning, what in _TEXT_PREFIXES:
        if start.startswith(beginning):
            return what
    controls = sum(letter < " " and letter not in "\0\t\n\v\f\r" for letter in text)  # `decoding` drops NULs
    # Text in a legacy encoding has bytes that are not UTF-8 but no control characters; machine code has both.
    is_code = controls * 50 > len(text) and text.count("\ufffd") * 10 > len(text)
    if is_code or (controls > _MAX_CONTROL_CHARS and controls * 10 > len(text)):
        return "not a text file; export the contacts as CSV UTF-8 and upload that"
    return ""


def identify_office_document(names: Iterable[str]) -> str:
    """Return the type of an office document with an advice, by the entries of its ZIP; "" for any other ZIP."""
    for name in names:
        for beginning, what in _OFFICE_ENTRIES:
            if name.startswith(beginning):
                return what
    return ""
