"""A make-believe Cellcast: a real HTTP server with the API's shapes, and with every fault on demand.

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
MAX_BODY_BYTES = 100 * 1024  # what Express, which seems to answer there, takes by default

# Numbers that ACMA keeps for fiction, with which the sample shows every status.
REFUSED_NUMBER = "+61491570110"  # it is not valid, whoever asks
UNAVAILABLE_NUMBER = "+61491571804"  # whoever asks with it is told to come back tomorrow
CONTRADICTORY_NUMBER = "+61491572549"  # the answer to it contradicts itself

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_FIELDS = frozenset("first_name last_name phone_number birthday address email postal_code gender purchase".split())


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request to the bulk call, as the endpoint saw it."""

    received_at: float
    key: str
    contacts: tuple[dict[str, Any], ...]
    tags: tuple[str, ...]
    lists: tuple[str, ...]
    fault: str


type Fault = Callable[["Exchange"], None]


@dataclass(slots=True)
class Sandbox:
    """What the account holds and what it will do next.

    `faults` are played one for each request to come, by their names in `local.sandbox.faults`; "" stands for none.
    `key` is the only one that is taken; empty, every key is. `poison_number` is a number whose whole request is
    refused.
    `has_fault_numbers` has the three numbers above get what each stands for.
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
    query_paths: list[str] = field(default_factory=list)  # the paths of what only asks
    query_faults: "deque[Fault]" = field(default_factory=deque)  # for those
    lock: threading.Lock = field(default_factory=threading.Lock)
    _server: ThreadingHTTPServer | None = None

    def start(self, port: int = 0) -> str:
        """Listen on loopback and give the address."""
        handler = type("Handler", (_Handler,), {"sandbox": self})
        self._server = _Server(("127.0.0.1", port), handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

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
        """The numbers that were taken, as often as they were."""
        return [contact["phone_number"] for contact in self.contacts]


def enable_opt_out_check(opted_out: Sequence[str]) -> None:
    """Somebody who puts numbers on the opt-out list wants to see them left out, unless they say otherwise."""
    if opted_out:
        os.environ.setdefault("SCREEN_OPT_OUTS", "true")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    sandbox: Sandbox
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: apart, each call waits 40 ms for an acknowledgement
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
        """No access log: it is on the terminal of somebody who waits for a summary."""


class Exchange:
    """One request and the ways to answer it."""

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
        """What the API documents."""
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
        """Put the contacts into the account, and give the words for those that are refused."""
        refused = {index: words for index, contact in enumerate(self.contacts) if (words := self._find_error(contact))}
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
