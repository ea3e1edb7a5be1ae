"""The shared rate over a real socket to a DynamoDB that stalls."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count, takewhile

import pytest

from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.cellcast.shared_rate_limiter import SharedRateLimiter
from contact_import.handlers import aws_clients

_HIGH_RATE = 100.0
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n\r\n{}"


class StallingStore:
    """Accepts every connection and request. `answers` says after how many seconds it answers, None for never."""

    def __init__(self) -> None:
        self.requests = 0
        self.answers: Callable[[], float | None] = lambda: None
        self._server = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while head := list(takewhile(lambda line: line not in (b"", b"\r\n"), iter(stream.readline, None))):
                length = next(int(line.split()[1]) for line in head if line.lower().startswith(b"content-length"))
                stream.read(length)
                self.requests += 1
                seconds = self.answers()
                if seconds is None:
                    continue
                time.sleep(seconds)
                try:
                    connection.sendall(_OK)
                except OSError:
                    return


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[StallingStore]:
    store = StallingStore()
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", store.url)
    aws_clients.get_rate_record.cache_clear()
    yield store
    aws_clients.get_rate_record.cache_clear()
    store.close()


def _let_calls_through(times: int, *, is_interactive: bool = True) -> None:
    fallback, store = RateLimiter(_HIGH_RATE), aws_clients.get_rate_record("rates")
    limiter = SharedRateLimiter(store, _HIGH_RATE, fallback, is_interactive=is_interactive, chance=lambda: 0.0)
    for _ in range(times):
        assert limiter.wait() == 0.0


@pytest.mark.parametrize("seconds", [None, 5.0])
def test_a_store_that_stalls_is_left_alone_after_two_writes_of_an_interactive_call(
    store: StallingStore, seconds: float | None
) -> None:
    store.answers = lambda: seconds

    _let_calls_through(3)

    assert store.requests == 2


def test_a_call_of_a_file_tries_a_store_that_stalls_more_often(store: StallingStore) -> None:
    _let_calls_through(1, is_interactive=False)

    assert store.requests > 2


def test_a_store_that_answers_every_other_time_is_used(store: StallingStore) -> None:
    turns = count()
    store.answers = lambda: None if next(turns) % 2 else 0.0

    _let_calls_through(6)

    assert store.requests >= 8  # each write that stalls is made again
