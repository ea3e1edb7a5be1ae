"""The one place that speaks with Cellcast: what it never does."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
import responses

from contact_import.errors import SecretError
from contact_import.sender import BULK, NoReply, Reply, Sender, bearer

SECRET = "cc-secret-key"


@pytest.fixture
def wire() -> Iterator[Callable[[Callable[[socket.socket], None]], str]]:
    """A server of one connection that does what it is told, byte by byte."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve(behave: Callable[[socket.socket], None]) -> str:
        def run() -> None:
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    behave(connection)

        threading.Thread(target=run, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}"

    yield serve
    server.close()


def test_a_request_has_the_key_and_names_the_importer() -> None:
    with responses.RequestsMock() as endpoint:
        endpoint.post("https://cellcast.example" + BULK, json={"a": 1})

        reply = Sender("https://cellcast.example").post(b"{}", SECRET)

        assert isinstance(reply, Reply)
        headers = endpoint.calls[0].request.headers
        assert headers["Authorization"] == f"Bearer {SECRET}"
        assert headers["Content-Type"] == headers["Accept"] == "application/json"
        assert headers["User-Agent"].startswith("cellcast-contact-importer/")


def test_a_redirect_is_an_answer_and_the_key_goes_nowhere_else() -> None:
    with responses.RequestsMock() as endpoint:
        endpoint.post("https://cellcast.example" + BULK, status=307, headers={"Location": "https://evil.example/"})

        reply = Sender("https://cellcast.example").post(b"{}", SECRET)

        assert isinstance(reply, Reply)
        assert reply.status == 307
        assert len(endpoint.calls) == 1


def test_the_environment_gives_no_proxy_and_no_password(
    wire: Callable[[Callable[[socket.socket], None]], str], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    seen: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    url = wire(behave)
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w", encoding="ascii") as file:  # noqa: PTH123  a path for the environment
        file.write("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", netrc)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    reply = Sender(url).post(b"{}", SECRET)

    assert isinstance(reply, Reply)
    assert seen == []


def test_nothing_was_sent_when_nobody_listens() -> None:
    reply = Sender("http://127.0.0.1:9").post(b"{}", SECRET)

    assert reply == NoReply(sent=False, words="no connection could be made")


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", b"nonsense\r\n\r\n"],
    ids=["closed", "cut body", "no http"],
)
def test_an_answer_that_is_cut_is_ambiguous(
    wire: Callable[[Callable[[socket.socket], None]], str], answer: bytes
) -> None:
    reply = Sender(wire(lambda connection: connection.sendall(answer))).post(b"{}", SECRET)

    assert isinstance(reply, NoReply)
    assert reply.sent
    assert SECRET not in repr(reply)


def test_a_head_that_is_cut_has_no_body_that_could_be_a_success(
    wire: Callable[[Callable[[socket.socket], None]], str],
) -> None:
    reply = Sender(wire(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nConte"))).post(b"{}", SECRET)

    assert isinstance(reply, Reply)
    assert reply.body == b""


def test_a_body_that_drips_ends_at_the_deadline(wire: Callable[[Callable[[socket.socket], None]], str]) -> None:
    done = threading.Event()

    def behave(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not done.wait(0.05):
            connection.sendall(b" ")

    reply = Sender(wire(behave)).post(b"{}", SECRET, seconds=0.4)
    done.set()

    assert reply == NoReply(sent=True, words="the answer did not end in time")


def test_silence_ends_at_the_deadline(wire: Callable[[Callable[[socket.socket], None]], str]) -> None:
    done = threading.Event()

    reply = Sender(wire(lambda _: (done.wait(5), None)[1])).post(b"{}", SECRET, seconds=0.3)
    done.set()

    assert reply == NoReply(sent=True, words="no answer came in time")


def test_a_body_without_end_is_bounded(wire: Callable[[Callable[[socket.socket], None]], str]) -> None:
    def behave(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b" " * 65536)

    reply = Sender(wire(behave)).post(b"{}", SECRET)

    assert isinstance(reply, Reply)
    assert len(reply.body) == 1024 * 1024


def test_an_answer_that_repeats_the_key_does_not_hand_it_on() -> None:
    with responses.RequestsMock() as endpoint:
        endpoint.post("https://cellcast.example" + BULK, body=f"who is {SECRET}?", headers={"X-Token": SECRET})

        reply = Sender("https://cellcast.example").post(b"{}", SECRET)

    assert SECRET not in repr(reply)


@pytest.mark.parametrize("stored", [SECRET, f" {SECRET}\n", f"Bearer {SECRET}", f"bearer  {SECRET} "])
def test_the_prefix_is_never_there_twice(stored: str) -> None:
    assert bearer(stored) == SECRET


@pytest.mark.parametrize("stored", ["", "Bearer ", "two words", "naïve", "line\nbreak", "\x00"])
def test_a_key_that_no_header_takes_is_an_error_without_its_value(stored: str) -> None:
    with pytest.raises(SecretError) as raised:
        bearer(stored)

    assert not stored.strip() or stored not in str(raised.value)
