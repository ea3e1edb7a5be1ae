"""A fake Cellcast API: an HTTP server with the API's responses, and every fault on demand.

The shapes are those of developer.cellcast.com/contact/v1/contact-bulk.html.
"""

import json
import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from local.sandbox.queries import build_query_response

BULK = "/api/v1/contact/bulk"
MAX_BODY_BYTES = 100 * 1024  # the default of Express, which Cellcast seems to use

# Numbers that ACMA reserves for fiction; the sample uses them to show every status.
REFUSED_NUMBER = "+61491570110"  # always refused as not valid
UNAVAILABLE_NUMBER = "+61491571804"  # its request gets 503 and Retry-After of a day
CONTRADICTORY_NUMBER = "+61491572549"  # its response has counts that do not add up

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_FIELDS = frozenset("first_name last_name phone_number birthday address email postal_code gender purchase".split())


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request to the bulk call, and the name of the fault that answered it."""

    received_at: float
    key: str
    contacts: tuple[dict[str, Any], ...]
    tags: tuple[str, ...]
    lists: tuple[str, ...]
    fault: str


type Fault = Callable[["Exchange"], None]


@dataclass(slots=True)
class Sandbox:
    """The account's contacts and settings, the requests so far, and the faults to come.

    Each of `faults` answers one request, `default_fault` all requests after them; the names are those of
    `local.sandbox.faults`, "" stands for none. Only `key` is accepted; when it is empty, every key is. A request
    with `poison_number` is refused as a whole. With `is_forgetful` it keeps neither contacts nor requests, so that its
    memory does not grow. With `has_fault_numbers` the three numbers above get their responses.
    """

    key: str = ""
    refused_numbers: frozenset[str] = frozenset()
    poison_number: str = ""
    has_fault_numbers: bool = False
    max_body_bytes: int = MAX_BODY_BYTES
    contacts: list[dict[str, Any]] = field(default_factory=list)
    log: list[RecordedRequest] = field(default_factory=list)
    faults: deque[tuple[str, Fault]] = field(default_factory=deque)
    default_fault: tuple[str, Fault] | None = None
    account_name: str = "Sandbox"
    opted_out: list[str] = field(default_factory=list)
    is_forgetful: bool = False
    query_paths: list[str] = field(default_factory=list)  # the paths of GET requests
    query_faults: "deque[Fault]" = field(default_factory=deque)  # each answers one GET request
    lock: threading.Lock = field(default_factory=threading.Lock)
    _server: ThreadingHTTPServer | None = None

    def start(self, port: int = 0, address: str = "127.0.0.1") -> str:
        """Listen on an IP address of this machine and return the URL."""
        handler = type("Handler", (_Handler,), {"sandbox": self})
        self._server = _Server((address, port), handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://{address}:{self._server.server_port}"

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def numbers(self) -> list[str]:
        """Return the number of each accepted contact; one that was accepted twice is there twice."""
        return [contact["phone_number"] for contact in self.contacts]


def enable_opt_out_check(opted_out: Sequence[str]) -> None:
    """Switch SCREEN_OPT_OUTS on when the caller put numbers on the opt-out list and did not set it."""
    if opted_out:
        os.environ.setdefault("SCREEN_OPT_OUTS", "true")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that closed its connection."""


class _Handler(BaseHTTPRequestHandler):
    sandbox: Sandbox
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: a delayed acknowledgement between them costs 40 ms a call
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        exchange = Exchange(self, self.sandbox, body)
        if self.path != BULK:
            exchange.send_json(404, {"code": 404, "message": "Not found", "stack": "APIError: Not found"})
            return
        with self.sandbox.lock:
            name, fault = self._pop_fault()
            if not self.sandbox.is_forgetful:
                self.sandbox.log.append(exchange.record_request(name))
        fault(exchange)

    def do_GET(self) -> None:
        exchange = Exchange(self, self.sandbox, b"")
        with self.sandbox.lock:
            self.sandbox.query_paths.append(self.path)
            fault = self.sandbox.query_faults.popleft() if self.sandbox.query_faults else None
        if fault:
            fault(exchange)
        elif not exchange.has_key():
            exchange.send_json(401, {"code": 401, "message": "Token expired", "stack": "APIError: Token expired"})
        elif response := self._build_query_response():
            exchange.send_json(200, response)
        else:
            exchange.send_json(404, {"code": 404, "message": "Not found", "stack": "APIError: Not found"})

    def _build_query_response(self) -> dict[str, Any] | None:
        with self.sandbox.lock:
            return build_query_response(
                self.path, self.sandbox.account_name, self.sandbox.opted_out, self.sandbox.contacts
            )

    def _pop_fault(self) -> tuple[str, Fault]:
        if self.sandbox.faults:
            return self.sandbox.faults.popleft()
        return self.sandbox.default_fault or ("", Exchange.respond)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the standard library's name
        """Write no access log: it would be printed between the lines of a command."""


