"""Send HTTP requests to Cellcast. No other module opens a connection to it."""

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

from contact_import.domain.http import USER_AGENT

BULK_PATH = "/api/v1/contact/bulk"
VERSION = "1.0.0"

_MAX_BODY_BYTES = 1024 * 1024  # a response names at most each contact of a request; a larger one is a fault
_CONNECT_SECONDS = 5.0
_READ_SECONDS = 30.0
# Node's servers close an idle connection after 5 s (https://nodejs.org/api/http.html#serverkeepalivetimeout). A request
# that is sent at that moment is lost, and ambiguous.
_MAX_IDLE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """A complete response. Its body ends after 1 MiB; the API key is masked wherever it occurs."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class NoResponse:
    """A request without a complete response. `maybe_sent` is False only if certainly no byte of it has arrived."""

    maybe_sent: bool
    reason: str


class _IdleLimitedConnection(HTTPConnection):
    """A connection that is not reused after some idle seconds, because the server may have closed it meanwhile.

    Lambda freezes the process between two events, so a connection can be idle for minutes.
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
    """The same over TLS. A failed handshake raises NewConnectionError: nothing of the request was sent before it."""

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
    """One HTTP session for all threads: it keeps connections alive, follows no redirect and retries nothing.

    It ignores the environment: no proxy, no .netrc, no other certificates. No `repr`, exception or response that leaves
    this class contains the API key. `url` has no path; `connections` is the number of threads that send.
    """

    def __init__(self, url: str, *, connections: int = 4, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._session = requests.Session()
        self._session.trust_env = False  # a .netrc would replace the Authorization header
        self._adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=Retry(0, read=False))
        self._adapter.poolmanager.pool_classes_by_scheme = {"http": _ConnectionPool, "https": _TlsConnectionPool}
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)
        self._session.headers = {  # replaces requests' own headers, which reveal its version
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": f"{USER_AGENT}/{VERSION}",
        }
        self._post_template: requests.PreparedRequest | None = None

    def post(self, body: bytes, api_key: str, timeout: float = _READ_SECONDS) -> ApiResponse | NoResponse:
        """Send a request with contacts, in at most `timeout` seconds for all of it. Never raise."""
        return self._send(BULK_PATH, body, api_key, timeout)

    def get(self, path: str, api_key: str, timeout: float = _READ_SECONDS) -> ApiResponse | NoResponse:
        """Send a query, in at most `timeout` seconds for all of it. Never raise."""
        return self._send(path, None, api_key, timeout)

    def _send(self, path: str, body: bytes | None, api_key: str, timeout: float) -> ApiResponse | NoResponse:
        # The adapter, not `Session.send`, which would follow redirects: a 307 sends the contacts to another host.
        deadline = self._clock() + timeout
        timeouts = Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS, total=timeout)
        try:
            with self._adapter.send(
                self._build_request(path, body, api_key),
                stream=True,
                verify=self._session.verify or True,
                timeout=timeouts,  # type: ignore[arg-type]  # requests passes urllib3's own class on unchanged
            ) as response:
                content = self._read_body(response, deadline)
                if content is None:
                    return NoResponse(maybe_sent=True, reason="the response did not end in time")
                headers = {
                    name: _mask_api_key(value.encode(), api_key).decode() for name, value in response.headers.items()
                }
                return ApiResponse(response.status_code, headers, _mask_api_key(content, api_key))
        except (requests.RequestException, HTTPError, OSError) as error:
            # The exception contains the request, and with it the API key: it must not leave this method.
            return NoResponse(maybe_sent=not _is_before_sending(error), reason=_describe_error(error))

    def _build_request(self, path: str, body: bytes | None, api_key: str) -> requests.PreparedRequest:
        """Return a prepared request."""
        if body is None:
            request = self._session.prepare_request(requests.Request("GET", self._url + path))
            request.headers["Authorization"] = f"Bearer {api_key}"
            return request
        # The POST is prepared once and then copied: preparing one takes as much CPU time as sending it.
        self._post_template = self._post_template or self._session.prepare_request(
            requests.Request("POST", self._url + path)
        )
        request = self._post_template.copy()
        request.body = body
        request.headers.update({"Authorization": f"Bearer {api_key}", "Content-Length": str(len(body))})
        return request

    def _read_body(self, response: requests.Response, deadline: float) -> bytes | None:
        """Return the body up to its limit, None if it is not complete by the deadline."""
        content = bytearray()
        # A server may send one byte at a time, and each byte renews the read time-out: this deadline is for all of it.
        while chunk := response.raw.read1(64 * 1024, decode_content=True):
            content += chunk
            if len(content) > _MAX_BODY_BYTES:
                return bytes(content[:_MAX_BODY_BYTES])
            if self._clock() > deadline:
                return None
        return bytes(content)


def _mask_api_key(text: bytes, api_key: str) -> bytes:
    """Return the text without the key, which may be plain, escaped as in JSON, or as in PHP's JSON (slashes too)."""
    in_json = json.dumps(api_key)[1:-1]
    for form in (api_key, in_json, in_json.replace("/", r"\/")):
        text = text.replace(form.encode(), b"***")
    return text


def _is_before_sending(error: Exception) -> bool:
    """Return whether the connection itself failed, before any byte of the request could arrive."""
    reason = _get_urllib3_error(error)
    # requests raises a ValueError (InvalidURL, InvalidHeader) for a request that it cannot send.
    return isinstance(error, ValueError) or isinstance(reason, ConnectTimeoutError)


def _get_urllib3_error(error: Exception) -> object:
    """Return urllib3's own exception, which requests wraps twice."""
    wrapped = error.args[0] if error.args else None
    return getattr(wrapped, "reason", wrapped)


def _get_connect_error(error: Exception) -> object:
    """Return the cause of a failed connection, such as a certificate error."""
    return getattr(_get_urllib3_error(error), "__cause__", None)


def _describe_error(error: Exception) -> str:
    """Return a reason for people, without the exception's own text, which may contain the URL or the key."""
    if isinstance(_get_connect_error(error), ssl.SSLCertVerificationError):
        return "the endpoint's certificate is not trusted"
    if _is_before_sending(error):
        return "no connection could be made"
    if isinstance(error, requests.ReadTimeout | ReadTimeoutError):
        return "there was no response in time"
    return "the connection broke before the response was complete"
