"""Read the API key of Cellcast from Secrets Manager, cache it, and refresh it once if Cellcast denies it."""

import json
import threading
from collections.abc import Callable

from contact_import.aws.secrets import read_secret_text
from contact_import.errors import SecretError

API_KEY_DENIED = "Cellcast rejected the API key"


class ApiKey:
    """The API key of a run, shared by its threads: fetched on first use, and once more if Cellcast denies it.

    `fetch` returns the key; with True it bypasses the cache that it may have.
    """

    def __init__(self, fetch: Callable[[bool], str]) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._value = ""
        self._is_refreshed = False

    def get(self) -> str:
        """Return the key. Raise SecretError if it cannot be read."""
        with self._lock:
            self._value = self._value or self._fetch(False)
            return self._value

    def get_replacement(self, denied_key: str) -> str:
        """Return the key that has replaced the denied one, "" if there is none. Raise SecretError as `get` does.

        The secret is fetched once a run. If several threads are denied at the same time, the first one fetches it, and
        the others get its key.
        """
        with self._lock:
            if self._value == denied_key and not self._is_refreshed:
                self._value, self._is_refreshed = self._fetch(True), True
            return "" if self._value == denied_key else self._value


def normalize_api_key(stored: str) -> str:
    """Return the key without spaces around it and without the `Bearer` that some people store with it.

    Raise SecretError, whose message does not contain the value, for a key that cannot be sent in a header.
    """
    key = stored.strip()
    if key.lower().split(maxsplit=1)[:1] == ["bearer"]:
        key = key[len("bearer") :].strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise SecretError("The API key is empty or contains characters that no key has.")
    return key


def read_api_key(name: str, fetch: Callable[[], str | bytes]) -> str:
    """Return the key of a secret that contains either the bare key or `{"api_key": "..."}`.

    Raise SecretError, whose message names the secret and never its value, and SecretUnavailableError if Secrets Manager
    does not respond.
    """
    text = read_secret_text(name, fetch)
    if text.startswith("{"):
        text = _parse_api_key_field(name, text)
    if not text:
        raise SecretError(f"The secret {name} is empty.")
    try:
        return normalize_api_key(text)
    except SecretError:
        raise SecretError(f"The secret {name} has no usable key: it has spaces or letters that no key has.") from None


def _parse_api_key_field(name: str, text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        raise SecretError(f"The secret {name} looks like JSON but is not valid.") from None
    key = value.get("api_key")
    if not isinstance(key, str):
        raise SecretError(f"The secret {name} has no text under api_key.")
    return key.strip()
