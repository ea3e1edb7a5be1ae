"""A body as one tree, or an error in a sentence that repeats nothing of it."""

import re
from typing import Any

import pytest

from contact_import.domain.http import HttpRequest
from contact_import.errors import BodyError
from contact_import.webhooks.extraction.body import parse_body
from contact_import.webhooks.extraction.json_value import MAX_DEPTH

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=line"


def _parse(raw: bytes | str, kind: str = JSON) -> Any:
    raw = raw.encode() if isinstance(raw, str) else raw
    return parse_body(HttpRequest("POST", "/", "", {"content-type": kind} if kind else {}, {}, raw))


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ('{"phone": "0491"}', JSON),
        ('{"phone": "0491"}', "application/cloudevents+json; charset=utf-8"),
        ('{"phone": "0491"}', "application/json, application/json"),
        ('{"phone": "0491"}', "text/plain"),
        ('{"phone": "0491"}', ""),
        ('{"phone": "0491"}', FORM),
        ('\ufeff{"phone": "0491"}', JSON),
        ('{"phone": "0491"}'.encode("utf-16"), JSON),
        ("phone=0491", FORM),
        ("phone=0491", ""),
        ('--line\r\nContent-Disposition: form-data; name="phone"\r\n\r\n0491\r\n--line--\r\n', MULTIPART),
    ],
)
def test_the_same_thing_in_every_writing(raw: bytes | str, kind: str) -> None:
    assert _parse(raw, kind) == {"phone": "0491"}


def test_numbers_keep_every_digit() -> None:
    assert _parse("[706405506930370084, 412345678, 6.1491570006E+10, 1.0]") == [
        "706405506930370084",
        "412345678",
        "6.1491570006E+10",
        "1.0",
    ]


def test_a_name_that_occurs_twice_loses_nothing() -> None:
    assert _parse('{"contacts": [1], "contacts": [2], "a": 3}') == {"contacts": ["1", "2"], "a": "3"}
    assert _parse("a=1&a=2&b[]=3&b[]=4", FORM) == {"a": ["1", "2"], "b": ["3", "4"]}


def test_brackets_of_a_form_are_objects() -> None:
    raw = "contact%5Bemail%5D=ada%40example.com&data[merges][FNAME]=Ada&odd[=1&odd=2&contact=3"

    assert _parse(raw, FORM) == {
        "contact": {"email": "ada@example.com"},
        "data": {"merges": {"FNAME": "Ada"}},
        "odd[": "1",
        "odd": "2",
        "contact[]": "3",
    }


def test_letters_of_an_older_sender_are_read() -> None:
    assert _parse("name=Ren%E9e", FORM) == {"name": "Ren\u00e9e"}
    assert _parse('{"name": "Ren\u00e9e"}'.encode("latin-1"), "application/json; charset=iso-8859-1") == {
        "name": "Ren\u00e9e"
    }


def test_files_of_a_multipart_form_are_left_out() -> None:
    raw = (
        '--line\r\nContent-Disposition: form-data; name="cv"; filename="cv.txt"\r\n\r\nhello\r\n'
        '--line\r\nContent-Disposition: form-data; name="c[a]"\r\n\r\n1\r\n--line--\r\n'
    )

    assert _parse(raw, MULTIPART) == {"c": {"a": "1"}}


def test_xml_loses_its_namespaces_and_keeps_what_repeats() -> None:
    raw = '<a xmlns="urn:a" xmlns:b="urn:b"><b:c>1</b:c><b:c>2</b:c><d name="e">3</d></a>'

    assert _parse(raw, "text/xml") == {"a": {"c": ["1", "2"], "d": {"name": "e", "value": "3"}}}
    assert _parse(raw, "") == _parse(raw, "application/soap+xml; charset=utf-8")


@pytest.mark.parametrize("kind", [JSON, FORM, MULTIPART, "text/xml", ""])
def test_an_empty_body_holds_nothing(kind: str) -> None:
    assert _parse(b"", kind) == _parse(b" \r\n", kind) == {}


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ('{"phone": "hush', JSON),
        ("phone=hush", JSON),
        (b'{"phone": "hush\xff', JSON),
        ("hush".encode("utf-16") + b"x", JSON),
        ("[" * 100_000, JSON),
        ('{"hush":' * (MAX_DEPTH + 2) + "1" + "}" * (MAX_DEPTH + 2), JSON),
        ("hush", FORM),
        ("&".join(["hush=1"] * 5_001), FORM),
        ('--line\r\nContent-Disposition: form-data; name="phone"\r\n\r\nhush', MULTIPART),
        ('--line\r\nContent-Disposition: form-data; name="phone"\r\n\r\nhush\r\n', MULTIPART),
        ("hush", MULTIPART),
        ("hush", "multipart/form-data"),
        ("<a>hush", "text/xml"),
        ('<!DOCTYPE a [<!ENTITY h "hush">]><a>&h;</a>', "text/xml"),
        ('<!DOCTYPE a SYSTEM "http://example.com/hush"><a/>', ""),
        ("<a>" * 100 + "hush" + "</a>" * 100, "text/xml"),
        ("hush hush", "text/plain"),
        (b"\x00\x01hush", "application/octet-stream"),
    ],
)
def test_what_is_not_what_it_says_is_turned_down_without_repeating_it(raw: bytes | str, kind: str) -> None:
    with pytest.raises(BodyError) as raised:
        _parse(raw, kind)

    assert "hush" not in str(raised.value)
    assert str(raised.value).endswith(".")


@pytest.mark.parametrize(
    ("raw", "kind", "place"),
    [
        ('{"phone": "0491 570 006",\n "name": "Ada" "Moss"}', JSON, "JSON (line 2, column 16)"),
        ("<a>\n<b></a>", "text/xml", "XML (line 2, column 6)"),
    ],
)
def test_a_body_that_cannot_be_read_has_the_place_in_its_reason(raw: str, kind: str, place: str) -> None:
    with pytest.raises(BodyError, match=re.escape(place)):
        _parse(raw, kind)


@pytest.mark.parametrize("kind", [JSON, JSON + "; charset=utf-8", "text/plain", ""])
def test_json_in_windows_1252_is_read(kind: str) -> None:
    assert _parse('{"name": "Zo\u00eb M\u00fcller"}'.encode("cp1252"), kind) == {"name": "Zo\u00eb M\u00fcller"}
