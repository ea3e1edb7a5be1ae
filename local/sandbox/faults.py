"""The faults that the sandbox can play, by name; "after taking" accepts the contacts first."""

import socket
import struct
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from local.sandbox.endpoint import Exchange, Fault, Sandbox


def queue_faults(sandbox: Sandbox, names: Iterable[str]) -> None:
    """Play these faults, one for each coming request; "" is a request without a fault."""
    sandbox.faults.extend((name, FAULTS[name] if name else Exchange.respond) for name in names)


def set_default_fault(sandbox: Sandbox, name: str) -> None:
    """Play one fault for every request after the queued ones."""
    sandbox.default_fault = (name, FAULTS[name])


def _make_throttle_fault(headers: Callable[[], dict[str, str]]) -> Fault:
    def fault(exchange: Exchange) -> None:
        body = {"status": False, "message": "Too many requests", "error": {"name": "OVER_LIMIT"}}
        exchange.send_json(429, body, headers())

    return fault


def _make_json_fault(status: int, body: object) -> Fault:
    return lambda exchange: exchange.send_json(status, body)


def _make_html_fault(status: int, words: str) -> Fault:
    return lambda exchange: exchange.send_html(status, words)


def _make_fault_after_accepting(fault: Fault) -> Fault:
    def accept_and_fail(exchange: Exchange) -> None:
        exchange.accept_contacts()
        fault(exchange)

    return accept_and_fail


def _make_partial_fault(success: int, failed: int, errors: list[str]) -> Fault:
    """Return a fault with wrong counts: `success` is added to the number of contacts, `failed` is sent as it is."""

    def fault(exchange: Exchange) -> None:
        data = {
            "message": "",
            "success_data": len(exchange.contacts) + success,
            "failed_data": failed,
            "errors": errors,
        }
        exchange.send_json(200, {"status": True, "message": "partial_success", "data": data})

    return fault


def _reset_connection(exchange: Exchange) -> None:
    wire = exchange.handler.connection
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.handler.close_connection = True
    wire.close()


def _send_truncated_body(exchange: Exchange) -> None:
    exchange.handler.send_response(200)
    exchange.handler.send_header("Content-Length", "1000")
    exchange.handler.end_headers()
    exchange.handler.wfile.write(b'{"status": true, "message": "succ')
    exchange.handler.close_connection = True


def _send_body_slowly(exchange: Exchange) -> None:
    exchange.handler.send_response(200)
    exchange.handler.send_header("Content-Length", "100000")
    exchange.handler.end_headers()
    for _ in range(600):
        exchange.handler.wfile.write(b" ")
        exchange.handler.wfile.flush()
        time.sleep(0.1)


def _send_endless_body(exchange: Exchange) -> None:
    exchange.handler.send_response(200)
    exchange.handler.send_header("Connection", "close")
    exchange.handler.end_headers()
    exchange.handler.close_connection = True
    for _ in range(4096):
        exchange.handler.wfile.write(b" " * 65536)


def _send_no_response(exchange: Exchange) -> None:
    time.sleep(60)
    exchange.handler.close_connection = True


def _send_redirect(exchange: Exchange) -> None:
    exchange.send_raw(307, b"", "text/plain", {"Location": "http://127.0.0.1:9/elsewhere"})


def _echo_api_key(exchange: Exchange) -> None:
    key = exchange.handler.headers.get("Authorization", "")
    exchange.send_json(200, {"status": False, "message": f"what is {key}?", "data": {}, "error": {}})


_RETRY_AFTER_ONE_SECOND = {"Retry-After": "1"}

FAULTS: dict[str, Fault] = {
    "429": _make_throttle_fault(dict),
    "429 seconds": _make_throttle_fault(lambda: _RETRY_AFTER_ONE_SECOND),
    "429 date": _make_throttle_fault(
        lambda: {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)}
    ),
    "429 absurd": _make_throttle_fault(lambda: {"Retry-After": "86400"}),
    "500 json": _make_json_fault(
        500, {"status": False, "message": "internal server error", "error": {"name": "CastError"}}
    ),
    "200 internal error": _make_json_fault(
        200, {"status": False, "message": "internal server error", "error": {"name": "CastError"}}
    ),
    "500 after taking": _make_fault_after_accepting(_make_html_fault(500, "Internal Server Error")),
    "502 html": _make_html_fault(502, "Bad Gateway"),
    "503 html": _make_html_fault(503, "Service Unavailable"),
    "504 after taking": _make_fault_after_accepting(_make_html_fault(504, "Gateway Timeout")),
    "maintenance": _make_json_fault(200, {"status": False, "message": "soon", "data": {"maintainence": True}}),
    "413": _make_html_fault(413, "Payload Too Large"),
    "400 code": _make_json_fault(
        400, {"code": 400, "message": "Validation error", "stack": "APIError: Validation error"}
    ),
    "200 status false": _make_json_fault(200, {"status": False, "message": "not today", "data": {}, "error": {}}),
    "400 status true": _make_json_fault(400, {"status": True, "message": "success", "data": {}}),
    "200 html": _make_fault_after_accepting(_make_html_fault(200, "Welcome to the hotel")),
    "200 empty": _make_fault_after_accepting(lambda exchange: exchange.send_raw(200, b"", "application/json", {})),
    "200 array": _make_fault_after_accepting(_make_json_fault(200, [])),
    "counts too low": _make_fault_after_accepting(_make_partial_fault(-1, 0, [])),
    "counts missing": _make_fault_after_accepting(
        _make_json_fault(200, {"status": True, "message": "success", "data": {}})
    ),
    "index out of range": _make_fault_after_accepting(
        _make_partial_fault(-1, 1, ["contact[99999] error : phone_number empty"])
    ),
    "index twice": _make_fault_after_accepting(
        _make_partial_fault(
            -2, 2, ["contact[0] error : phone_number empty", "contact[0] error : phone_number is not valid"]
        )
    ),
    "words that fit no pattern": _make_fault_after_accepting(_make_partial_fault(-1, 1, ["one of them was odd"])),
    "reset before taking": _reset_connection,
    "reset after taking": _make_fault_after_accepting(_reset_connection),
    "cut short after taking": _make_fault_after_accepting(_send_truncated_body),
    "dripping after taking": _make_fault_after_accepting(_send_body_slowly),
    "endless": _send_endless_body,
    "silent": _send_no_response,
    "401": _make_json_fault(401, {"code": 401, "message": "Token expired", "stack": "APIError: Token expired"}),
    "200 code 401": _make_json_fault(200, {"meta": {"code": 401, "status": "ERROR"}, "message": "Token expired"}),
    "invalid_token": _make_json_fault(200, {"status": False, "message": "no", "data": {"invalid_token": True}}),
    "403": _make_html_fault(403, "Forbidden"),
    "404": _make_html_fault(404, "Not Found"),
    "redirect": _send_redirect,
    "echoing the key": _echo_api_key,
}
