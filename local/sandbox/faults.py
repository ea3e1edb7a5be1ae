"""What an endpoint can do wrong, each a function by the name under which it is played."""

import socket
import struct
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from local.sandbox.endpoint import Exchange, Fault, Sandbox


def play(sandbox: Sandbox, names: Iterable[str]) -> None:
    """Play these, one for each request to come; "" stands for a request that goes well."""
    sandbox.faults.extend((name, FAULTS[name] if name else Exchange.serve) for name in names)


def play_always(sandbox: Sandbox, name: str) -> None:
    """Play one for every request, after those that `play` was given."""
    sandbox.always = (name, FAULTS[name])


def _throttled(headers: Callable[[], dict[str, str]]) -> Fault:
    def fault(exchange: Exchange) -> None:
        body = {"status": False, "message": "Too many requests", "error": {"name": "OVER_LIMIT"}}
        exchange.reply(429, body, headers())

    return fault


def _json(status: int, body: object) -> Fault:
    return lambda exchange: exchange.reply(status, body)


def _html(status: int, words: str) -> Fault:
    return lambda exchange: exchange.html(status, words)


def _after_taking(fault: Fault) -> Fault:
    def after(exchange: Exchange) -> None:
        exchange.take()
        fault(exchange)

    return after


def _partial(success: int, failed: int, errors: list[str]) -> Fault:
    """Counts as offsets from what would add up when nothing was refused."""

    def fault(exchange: Exchange) -> None:
        data = {
            "message": "",
            "success_data": len(exchange.contacts) + success,
            "failed_data": failed,
            "errors": errors,
        }
        exchange.reply(200, {"status": True, "message": "partial_success", "data": data})

    return fault


def _reset(exchange: Exchange) -> None:
    wire = exchange.handler.connection
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.handler.close_connection = True
    wire.close()


def _cut_short(exchange: Exchange) -> None:
    exchange.handler.send_response(200)
    exchange.handler.send_header("Content-Length", "1000")
    exchange.handler.end_headers()
    exchange.handler.wfile.write(b'{"status": true, "message": "succ')
    exchange.handler.close_connection = True


def _dripping(exchange: Exchange) -> None:
    exchange.handler.send_response(200)
    exchange.handler.send_header("Content-Length", "100000")
    exchange.handler.end_headers()
    for _ in range(600):
        exchange.handler.wfile.write(b" ")
        exchange.handler.wfile.flush()
        time.sleep(0.1)


def _endless(exchange: Exchange) -> None:
    exchange.handler.send_response(200)
    exchange.handler.send_header("Connection", "close")
    exchange.handler.end_headers()
    exchange.handler.close_connection = True
    for _ in range(4096):
        exchange.handler.wfile.write(b" " * 65536)


def _silent(exchange: Exchange) -> None:
    time.sleep(60)
    exchange.handler.close_connection = True


def _redirect(exchange: Exchange) -> None:
    exchange.raw(307, b"", "text/plain", {"Location": "http://127.0.0.1:9/elsewhere"})


def _echoing_key(exchange: Exchange) -> None:
    key = exchange.handler.headers.get("Authorization", "")
    exchange.reply(200, {"status": False, "message": f"what is {key}?", "data": {}, "error": {}})


_SOON = {"Retry-After": "1"}

FAULTS: dict[str, Fault] = {
    "429": _throttled(dict),
    "429 seconds": _throttled(lambda: _SOON),
    "429 date": _throttled(
        lambda: {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)}
    ),
    "429 absurd": _throttled(lambda: {"Retry-After": "86400"}),
    "500 json": _json(500, {"status": False, "message": "internal server error", "error": {"name": "CastError"}}),
    "200 internal error": _json(
        200, {"status": False, "message": "internal server error", "error": {"name": "CastError"}}
    ),
    "500 after taking": _after_taking(_html(500, "Internal Server Error")),
    "502 html": _html(502, "Bad Gateway"),
    "503 html": _html(503, "Service Unavailable"),
    "504 after taking": _after_taking(_html(504, "Gateway Timeout")),
    "maintenance": _json(200, {"status": False, "message": "soon", "data": {"maintainence": True}}),
    "413": _html(413, "Payload Too Large"),
    "400 code": _json(400, {"code": 400, "message": "Validation error", "stack": "APIError: Validation error"}),
    "200 status false": _json(200, {"status": False, "message": "not today", "data": {}, "error": {}}),
    "400 status true": _json(400, {"status": True, "message": "success", "data": {}}),
    "200 html": _after_taking(_html(200, "Welcome to the hotel")),
    "200 empty": _after_taking(lambda exchange: exchange.raw(200, b"", "application/json", {})),
    "200 array": _after_taking(_json(200, [])),
    "counts too low": _after_taking(_partial(-1, 0, [])),
    "counts missing": _after_taking(_json(200, {"status": True, "message": "success", "data": {}})),
    "index out of range": _after_taking(_partial(-1, 1, ["contact[99999] error : phone_number empty"])),
    "index twice": _after_taking(
        _partial(-2, 2, ["contact[0] error : phone_number empty", "contact[0] error : phone_number is not valid"])
    ),
    "words that fit no pattern": _after_taking(_partial(-1, 1, ["one of them was odd"])),
    "reset before taking": _reset,
    "reset after taking": _after_taking(_reset),
    "cut short after taking": _after_taking(_cut_short),
    "dripping after taking": _after_taking(_dripping),
    "endless": _endless,
    "silent": _silent,
    "401": _json(401, {"code": 401, "message": "Token expired", "stack": "APIError: Token expired"}),
    "200 code 401": _json(200, {"meta": {"code": 401, "status": "ERROR"}, "message": "Token expired"}),
    "invalid_token": _json(200, {"status": False, "message": "no", "data": {"invalid_token": True}}),
    "403": _html(403, "Forbidden"),
    "404": _html(404, "Not Found"),
    "redirect": _redirect,
    "echoing the key": _echoing_key,
}
