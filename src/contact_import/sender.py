"""The one place that speaks with Cellcast over HTTP."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import Retry

from contact_import.errors import SecretError

BULK = "/api/v1/contact/bulk"
VERSION = "0.1.0"

_MAX_BODY_BYTES = 1024 * 1024
_CONNECT_SECONDS = 5.0
_READ_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whole: a body of at most 1 MiB."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class NoReply:
    """`sent` is False only when it is certain that nothing of the request reached the endpoint."""

    sent: bool
    words: str


class Sender:
    """One session for all threads: connections are kept alive, redirects are not followed, nothing is retried.

    The environment has no say: no proxy, no .netrc, no other certificates. The key is in no `repr`, exception
    or answer that leaves this class.
    """

    def __init__(self, url: str, *, connections: int = 4, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url + BULK
        self._clock = clock
        self._session = requests.Session()
        self._session.trust_env = False
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=Retry(0, read=False))
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.headers = {  # in place of requests' own, which tell its version
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": f"cellcast-contact-importer/{VERSION}",
        }

    def post(self, body: bytes, key: str, seconds: float = _READ_SECONDS) -> Reply | NoReply:
        """Send one request and take at most `seconds` over all of it. It does not raise."""
        until = self._clock() + seconds
        timeouts = (min(_CONNECT_SECONDS, seconds), min(_READ_SECONDS, seconds))
        try:
            with self._session.post(
                self._url,
                data=body,
                headers={"Authorization": f"Bearer {key}"},
                timeout=timeouts,
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = self._body(response, until)
                if answer is None:
                    return NoReply(sent=True, words="the answer did not end in time")
                headers = {name: value.replace(key, "***") for name, value in response.headers.items()}
                return Reply(response.status_code, headers, answer.replace(key.encode(), b"***"))
        except (requests.RequestException, HTTPError, OSError) as error:
            # The exception holds the request with its headers: it goes no further.
            return NoReply(sent=not _is_before_sending(error), words=_words(error))

    def _body(self, response: requests.Response, until: float) -> bytes | None:
        """The body, cut at its bound; None when it drips on beyond the deadline."""
        parts = bytearray()
        # One byte may come at a time, and each would renew the read time-out: hence a deadline of our own.
        while part := response.raw.read1(64 * 1024, decode_content=True):
            parts += part
            if len(parts) > _MAX_BODY_BYTES:
                return bytes(parts[:_MAX_BODY_BYTES])
            if self._clock() > until:
                return None
        return bytes(parts)


def bearer(secret: str) -> str:
    """The key as the header takes it: without the `Bearer` that some people store with it.

    Raise SecretError, without its value, for a key that cannot be sent in a header.
    """
    key = secret.strip()
    if key.lower().split(maxsplit=1)[:1] == ["bearer"]:
        key = key[len("bearer") :].strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise SecretError("The API key is empty or holds characters that no key has.")
    return key


def _is_before_sending(error: Exception) -> bool:
    """Whether the connection itself failed, so that no byte of the request can have arrived."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    refused = (NewConnectionError, ConnectTimeoutError, NameResolutionError, SSLError)
    return isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError) or isinstance(reason, refused)


def _words(error: Exception) -> str:
    """For people, and free of what the exception's own text may hold."""
    if isinstance(error, requests.exceptions.SSLError):
        return "the endpoint's certificate is not trusted"
    if isinstance(error, requests.ConnectTimeout) or _is_before_sending(error):
        return "no connection could be made"
    if isinstance(error, requests.ReadTimeout | ReadTimeoutError):
        return "no answer came in time"
    return "the connection broke before the answer was complete"
