"""Build the Cellcast clients of one machine: without a deadline, with one shared rate limiter, stopped by Ctrl-C."""

import threading
import time
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.credentials import ApiKey
from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.handlers import dependencies

if TYPE_CHECKING:
    from contact_import.settings import Settings

_PATIENCE_SECONDS = 840.0  # the longest pause that Cellcast may ask for: what a Lambda function has
_FAR_AWAY_SECONDS = 1e8
_MAX_CLIENTS = 32  # more than run at the same time


@dataclass(slots=True)
class _UnhurriedClient(CellcastClient):
    """A client whose time never ends, but which waits for no single answer longer than a Lambda function would."""

    @property
    def remaining_seconds(self) -> float:
        return min(_PATIENCE_SECONDS, self.deadline - self.clock())


class SendingControl:
    """Builds the clients in place of `dependencies.build_client`, and stops all of them together."""

    def __init__(self) -> None:
        self._clients: deque[CellcastClient] = deque(maxlen=_MAX_CLIENTS)
        self._stopped = threading.Event()
        self._reason = ""
        self._lock = threading.Lock()
        self._rate_limiter: RateLimiter | None = None

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def stop(self, reason: str) -> None:
        """Stop all clients from beginning a request; those in flight finish. `reason` is for the report."""
        with self._lock:
            self._reason = reason
            for client in self._clients:
                client.stop(reason, is_failure=False)
        self._stopped.set()

    def find_outage_seconds(self) -> float:
        """Return for how long no client has got an answer from Cellcast, 0 when the last request was answered."""
        with self._lock:
            since = [one._unreachable_since for one in self._clients if not one.stop_reason]  # noqa: SLF001
        return max((time.monotonic() - one for one in since if one is not None), default=0.0)

    def build_client(
        self,
        settings: "Settings",
        context: object,
        outage_timeout: float,
        reserve: float = 0.0,
        *,
        is_interactive: bool = False,
    ) -> CellcastClient:
        """Build a client as `dependencies.build_client` does, but for the end of the invocation."""
        del context, reserve, is_interactive
        transport = dependencies.get_transport(settings.cellcast_url, settings.concurrency)
        with self._lock:
            if not self._rate_limiter:
                self._rate_limiter = RateLimiter(settings.calls_per_second, sleep=self._sleep)
            client = _UnhurriedClient(
                post=transport.post,
                get=transport.get,
                api_key=ApiKey(partial(dependencies.fetch_api_key, settings.cellcast_secret)),
                rate_limiter=self._rate_limiter,
                deadline=time.monotonic() + _FAR_AWAY_SECONDS,
                on_ambiguous=settings.on_ambiguous,
                outage_timeout=outage_timeout,
                is_sandbox=settings.sandbox,
                sleep=self._sleep,
            )
            if self._reason:
                client.stop(self._reason, is_failure=False)
            self._clients.append(client)
        return client

    def _sleep(self, seconds: float) -> None:
        self._stopped.wait(seconds)
