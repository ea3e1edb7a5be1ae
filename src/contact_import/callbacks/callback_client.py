"""Post a callback: to a public address only, without redirects, and never for longer than some seconds."""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from contact_import.callbacks.callback_url import is_callable_address, parse_callback_url

_CONNECT_SECONDS = 5.0
_TOTAL_SECONDS = 15.0  # the specification of Standard Webhooks recommends 15 to 30
_SUCCESS = range(200, 300)
GONE = 410  # the receiver wants no more calls, by the same specification

DELIVERED = ""
REFUSED_URL = "the address may not be called"
PRIVATE_ADDRESS = "the host has no public address"

type Resolve = Callable[[str, int], list[str]]


def resolve_host(host: str, port: int) -> list[str]:
    """Return the IPv4 addresses of a host: Lambda reaches no others. Raise OSError if there are none."""
    found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


class CallbackClient:
    """A client that posts callbacks; with `allow_loopback` also to plain http on this machine, as no function does.

    It ignores the environment: no proxy and no .netrc.
    """

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        resolve: Resolve = resolve_host,
        make_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        total_seconds: float = _TOTAL_SECONDS,
    ) -> None:
        self._allow_loopback, self._resolve = allow_loopback, resolve
        self._make_tls, self._total_seconds = make_tls, total_seconds

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> str:
        """Send one request. Return "" if the receiver accepted it or wants no more calls, else why not. Never raise.

        The reason contains nothing of the address, which may have a token in it, and nothing of the response.
        """
        parsed = parse_callback_url(url, allow_loopback=self._allow_loopback)
        if parsed is None:
            return REFUSED_URL
        try:
            addresses = self._resolve(parsed.host, parsed.port)
        except (OSError, UnicodeError):
            return "the host is unknown"
        if not addresses or not all(is_callable_address(one, is_tls=parsed.is_tls) for one in addresses):
            return PRIVATE_ADDRESS
        tls = self._make_tls() if parsed.is_tls else None
        connection = _PinnedConnection(parsed.host, parsed.port, addresses[0], tls)
        # A receiver that sends one byte at a time renews each time-out of the socket: hence a limit for all of it.
        limit = threading.Timer(self._total_seconds, connection.abort)
        limit.start()
        try:
            connection.request("POST", parsed.target, body, dict(headers))
            status = connection.getresponse().status
        except ssl.SSLCertVerificationError:
            return "its certificate is not trusted"
        except (OSError, http.client.HTTPException, ValueError):
            return "no answer in time" if connection.is_aborted else "no answer"
        finally:
            limit.cancel()
            connection.close()
        return DELIVERED if status in _SUCCESS or status == GONE else f"HTTP {status}"


class _PinnedConnection(http.client.HTTPConnection):
    """A connection to an IP address that was checked.

    The name is not resolved a second time, because it could then have another address (DNS rebinding).
    """

    def __init__(self, host: str, port: int, address: str, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=_CONNECT_SECONDS)
        self._address, self._tls = address, tls
        self.is_aborted = False
        self.default_port = http.client.HTTPS_PORT if tls else http.client.HTTP_PORT  # is not in the Host header

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), _CONNECT_SECONDS)
        self.sock.settimeout(_TOTAL_SECONDS)
        if self._tls:
            # The handshake comes after the assignment, so that `abort` ends it too.
            tls_sock = self._tls.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = tls_sock
            tls_sock.do_handshake()

    def abort(self) -> None:
        """Close the connection from another thread."""
        self.is_aborted = True  # first: the other thread continues as soon as the socket is closed
        if sock := self.sock:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
