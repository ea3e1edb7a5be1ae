"""The API key of Cellcast: read from Secrets Manager, cached, and read again after a 401."""

import json
import threading
from collections.abc import Callable

from contact_import.aws.secrets import read_secret_text
from contact_import.errors import SecretError


class ApiKey:
    """The API key of a run: read when it is first needed, and once more when Cellcast does not take it."""

    def __init__(self, fetch: Callable[[bool], str]) -> None:
        self._fetch = fetch  # True: not from the cache
        self._lock = threading.Lock()
        self._value = ""
        self._is_refreshed = False

    def get(self) -> str:
        with self._lock:
            self._value = self._value or self._fetch(False)
            return self._value

    def get_replacement(self, denied_key: str) -> str:
        """Another key than the denied one, "" when there is none."""
        with self._lock:
            if self._value == denied_key and not self._is_refreshed:
                self._value, self._is_refreshed = self._fetch(True), True
            return "" if self._value == denied_key else self._value


def normalize_api_key(stored: str) -> str:
    """The key as the header takes it: without the `Bearer` that some people store with it.

    Raise SecretError, without its value, for a key that cannot be sent in a header.
    """
    key = stored.strip()
    if key.lower().split(maxsplit=1)[:1] == ["bearer"]:
        key = key[len("bearer") :].strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise SecretError("The API key is empty or holds characters that no key has.")
    return key


def read_api_key(name: str, fetch: Callable[[], str | bytes]) -> str:
    """The bare key, or `{"api_key": "..."}`.

    Raise SecretError, in one sentence that names the secret and never its value; SecretUnavailableError when it is only
    that nobody answers.
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
