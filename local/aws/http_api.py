"""An HTTP API on loopback in place of API Gateway.

docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import os
import re
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

_MAX_BODY_BYTES = 10_000_000  # API Gateway itself takes no more
_TEXT_TYPES = re.compile(r"text/.*|application/(json|xml|javascript)")
_IDLE_SECONDS = 30.0  # API Gateway ends an integration after 30 seconds too

type EventHandler = Callable[[dict[str, Any]], dict[str, Any]]


def build_event(method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes = b"") -> dict[str, Any]:
    """Return the event, payload format 2.0, for a request; `target` is its path and query as sent.

    The body is in base64 unless its content type is text, JSON, XML or JavaScript and it is UTF-8.
    """
    path, _, query = target.partition("?")
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        joined[key] = f"{joined[key]},{value}" if key in joined else value
    cookies = [one.strip() for one in joined.pop("cookie", "").split(";") if one.strip()]
    text = _decode_text_body(body, joined.get("content-type", ""))
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": unquote(path),
        "rawQueryString": query,
        "headers": joined,
        "queryStringParameters": dict(parse_qsl(query, keep_blank_values=True)),
        "requestContext": {
            "domainName": joined.get("host", ""),
            "http": {"method": method, "path": unquote(path), "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
            "requestId": str(uuid.uuid4()),
            "stage": "$default",
            "timeEpoch": int(time.time() * 1000),
        },
        "isBase64Encoded": text is None,
    }
    if cookies:
        event["cookies"] = cookies
    if body:
        event["body"] = base64.b64encode(body).decode() if text is None else text
    return event


def _decode_text_body(body: bytes, content_type: str) -> str | None:
    """Return the text of a body, None for one that goes in base64."""
    if not _TEXT_TYPES.fullmatch(content_type.partition(";")[0].strip().lower()):
        return None if body else ""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


class HttpApi(ThreadingHTTPServer):
    """Answers each request with the response that `handler` returns for its event.

    The body of a response is a text, or the path of a file. Raise OSError when the port is taken.
    """

    daemon_threads = True  # an idle keep-alive connection does not delay the exit
    request_queue_size = 1024

    def __init__(self, port: int, handler: EventHandler) -> None:
        self._handler = handler
        self._active_requests = 0
        self._idle = threading.Condition()
        super().__init__(("127.0.0.1", port), _RequestHandler)

    def handle_event(self, event: dict[str, Any]) -> dict[str, Any]:
        with self._idle:
            self._active_requests += 1
        try:
            return self._handler(event)
        finally:
            with self._idle:
                self._active_requests -= 1
                self._idle.notify_all()

    def drain_and_close(self) -> None:
        """Accept no more connections and wait, 30 seconds at most, for the requests that are being answered."""
        self.shutdown()
        with self._idle:
            self._idle.wait_for(lambda: not self._active_requests, timeout=_IDLE_SECONDS)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that closed its connection."""


class _RequestHandler(BaseHTTPRequestHandler):
    server: HttpApi
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "contact-import", ""
    timeout = _IDLE_SECONDS
    wbufsize = -1  # head and body in one packet: apart, each answer waits 40 ms for an acknowledgement
    disable_nagle_algorithm = True

    def _respond(self) -> None:
        body = self._read_body()
        if body is None:
            return
        # API Gateway adds x-forwarded-proto; a tunnel in front of this server sends its own.
        headers = [("x-forwarded-proto", "http")] if "x-forwarded-proto" not in self.headers else []
        try:
            response = self.server.handle_event(
                build_event(self.command, self.path, [*self.headers.items(), *headers], body)
            )
        except Exception:  # API Gateway's own response when the function raises
            self._send_response(500, {"content-type": "application/json"}, b'{"message":"Internal Server Error"}')
            raise
        body = response["body"]
        if isinstance(body, Path):
            self._send_file(response["statusCode"], response["headers"], body)
        else:
            self._send_response(response["statusCode"], response["headers"], body.encode())

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _respond  # noqa: N815

    def handle_expect_100(self) -> bool:
        """Send `100 Continue` immediately: the client sends no body before it."""
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True

    def _send_response(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def _send_file(self, status: int, headers: dict[str, str], path: Path) -> None:
        """Send a file piece by piece: a large import's failed.csv has hundreds of megabytes."""
        with path.open("rb") as body:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(os.fstat(body.fileno()).st_size))
            self.end_headers()
            if self.command != "HEAD":
                shutil.copyfileobj(body, self.wfile)
            self.wfile.flush()

    def _read_body(self) -> bytes | None:
        """Return the body, None when it could not be read; the error response is sent then."""
        try:
            is_chunked = "chunked" in self.headers.get("Transfer-Encoding", "").lower()
            body = (
                self._read_chunks()
                if is_chunked
                else self._read_exactly(_parse_size(self.headers.get("Content-Length") or "0", 10))
            )
        except (OSError, ValueError):
            self.close_connection = True
            self._send_response(400, {"content-type": "application/json"}, b'{"message":"Bad Request"}')
            return None
        if body is None:
            self.close_connection = True
            self._send_response(413, {"content-type": "application/json"}, b'{"error":"The body is larger than 1 MB."}')
        return body

    def _read_exactly(self, size: int) -> bytes | None:
        """Return `size` bytes, None above the limit. Raise ConnectionError for a truncated body."""
        if size > _MAX_BODY_BYTES:
            return None
        body = self.rfile.read(size)
        if len(body) < size:
            raise ConnectionError
        return body

    def _read_chunks(self) -> bytes | None:
        body = bytearray()
        while size := _parse_size(self.rfile.readline(64).split(b";")[0].strip().decode("ascii"), 16):
            chunk = self._read_exactly(size) if len(body) + size <= _MAX_BODY_BYTES else None
            if chunk is None:
                return None
            body += chunk
            self.rfile.readline(8)
        while self.rfile.readline(8192).strip():
            pass
        return bytes(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the standard library's name
        """Write no access log: a URL may contain a token."""


def _parse_size(text: str, base: int) -> int:
    if not text.isalnum():
        raise ValueError(text)
    return int(text, base)
