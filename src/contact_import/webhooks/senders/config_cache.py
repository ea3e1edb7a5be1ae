"""Cache the configuration of webhook senders, and reload it when a request fails to authenticate."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from contact_import.errors import SecretError
from contact_import.webhooks.senders.config import SenderConfig, parse_sender_config

_TTL_SECONDS = 300.0
# Anyone can send a request that fails, and a read from Secrets Manager costs money: at most one a minute.
_REFRESH_COOLDOWN_SECONDS = 60.0


class SenderConfigCache:
    """A cache of the parsed secret of `HOOKS_SECRET`, valid for five minutes.

    The caller refreshes it when a request fails to authenticate, so a rotated secret works immediately. `fetch` returns
    the text of the secret, or raises SecretError; then the last configuration stays valid. `clock` counts seconds.
    Fetching and parsing run inside `watch()`, which sees the error of a malformed text also when it stays unused.
    """

    def __init__(
        self,
        fetch: Callable[[], str],
        clock: Callable[[], float],
        watch: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._fetch, self._clock, self._watch = fetch, clock, watch
        self._text = ""
        self._config: SenderConfig | None = None
        self._loaded_at = self._refreshed_at = -math.inf

    def get(self) -> SenderConfig:
        """Return the configuration. Raise SecretError if no usable one was ever loaded."""
        if self._config is None:
            self._config = self._load()
        elif self._clock() - self._loaded_at >= _TTL_SECONDS:
            self._try_load()
        return self._config

    def refresh(self) -> SenderConfig | None:
        """Return the reloaded configuration, None if it is unchanged or was reloaded less than a minute ago."""
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
            # Keep the last configuration, and wait out the TTL: Secrets Manager is not asked at each request.
            self._loaded_at = self._clock()

    def _load(self) -> SenderConfig:
        with self._watch():
            text = self._fetch()
            # The same object for the same text: `refresh` compares by identity.
            config = self._config if self._config and text == self._text else parse_sender_config(text)
        self._text, self._loaded_at = text, self._clock()
        return config
