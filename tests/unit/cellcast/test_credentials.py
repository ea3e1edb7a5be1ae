"""The API key: the forms in which it may be stored, and its replacement during a run."""

import pytest

from contact_import.cellcast.credentials import ApiKey, normalize_api_key, read_api_key
from contact_import.errors import SecretError

SECRET = "cc-secret-key"


@pytest.mark.parametrize("stored", [SECRET, f" {SECRET}\n", f"Bearer {SECRET}", f"bearer  {SECRET} "])
def test_the_prefix_is_never_there_twice(stored: str) -> None:
    assert normalize_api_key(stored) == SECRET


@pytest.mark.parametrize("stored", ["", "Bearer ", "two words", "naïve", "line\nbreak", "\x00"])
def test_a_key_that_no_header_takes_is_an_error_without_its_value(stored: str) -> None:
    with pytest.raises(SecretError) as raised:
        normalize_api_key(stored)

    assert not stored.strip() or stored not in str(raised.value)


@pytest.mark.parametrize(
    "stored", [SECRET, f"Bearer {SECRET}", f'{{"api_key": " {SECRET} ", "x": 1}}', SECRET.encode()]
)
def test_a_key_is_read_as_text_or_from_json(stored: str | bytes) -> None:
    assert read_api_key("cellcast/api-key", lambda: stored) == SECRET


@pytest.mark.parametrize("stored", ["", '{"key": "hidden"}', '{"api_key": "hidden"', '{"api_key": 1}', "hidden words"])
def test_a_secret_that_holds_no_key_is_named_without_its_value(stored: str) -> None:
    with pytest.raises(SecretError, match="The secret cellcast/api-key ") as raised:
        read_api_key("cellcast/api-key", lambda: stored)

    assert "hidden" not in str(raised.value)


def test_a_key_is_fetched_once_and_replaced_once() -> None:
    fetched: list[bool] = []

    def fetch(is_fresh: bool) -> str:
        fetched.append(is_fresh)
        return f"key {len(fetched)}"

    api_key = ApiKey(fetch)

    assert [api_key.get(), api_key.get()] == ["key 1", "key 1"]
    assert api_key.get_replacement("key 1") == "key 2"
    assert api_key.get_replacement("key 1") == "key 2"  # another thread, denied at the same time
    assert api_key.get_replacement("key 2") == ""
    assert fetched == [False, True]


def test_a_secret_without_a_new_key_has_no_replacement() -> None:
    api_key = ApiKey(lambda _fresh: "key")

    assert api_key.get_replacement(api_key.get()) == ""
