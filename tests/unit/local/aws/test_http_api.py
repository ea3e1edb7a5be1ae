"""The local HTTP API, called over a socket, and the events that it builds."""

import socket
import threading
from collections.abc import Iterator

import pytest

from local.aws.http_api import HttpApi, build_event


@pytest.fixture
def api() -> Iterator[HttpApi]:
    served = HttpApi(0, lambda event: {"statusCode": 200, "headers": {}, "body": event["body"]})
    thread = threading.Thread(target=served.serve_forever, args=(0.05,))
    thread.start()
    yield served
    served.drain_and_close()
    thread.join()


def test_who_asks_whether_the_body_may_come_hears_yes_at_once(api: HttpApi) -> None:
    head = b"POST /hooks/site HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"

    with socket.create_connection(("127.0.0.1", api.server_port), timeout=5) as wire:
        wire.sendall(head + b"Expect: 100-continue\r\n\r\n")
        first = wire.recv(4096)
        wire.sendall(b"hello")
        answer = wire.recv(4096)

    assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b"hello")


def test_a_body_travels_as_the_gateway_sends_it() -> None:
    headers = [("Content-Type", "application/json"), ("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1; b=2")]
    text = build_event("POST", "/hooks/my%20site?token=a%2Bb", headers, "ü".encode())
    form = build_event("POST", "/", [("Content-Type", "application/x-www-form-urlencoded")], b"a=b")
    odd = build_event("POST", "/", [("Content-Type", "text/plain")], b"\xff")

    assert (text["body"], text["isBase64Encoded"], text["headers"]["x-a"]) == ("ü", False, "1,2")
    assert (text["rawPath"], text["rawQueryString"], text["cookies"]) == (
        "/hooks/my site",
        "token=a%2Bb",
        ["a=1", "b=2"],
    )
    assert (form["body"], form["isBase64Encoded"]) == ("YT1i", True)
    assert odd["isBase64Encoded"]
