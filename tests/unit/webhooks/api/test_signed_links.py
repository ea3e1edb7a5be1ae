"""A signed link opens one file of one import until it expires, and nothing else."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.webhooks.api.signed_links import (
    RESULT_FILES,
    LinkVerdict,
    build_signed_link,
    check_signed_link,
    has_signature,
    sign_link,
)

KEY = b"a key of thirty-two characters.."
NOW = datetime(2026, 11, 29, 22, 30, tzinfo=UTC)
IMPORT_ID = "0123456789abcdef01234567"
IN_A_WEEK = NOW + timedelta(days=7)


def _open(url: str, now: datetime = NOW, key: bytes = KEY) -> LinkVerdict:
    parts = urlsplit(url)
    _, _, import_id, file_name = parts.path.split("/")
    return check_signed_link(key, import_id, file_name, dict(parse_qsl(parts.query)), now)


@pytest.mark.parametrize("file_name", RESULT_FILES)
@pytest.mark.parametrize("base_url", ["https://api.example", "https://api.example/"])
def test_a_link_opens_its_file_until_it_expires(base_url: str, file_name: str) -> None:
    link = build_signed_link(KEY, base_url, IMPORT_ID, file_name, IN_A_WEEK)

    assert link.startswith(f"https://api.example/imports/{IMPORT_ID}/{file_name}?expires=")
    assert _open(link) is LinkVerdict.VALID
    assert _open(link, IN_A_WEEK - timedelta(seconds=1)) is LinkVerdict.VALID
    assert _open(link, IN_A_WEEK) is LinkVerdict.EXPIRED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (IMPORT_ID, "f" * 24),
        ("report.html", "failed.csv"),
        ("report.html", "accepted.csv"),
        ("expires=", "expires=9"),
        ("expires=", "expires=0"),
        ("expires=", "expires=%2B"),
        ("&signature=", "&signature=A"),
        ("&signature=", "&sig="),
    ],
)
def test_a_link_that_was_changed_opens_nothing(old: str, new: str) -> None:
    link = build_signed_link(KEY, "https://api.example", IMPORT_ID, "report.html", IN_A_WEEK)

    assert _open(link.replace(old, new, 1)) is LinkVerdict.INVALID


def test_a_key_that_was_replaced_ends_its_links() -> None:
    link = build_signed_link(KEY, "https://api.example", IMPORT_ID, "report.html", IN_A_WEEK)

    assert _open(link, key=b"the next key") is LinkVerdict.INVALID


def test_an_expired_link_that_is_not_genuine_is_only_invalid() -> None:
    query = {"expires": "1", "signature": "guess"}

    assert check_signed_link(KEY, IMPORT_ID, "report.html", query, NOW) is LinkVerdict.INVALID


@pytest.mark.parametrize("expires", ["", "-1", "1e9", "٣", "9" * 12, "soon"])
def test_an_expiry_that_is_no_time_opens_nothing_even_with_its_signature(expires: str) -> None:
    query = {"expires": expires, "signature": sign_link(KEY, IMPORT_ID, "report.html", expires)}

    assert check_signed_link(KEY, IMPORT_ID, "report.html", query, NOW) is LinkVerdict.INVALID


def test_a_link_needs_a_key() -> None:
    with pytest.raises(ValueError, match="empty"):
        sign_link(b"", IMPORT_ID, "report.html", "1")


@given(st.text(), st.text(), st.dictionaries(st.sampled_from(["expires", "signature", "x"]), st.text()))
def test_what_a_stranger_makes_up_opens_nothing(import_id: str, file_name: str, query: dict[str, str]) -> None:
    assert check_signed_link(KEY, import_id, file_name, query, NOW) is LinkVerdict.INVALID
    assert has_signature(query) == ("signature" in query)
