"""Responses that come in pages: every known sign of another page is followed."""

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.credentials import ApiKey
from contact_import.cellcast.pagination import find_phone_number, read_all_pages
from contact_import.cellcast.queries import QueryFailed
from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.cellcast.transport import ApiResponse, NoResponse

NAMES = ("number", "Number")


def _read(*answers: object, size: int = 2) -> tuple[list[object], QueryFailed | None, list[str]]:
    """Return the entries, the failure, and the paths that were queried."""
    paths: list[str] = []

    def get(path: str, _key: str, _seconds: float) -> ApiResponse | NoResponse:
        paths.append(path)
        return ApiResponse(200, {}, json.dumps(answers[min(len(paths), len(answers)) - 1]).encode())

    def post(_body: bytes, _key: str, _seconds: float) -> ApiResponse | NoResponse:
        raise AssertionError

    client = CellcastClient(
        post=post,
        get=get,
        api_key=ApiKey(lambda _fresh: "k"),
        rate_limiter=RateLimiter(10_000),
        deadline=time.monotonic() + 30,
        sleep=lambda _seconds: None,
        outage_timeout=0,
    )
    entries: list[object] = []
    return entries, read_all_pages(client, lambda page: f"/{page}", size, entries.append), paths


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ({"data": {"data": ["a", "b"], "hasNextPage": True}}, {"data": {"data": ["c"], "hasNextPage": False}}),
        ({"data": {"items": ["a", "b"], "next": "/2"}}, {"data": {"items": ["c"], "next": None}}),
        ({"data": ["a", "b"], "totalPages": 2}, {"data": ["c"], "totalPages": 2}),
        ({"data": ["a", "b"], "meta": {"total": "3"}}, {"data": ["c"], "meta": {"total": "3"}}),
        ({"data": {"docs": ["a", "b"], "pagination": {"nextPage": 2}}}, {"data": {"docs": ["c"], "pagination": {}}}),
        ({"items": ["a", "b"]}, {"items": ["c"]}),
        ({"items": ["a"], "total": 3, "hasNextPage": True}, {"items": ["b", "c"], "total": 3}),
    ],
)
def test_every_sign_of_another_page_is_followed(first: Mapping[str, Any], last: Mapping[str, Any]) -> None:
    assert _read(first, last) == (["a", "b", "c"], None, ["/1", "/2"])


@pytest.mark.parametrize("answer", [{"data": []}, {"data": {"data": [], "total": 0, "totalPages": 0}}, {"items": []}])
def test_an_empty_list_is_one(answer: object) -> None:
    assert _read(answer) == ([], None, ["/1"])


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([{"data": {}}], "the response contains no list"),
        ([{"data": None}], "the response contains no list"),
        ([{"data": {"items": "a, b"}}], "the response contains no list"),
        ([{"data": ["a"], "hasNextPage": True}], "the same page was returned twice"),
        ([{"data": ["a", "b"]}, {"data": ["a", "b"]}], "the same page was returned twice"),
        ([{"data": [], "hasNextPage": True}], "a page was empty although others should follow"),
        ([{"data": ["a"], "total": 5, "hasNextPage": False}], "only 1 of 5 entries were returned"),
        ([{"status": False, "message": "no", "data": []}], "no"),
    ],
)
def test_what_was_not_read_to_its_end_is_reported(answers: list[object], words: str) -> None:
    assert _read(*answers)[1] == QueryFailed(words)


def test_a_tag_or_a_name_in_an_entry_is_no_sign_of_the_endpoint() -> None:
    entry = {"Number": "403816000", "Tags": ["maintenance", "OVER_LIMIT"], "message": "fail", "code": 401}

    entries, failure, _ = _read({"status": True, "message": "success", "data": {"items": [entry]}})

    assert (entries, failure) == ([entry], None)


@pytest.mark.parametrize(
    ("entry", "number"),
    [
        ({"number": "491570156"}, "+61491570156"),
        ({"number": 61491570156}, "+61491570156"),
        ({"Number": "+61 491 570 156"}, "+61491570156"),
        ({"number": "", "Number": "0491570156"}, "+61491570156"),
        ("0491570156", "+61491570156"),
        ({"number": "+64 21 123 4567"}, "+64211234567"),
        ({"number": True}, None),
        ({"number": {"x": 1}}, None),
        ({"number": "STOP"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_number_is_known_in_whatever_form_it_comes_back(entry: object, number: str | None) -> None:
    assert find_phone_number(entry, NAMES) == number
