"""The one place that speaks with Cellcast over HTTP."""

import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.response import HTTPResponse
from urllib3.util import Retry, Timeout

BULK_PATH = "/api/v1/contact/bulk"
VERSION = "0.1.0"

_MAX_BODY_BYTES = 1024 * 1024
_CONNECT_SECONDS = 5.0
_READ_SECONDS = 30.0
_MAX_IDLE_SECONDS = 3.0  # Node's servers hang up after 5, just when the next request may be on its way


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """An answer, whole: a body of at most 1 MiB."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class NoResponse:
    """`sent` is False only when it is certain that nothing of the request reached the endpoint."""

    maybe_sent: bool
    reason: str


class _IdleLimitedConnection(HTTPConnection):
    """A connection that is not used again after a rest, since the other end may have gone without a word.

    So it is also after Lambda has frozen the process between two events.
    """

    max_idle_seconds = _MAX_IDLE_SECONDS
    _last_response_at = 0.0

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3 itself
        try:
            return super().getresponse()
        finally:
            self._last_response_at = time.monotonic()

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self._last_response_at < self.max_idle_seconds


class _IdleLimitedTlsConnection(_IdleLimitedConnection, HTTPSConnection):
    """One that tells a handshake that failed from a connection that broke later, when something was sent."""

    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, SSLError) as error:
            raise NewConnectionError(self, "no secure connection") from error


class _ConnectionPool(HTTPConnectionPool):
    ConnectionCls = _IdleLimitedConnection


class _TlsConnectionPool(HTTPSConnectionPool):
    ConnectionCls = _IdleLimitedTlsConnection


class Transport:
    """One session for all threads: connections are kept alive, redirects are not followed, nothing is retried.

    The environment has no say: no proxy, no .netrc, no other certificates. The key is in no `repr`, exception
    or answer that leaves this class.
    """

    def __init__(self, url: str, *, connections: int = 4, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._session = requests.Session()
        self._session.trust_env = False
        self._adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=Retry(0, read=False))
        self._adapter.poolmanager.pool_classes_by_scheme = {"http": _ConnectionPool, "https": _TlsConnectionPool}
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)
        self._session.headers = {  # in place of requests' own, which tell its version
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": f"cellcast-contact-importer/{VERSION}",
        }
        self._post_template: requests.PreparedRequest | None = None

    def post(self, body: bytes, api_key: str, timeout: float = _READ_SECONDS) -> ApiResponse | NoResponse:
        """Send contacts and take at most `seconds` over all of it. It does not raise."""
        return self._send(BULK_PATH, body, api_key, timeout)

    def get(self, path: str, api_key: str, timeout: float = _READ_SECONDS) -> ApiResponse | NoResponse:
        """Ask something, in the same way."""
        return self._send(path, None, api_key, timeout)

    def _send(self, path: str, body: bytes | None, api_key: str, timeout: float) -> ApiResponse | NoResponse:
        deadline = self._clock() + timeout
        timeouts = Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS, total=timeout)
        try:
            with self._adapter.send(
                self._build_request(path, body, api_key),
                stream=True,
                verify=self._session.verify or True,
                timeout=timeouts,  # type: ignore[arg-type]  # requests hands urllib3's own class on as it is
            ) as response:
                content = self._read_body(response, deadline)
                if content is None:
                    return NoResponse(maybe_sent=True, reason="the answer did not end in time")
                headers = {
                    name: _mask_api_key(value.encode(), api_key).decode() for name, value in response.headers.items()
                }
                return ApiResponse(response.status_code, headers, _mask_api_key(content, api_key))
        except (requests.RequestException, HTTPError, OSError) as error:
            # The exception holds the request with its headers: it goes no further.
            return NoResponse(maybe_sent=not _is_before_sending(error), reason=_describe_error(error))

    def _build_request(self, path: str, body: bytes | None, api_key: str) -> requests.PreparedRequest:
        """What all requests with contacts have in common is prepared once, which takes as long as to send one."""
        if body is None:
            request = self._session.prepare_request(requests.Request("GET", self._url + path))
            request.headers["Authorization"] = f"Bearer {api_key}"
            return request
        self._post_template = self._post_template or self._session.prepare_request(
            requests.Request("POST", self._url + path)
        )
        request = self._post_template.copy()
        request.body = body
        request.headers.update({"Authorization": f"Bearer {api_key}", "Content-Length": str(len(body))})
        return request

    def _read_body(self, response: requests.Response, deadline: float) -> bytes | None:
        """The body, cut at its bound; None when it drips on beyond the deadline."""
        content = bytearray()
        # One byte may come at a time, and each would renew the read time-out: hence a deadline of our own.
        while chunk := response.raw.read1(64 * 1024, decode_content=True):
            content += chunk
            if len(content) > _MAX_BODY_BYTES:
                return bytes(content[:_MAX_BODY_BYTES])
            if self._clock() > deadline:
                return None
        return bytes(content)


def _mask_api_key(text: bytes, api_key: str) -> bytes:
    """Without the key, as it is or as JSON writes it: quotes, backslashes and, in PHP's way, slashes escaped."""
    in_json = json.dumps(api_key)[1:-1]
    for form in (api_key, in_json, in_json.replace("/", r"\/")):
        text = text.replace(form.encode(), b"***")
    return text


def _is_before_sending(error: Exception) -> bool:
    """Whether the connection itself failed, so that no byte of the request can have arrived."""
    reason = _get_urllib3_error(error)
    # A ValueError is requests' word for an address or a header that cannot be: InvalidURL and its kin.
    return isinstance(error, ValueError) or isinstance(reason, ConnectTimeoutError)


def _get_urllib3_error(error: Exception) -> object:
    """urllib3's own exception, which requests wraps twice."""
    wrapped = error.args[0] if error.args else None
    return getattr(wrapped, "reason", wrapped)


def _get_connect_error(error: Exception) -> object:
    """What stood behind a connection that could not be made."""
    return getattr(_get_urllib3_error(error), "__cause__", None)


def _describe_error(error: Exception) -> str:
    """For people, and free of what the exception's own text may hold."""
    if isinstance(_get_connect_error(error), ssl.SSLCertVerificationError):
        return "the endpoint's certificate is not trusted"
    if _is_before_sending(error):
        return "no connection could be made"
    if isinstance(error, requests.ReadTimeout | ReadTimeoutError):
        return "no answer came in time"
    return "the connection broke before the answer was complete"
