"""Who may come in, as the secret says by now."""

import math
from collections.abc import Callable

from contact_import.errors import SecretError
from contact_import.webhooks.senders.config import Hooks, parse_hooks

_KEPT_SECONDS = 300.0
_AGAIN_SECONDS = 60.0  # before a stranger makes us read the secret once more


class Guests:
    """The secret behind `HOOKS_SECRET`, kept for five minutes and read anew when somebody is turned away by it.

    So a rotated secret works at once, and nobody can make us read it more than once a minute. `fetch` raises
    SecretError; while it does, what was read last still holds.
    """

    def __init__(self, fetch: Callable[[], str], clock: Callable[[], float]) -> None:
        self._fetch, self._clock = fetch, clock
        self._text = ""
        self._hooks: Hooks | None = None
        self._read_at = self._turned_away_at = -math.inf

    def known(self) -> Hooks:
        """Raise SecretError when the secret cannot be used, and never could."""
        if self._hooks is None:
            self._hooks = self._read()
        elif self._clock() - self._read_at >= _KEPT_SECONDS:
            self._try()
        return self._hooks

    def anew(self) -> Hooks | None:
        """What the secret says now, for somebody who is turned away by what it said; None when that is the same."""
        if self._clock() - self._turned_away_at < _AGAIN_SECONDS:
            return None
        self._turned_away_at = self._clock()
        before = self._hooks
        self._try()
        return self._hooks if self._hooks is not before else None

    def _try(self) -> None:
        try:
            self._hooks = self._read()
        except SecretError:
            self._read_at = self._clock()

    def _read(self) -> Hooks:
        text = self._fetch()
        hooks = self._hooks if self._hooks and text == self._text else parse_hooks(text)
        self._text, self._read_at = text, self._clock()
        return hooks
