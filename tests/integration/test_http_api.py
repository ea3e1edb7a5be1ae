"""The HTTP API of one machine, spoken to as clients speak on the wire."""

import socket
import threading
from collections.abc import Iterator

import pytest

from local.aws.http_api import HttpApi


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
