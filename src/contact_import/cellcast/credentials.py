"""The API key of Cellcast: read from Secrets Manager, cached, and refreshed once when Cellcast denies it."""

import json
import threading
from collections.abc import Callable

from contact_import.aws.secrets import read_secret_text
from contact_import.errors import SecretError

API_KEY_DENIED = "Cellcast did not take the API key"


class ApiKey:
    """The API key of a run, shared by its threads: fetched on first use, and once more when Cellcast denies it.

    `fetch` returns the key; with True it bypasses the cache that it may have.
    """

    def __init__(self, fetch: Callable[[bool], str]) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._value = ""
        self._is_refreshed = False

    def get(self) -> str:
        """Return the key. Raise SecretError when it cannot be read."""
        with self._lock:
            self._value = self._value or self._fetch(False)
            return self._value

    def get_replacement(self, denied_key: str) -> str:
        """Return the key that has replaced the denied one, "" when there is none. Raise SecretError as `get` does.

        The secret is fetched once a run: when several threads are denied at the same time, the others get the key that
        the first one fetched.
        """
        with self._lock:
            if self._value == denied_key and not self._is_refreshed:
                self._value, self._is_refreshed = self._fetch(True), True
            return "" if self._value == denied_key else self._value


def normalize_api_key(stored: str) -> str:
    """Return the key as the header takes it: without the `Bearer` that some people store with it.

    Raise SecretError, which does not contain the value, for a key that cannot be sent in a header.
    """
    key = stored.strip()
    if key.lower().split(maxsplit=1)[:1] == ["bearer"]:
        key = key[len("bearer") :].strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise SecretError("The API key is empty or holds characters that no key has.")
    return key


def read_api_key(name: str, fetch: Callable[[], str | bytes]) -> str:
    """Return the key of a secret that holds either the bare key or `{"api_key": "..."}`.

    Raise SecretError in one sentence that names the secret and never its value, SecretUnavailableError when Secrets
    Manager does not respond.
    """
    text = read_secret_text(name, fetch)
    if text.startswith("{"):
        text = _parse_api_key_field(name, text)
    if not text:
        raise SecretError(f"The secret {name} is empty.")
    try:
        return normalize_api_key(text)
    except SecretError:
        raise SecretError(f"The secret {name} holds no usable key: it has blanks or letters no key has.") from None


def _parse_api_key_field(name: str, text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        raise SecretError(f"The secret {name} looks like JSON and is not.") from None
    key = value.get("api_key")
    if not isinstance(key, str):
        raise SecretError(f"The secret {name} has no text under api_key.")
    return key.strip()