class Exchange:
    """One request and the methods to respond to it."""

    def __init__(self, handler: BaseHTTPRequestHandler, sandbox: Sandbox, body: bytes) -> None:
        self.handler, self.sandbox, self.body = handler, sandbox, body
        try:
            self.data: dict[str, Any] = json.loads(body) if body else {}
        except ValueError:
            self.data = {}
        contacts = self.data.get("contacts", [])
        self.contacts: list[dict[str, Any]] = contacts if isinstance(contacts, list) else []

    def record_request(self, fault: str) -> RecordedRequest:
        return RecordedRequest(
            time.monotonic(),
            self.handler.headers.get("Authorization", "").removeprefix("Bearer "),
            tuple(self.contacts),
            tuple(self.data.get("tags", ())),
            tuple(self.data.get("list", ())),
            fault,
        )

    def has_key(self) -> bool:
        key = self.handler.headers.get("Authorization", "")
        return key.startswith("Bearer ") and (not self.sandbox.key or key == f"Bearer {self.sandbox.key}")

    def respond(self) -> None:
        """Respond as the API documents it."""
        if not self.has_key():
            self.send_json(401, {"code": 401, "message": "Token expired", "stack": "APIError: Token expired"})
        elif len(self.body) > self.sandbox.max_body_bytes:
            self.send_html(413, "Payload Too Large")
        elif self.sandbox.poison_number and self._has_number(self.sandbox.poison_number):
            self.send_json(400, {"code": 400, "message": "Bad request", "stack": "APIError: Bad request"})
        elif self.sandbox.has_fault_numbers and self._has_number(UNAVAILABLE_NUMBER):
            self.send_json(503, {"status": False, "message": "maintenance"}, {"Retry-After": "86400"})
        elif self.sandbox.has_fault_numbers and self._has_number(CONTRADICTORY_NUMBER):
            data = {"message": "", "success_data": 0, "failed_data": 0, "errors": []}
            self.send_json(200, {"status": True, "message": "success", "data": data})
        elif not self.contacts:
            self.send_json(400, {"code": 400, "message": '"contacts" is required', "stack": "APIError: contacts"})
        else:
            self.send_json(*self.build_bulk_response(self.accept_contacts()))

    def accept_contacts(self) -> dict[int, str]:
        """Put the valid contacts into the account and return the error of each other one by its index."""
        refused = {index: words for index, contact in enumerate(self.contacts) if (words := self._find_error(contact))}
        if self.sandbox.is_forgetful:
            return refused
        accepted = [contact for index, contact in enumerate(self.contacts) if index not in refused]
        with self.sandbox.lock:
            self.sandbox.contacts.extend(contact | {"tags": self.data["tags"]} for contact in accepted)
        return refused

    def build_bulk_response(self, refused: dict[int, str]) -> tuple[int, dict[str, Any]]:
        errors = [f"contact[{index}] error : {words}" for index, words in refused.items()]
        if len(refused) == len(self.contacts):
            data: dict[str, Any] = {"message": "fail process data", "errors": errors}
            return 400, {"status": False, "message": "fail", "data": data}
        data = {
            "message": "some data failed to process" if errors else "all data success to process",
            "success_data": len(self.contacts) - len(refused),
            "failed_data": len(refused),
            "errors": errors,
        }
        return 200, {"status": True, "message": "partial_success" if errors else "success", "data": data}

    def _has_number(self, number: str) -> bool:
        return any(contact.get("phone_number") == number for contact in self.contacts)

    def _find_error(self, contact: dict[str, Any]) -> str:
        number = contact.get("phone_number", "")
        if not number:
            return "phone_number empty"
        if not isinstance(number, str) or not _NUMBER.fullmatch(number) or number in self.sandbox.refused_numbers:
            return "phone_number is not valid"
        if set(contact) - _FIELDS or not all(isinstance(value, str) for value in contact.values()):
            return "a field that the account does not know"
        return ""

    def send_json(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
        self.send_raw(status, json.dumps(value).encode(), "application/json", headers or {})

    def send_html(self, status: int, reason: str) -> None:
        self.send_raw(status, f"<html><h1>{status} {reason}</h1></html>".encode(), "text/html", {})

    def send_raw(self, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
        self.handler.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | headers).items():
            self.handler.send_header(name, value)
        self.handler.end_headers()
        self.handler.wfile.write(body)
