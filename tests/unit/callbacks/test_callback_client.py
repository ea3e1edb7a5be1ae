"""Callbacks over real sockets: receivers that answer well, badly, slowly and not at all."""

import contextlib
import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from contact_import.callbacks import callback_client
from contact_import.callbacks.callback_client import DELIVERED, PRIVATE_ADDRESS, REFUSED_URL, CallbackClient

HEADERS = {"webhook-id": "1", "content-type": "application/json"}
type Behave = Callable[[socket.socket], None]


class Receiver:
    """A server that records each request and lets `behave` answer it."""

    def __init__(self, behave: Behave, certificate: Path | None = None) -> None:
        self._behave, self.requests = behave, list[bytes]()
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
        if self._tls and certificate:
            self._tls.load_cert_chain(certificate)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        """Take no more connections: `close` alone does not end the `accept` of the thread."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _run(self) -> None:
        while True:
            try:
                plain, _ = self._server.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):
                connection = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
                with connection:
                    data = b""
                    while b"\r\n\r\n" not in data or not data.endswith(b"}"):
                        data += connection.recv(65536)
                    self.requests.append(data)
                    self._behave(connection)


def _answer(text: str) -> Behave:
    return lambda connection: connection.sendall(f"HTTP/1.1 {text}\r\nContent-Length: 0\r\n\r\n".encode())


@pytest.fixture
def receive() -> Iterator[Callable[..., Receiver]]:
    receivers: list[Receiver] = []

    def start(behave: Behave, certificate: Path | None = None) -> Receiver:
        receivers.append(Receiver(behave, certificate))
        return receivers[-1]

    yield start
    for one in receivers:
        one.close()


def _post(receiver: Receiver, seconds: float = 5.0) -> str:
    client = CallbackClient(allow_loopback=True, total_seconds=seconds)
    return client.post(f"http://127.0.0.1:{receiver.port}/imported?a=1", b"{}", HEADERS)


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "204 No Content", "410 Gone"])
def test_a_receiver_that_took_it_or_wants_no_more_is_done(receive: Callable[..., Receiver], status: str) -> None:
    receiver = receive(_answer(status))

    assert _post(receiver) == DELIVERED
    (request,) = receiver.requests
    assert request.startswith(b"POST /imported?a=1 HTTP/1.1\r\n")
    assert b"webhook-id: 1\r\n" in request
    assert request.endswith(b"\r\n\r\n{}")


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "429 Slow Down", "500 Error", "503 Later"])
def test_any_other_status_is_a_failure(receive: Callable[..., Receiver], status: str) -> None:
    assert _post(receive(_answer(status))) == f"HTTP {status[:3]}"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receive: Callable[..., Receiver], status: int) -> None:
    other = receive(_answer("200 OK"))
    location = f"http://127.0.0.1:{other.port}/"
    text = f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"

    assert _post(receive(lambda connection: connection.sendall(text.encode()))) == f"HTTP {status}"
    assert other.requests == []


def test_a_receiver_that_breaks_off_or_talks_nonsense_is_a_failure(receive: Callable[..., Receiver]) -> None:
    assert _post(receive(lambda connection: connection.close())) == "no answer"
    assert _post(receive(lambda connection: connection.sendall(b"nonsense\r\n\r\n"))) == "no answer"
    assert _post(receive(lambda connection: connection.sendall(b"HTTP/1.1 " + b"9" * 100_000))) == "no answer"
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    assert CallbackClient(allow_loopback=True).post(url, b"{}", HEADERS) == "no answer"


def _trickle(connection: socket.socket) -> None:
    for _ in range(100):
        connection.sendall(b"H")
        time.sleep(0.05)


def test_a_slow_receiver_is_left_after_the_limit(receive: Callable[..., Receiver]) -> None:
    began = time.monotonic()

    assert _post(receive(lambda _connection: time.sleep(3)), 0.4) == "no answer in time"
    assert _post(receive(_trickle), 0.4) == "no answer in time"
    assert time.monotonic() - began < 2.5


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "crm.example.com")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("crm.example.com")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(pem))
    return path


def _make_secure_client(certificate: Path | None, *hosts: str) -> CallbackClient:
    """Return a client that takes 127.0.0.1 as the public address of each host."""
    return CallbackClient(
        resolve=lambda host, _port: ["127.0.0.1"] if host in hosts else [],
        make_tls=lambda: ssl.create_default_context(cafile=certificate),
    )


def test_the_address_that_was_checked_is_called_and_the_certificate_is_of_the_name(
    receive: Callable[..., Receiver], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callback_client, "is_callable_address", lambda *_, **__: True)
    receiver = receive(_answer("200 OK"), certificate)
    client = _make_secure_client(certificate, "crm.example.com", "other.example.com")

    right = client.post(f"https://crm.example.com:{receiver.port}/", b"{}", HEADERS)
    other = client.post(f"https://other.example.com:{receiver.port}/", b"{}", HEADERS)
    untrusted = _make_secure_client(None, "crm.example.com").post(
        f"https://crm.example.com:{receiver.port}/", b"{}", HEADERS
    )

    assert (right, other, untrusted) == (DELIVERED, *["its certificate is not trusted"] * 2)
    assert len(receiver.requests) == 1
    assert f"Host: crm.example.com:{receiver.port}\r\n".encode() in receiver.requests[0]


@pytest.mark.parametrize("addresses", [["10.0.0.5"], ["8.8.8.8", "127.0.0.1"], ["169.254.169.254"], []])
def test_a_host_with_an_address_that_is_not_public_is_not_called(
    addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "create_connection", pytest.fail)

    client = CallbackClient(resolve=lambda _host, _port: addresses, allow_loopback=True)

    assert client.post("https://crm.example.com/", b"{}", HEADERS) == PRIVATE_ADDRESS


def test_a_host_that_is_resolved_again_could_have_another_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second answer of the name server is the one of an attacker (DNS rebinding)."""
    answers, called = iter([["8.8.8.8"], ["127.0.0.1"]]), list[str]()

    def connect(address: tuple[str, int], *_: object) -> socket.socket:
        called.append(address[0])
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)

    CallbackClient(resolve=lambda _host, _port: next(answers)).post("https://crm.example.com/", b"{}", HEADERS)

    assert called == ["8.8.8.8"]


def test_a_host_without_an_address_and_an_address_that_is_none_fail() -> None:
    def fail(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    assert CallbackClient(resolve=fail).post("https://crm.example.com/", b"{}", HEADERS) == "the host is unknown"
    assert CallbackClient().post("http://127.0.0.1:1/", b"{}", HEADERS) == REFUSED_URL


def test_the_environment_has_no_say(receive: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = receive(_answer("200 OK"))
    for name in ("http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

    assert _post(receive(_answer("204 No Content"))) == DELIVERED
    assert proxy.requests == []
