"""The sender configuration is loaded seldom, and a rotated secret works immediately."""

import json

import pytest

from contact_import.errors import SecretError
from contact_import.webhooks.senders.config_cache import SenderConfigCache


class SecretStore:
    """A secret that changes and may be out of reach, and a clock in seconds."""

    def __init__(self) -> None:
        self.token, self.now, self.reads, self.is_available = "first", 0.0, 0, True

    def fetch(self) -> str:
        self.reads += 1
        if not self.is_available:
            raise SecretError("The secret cannot be read.")
        return json.dumps({"tokens": [self.token]})


def test_a_configuration_is_loaded_every_five_minutes() -> None:
    store = SecretStore()
    cache = SenderConfigCache(store.fetch, lambda: store.now)

    first = cache.get()
    store.token, store.now = "second", 299.0
    assert cache.get() is first
    store.now = 300.0

    assert (cache.get().tokens, store.reads) == (("second",), 2)


def test_a_failed_request_reloads_it_once_a_minute() -> None:
    store = SecretStore()
    cache = SenderConfigCache(store.fetch, lambda: store.now)
    cache.get()

    assert cache.refresh() is None  # unchanged
    store.token, store.now = "second", 59.0
    assert cache.refresh() is None  # too soon
    store.now = 60.0
    refreshed = cache.refresh()

    assert refreshed
    assert (refreshed.tokens, store.reads) == (("second",), 3)


def test_while_the_secret_cannot_be_read_the_last_one_is_valid() -> None:
    store = SecretStore()
    cache = SenderConfigCache(store.fetch, lambda: store.now)
    first = cache.get()
    store.is_available, store.now = False, 1_000.0

    assert cache.get() is first
    assert cache.refresh() is None


def test_without_any_configuration_the_error_is_raised() -> None:
    store = SecretStore()
    store.is_available = False

    with pytest.raises(SecretError):
        SenderConfigCache(store.fetch, lambda: store.now).get()
