"""Who may come in, as the secret says by now."""

import math
from collections.abc import Callable

from contact_import.errors import SecretError
from contact_import.webhooks.senders.config import SenderConfig, parse_sender_config

_TTL_SECONDS = 300.0
_REFRESH_COOLDOWN_SECONDS = 60.0  # before a stranger makes us read the secret once more


class SenderConfigCache:
    """The secret behind `HOOKS_SECRET`, kept for five minutes and read anew when somebody is turned away by it.

    So a rotated secret works at once, and nobody can make us read it more than once a minute. `fetch` raises
    SecretError; while it does, what was read last still holds.
    """

    def __init__(self, fetch: Callable[[], str], clock: Callable[[], float]) -> None:
        self._fetch, self._clock = fetch, clock
        self._text = ""
        self._config: SenderConfig | None = None
        self._loaded_at = self._refreshed_at = -math.inf

    def get(self) -> SenderConfig:
        """Raise SecretError when the secret cannot be used, and never could."""
        if self._config is None:
            self._config = self._load()
        elif self._clock() - self._loaded_at >= _TTL_SECONDS:
            self._try_load()
        return self._config

    def refresh(self) -> SenderConfig | None:
        """What the secret says now, for somebody who is turned away by what it said; None when that is the same."""
        if self._clock() - self._refreshed_at < _REFRESH_COOLDOWN_SECONDS:
            return None
        self._refreshed_at = self._clock()
        previous = self._config
        self._try_load()
        return self._config if self._config is not previous else None

    def _try_load(self) -> None:
        try:
            self._config = self._load()
        except SecretError:
            self._loaded_at = self._clock()

    def _load(self) -> SenderConfig:
        text = self._fetch()
        config = self._config if self._config and text == self._text else parse_sender_config(text)
        self._text, self._loaded_at = text, self._clock()
        return config
