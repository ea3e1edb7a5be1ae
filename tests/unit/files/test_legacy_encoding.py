"""Encodings that are neither Unicode nor Windows-1252, by the names that a file holds."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.files.decoding import open_text
from contact_import.files.legacy_encoding import UNKNOWN, detect_legacy_encoding

WESTERN = "José Núñez|Zoë Müller|Chloé Lefèvre|Søren Kjær|Anaïs Brûlé|Jürgen Groß|João Conceição|Siân O’Brien|Åsa Öberg"
# ruff: noqa: RUF001 — names in other scripts are what this module is about.
# By IANA name: the codec, and usual names of people who use it.
NAMES = {
    "macintosh": ("mac_roman", WESTERN),
    "windows-1250": ("cp1250", "Łukasz Wójcik|Żaneta Święch|Jiří Dvořák|Zbyněk Šťastný|Małgorzata Dąbrowska"),
    "windows-1251": ("cp1251", "Иван Петров|Ольга Смирнова|Юлія Шевченко|Дмитрий Кузнецов|ЕЛЕНА ПОПОВА|Сергей Орлов"),
    "windows-1253": ("cp1253", "Γιώργος Παπαδόπουλος|Μαρία Νικολάου|Ελένη Γεωργίου|Κώστας Δημητρίου"),
    "windows-1254": ("cp1254", "Gülşen Yılmaz|Çağla Öztürk|Oğuz Şahin|Işıl Güneş|Tuğba Çelik"),
    "gb18030": ("gb18030", "王小明|李丽|张伟|刘洋|陈静|杨帆|赵敏|黄建国"),
    "big5": ("big5", "陳大文|李小龍|張國榮|黃麗華|林志明|吳美玲"),
    "shift_jis": ("cp932", "田中太郎|鈴木花子|佐藤健|山本さくら|高橋ケン|渡辺直美"),
    "euc-kr": ("euc_kr", "김민수|이영희|박지성|최수진|정하늘|강민호"),
}  # fmt: skip


def _read(body: bytes) -> tuple[str, str]:
    text = open_text(io.BytesIO(body))
    lines = "".join("".join(block) for block in text.read_blocks())
    return lines, text.encoding


@pytest.mark.parametrize("encoding", NAMES)
@given(data=st.data())
def test_names_in_an_older_encoding_are_read_in_it(encoding: str, data: st.DataObject) -> None:
    codec, names = NAMES[encoding]
    some = data.draw(st.lists(st.sampled_from(names.split("|")), min_size=4, max_size=30, unique_by=str))
    body = "Name,Mobile\n" + "".join(f"{name},0491570006\n" for name in [*some, "Ann Moss"])

    read, found = _read(body.encode(codec))

    # Few names may be as plausible in another encoding: then they are not read as anything.
    assert (read, found) == (body, encoding) or found == UNKNOWN or "\ufffd" in read or _is_western(some)


def _is_western(names: list[str]) -> bool:
    return all(name.encode("cp1252", "replace").decode("cp1252") == name for name in names)


@pytest.mark.parametrize("encoding", NAMES)
def test_all_of_the_names_are_read_in_their_encoding(encoding: str) -> None:
    codec, names = NAMES[encoding]
    body = "Name\n" + names.replace("|", "\n") + "\n"

    assert _read(body.encode(codec)) == (body, encoding)


@given(
    st.lists(st.sampled_from(WESTERN.split("|")), min_size=1), st.sampled_from(["", " – €5", " 25°", " £9", " “VIP”"])
)
def test_western_names_stay_windows_1252(names: list[str], note: str) -> None:
    body = "Name,Note\n" + "".join(f"{name},{name}{note}\n" for name in names)

    read, encoding = _read(body.encode("cp1252"))

    assert (read, encoding) == (body, "windows-1252")


@pytest.mark.parametrize("text", ["25 m²\n", "£50\n", "½ price – now\n", "©2026\n"])
def test_a_sign_alone_says_nothing_against_windows_1252(text: str) -> None:
    assert _read(text.encode("cp1252")) == (text, "windows-1252")


def test_what_no_encoding_explains_is_not_guessed() -> None:
    lines = [b"\xc1\x8d\x9d\xc2x\xf4", b"\xd7\x81\xa7q\xd5w", b"\x8f\x90\xfez"]

    assert detect_legacy_encoding(line.decode("utf-8", "surrogateescape") for line in lines) == UNKNOWN


def test_a_file_of_utf_8_with_stray_bytes_is_no_older_encoding() -> None:
    body = "Иван,1\nОльга,2\nСергей,3\n".encode() + b"Jos\xe9,4\n"

    assert _read(body) == ("Иван,1\nОльга,2\nСергей,3\nJosé,4\n", "utf-8")


def test_a_pair_of_bytes_that_happens_to_be_utf_8_is_read_in_the_files_encoding() -> None:
    body = "Name,Mobile\n" + "王小明,0491570006\n李丽,0491570006\n伟,0491570156\n"

    assert _read(body.encode("gb18030")) == (body, "gb18030")
