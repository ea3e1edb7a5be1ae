"""The HTTP calls to Cellcast over sockets that misbehave: deadlines, limits, TLS, and the secrecy of the key."""

import contextlib
import datetime as dt
import gzip
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import responses
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from contact_import.cellcast.transport import BULK_PATH, ApiResponse, NoResponse, Transport, _IdleLimitedConnection

SECRET = "cc-secret-key"
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def _hear(connection: socket.socket) -> bool:
    """Read a whole request, head and body `{}`, or the first bytes of something that is not HTTP."""
    heard = connection.recv(65536)
    while heard.startswith(b"POST") and not heard.endswith(b"{}"):
        more = connection.recv(65536)
        if not more:
            return False
        heard += more
    return bool(heard)


@pytest.fixture
def wire() -> Iterator[Callable[[Callable[[socket.socket], None]], str]]:
    """Yield a function that starts a server of one connection with the given behaviour."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve(behave: Callable[[socket.socket], None]) -> str:
        def run() -> None:
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    _hear(connection)
                    behave(connection)

        threading.Thread(target=run, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}"

    yield serve
    server.close()


def test_a_request_has_the_key_and_names_the_importer() -> None:
    with responses.RequestsMock() as endpoint:
        endpoint.post("https://cellcast.example" + BULK_PATH, json={"a": 1})

        reply = Transport("https://cellcast.example").post(b"{}", SECRET)

        assert isinstance(reply, ApiResponse)
        headers = endpoint.calls[0].request.headers
        assert headers["Authorization"] == f"Bearer {SECRET}"
        assert headers["Content-Type"] == headers["Accept"] == "application/json"
        assert headers["User-Agent"].startswith("cellcast-contact-importer/")


def test_a_redirect_is_an_answer_and_the_key_goes_nowhere_else() -> None:
    with responses.RequestsMock() as endpoint:
        endpoint.post("https://cellcast.example" + BULK_PATH, status=307, headers={"Location": "https://evil.example/"})

        reply = Transport("https://cellcast.example").post(b"{}", SECRET)

        assert isinstance(reply, ApiResponse)
        assert reply.status == 307
        assert len(endpoint.calls) == 1


def test_the_environment_gives_no_proxy_and_no_password(
    wire: Callable[[Callable[[socket.socket], None]], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine cellcast.example login somebody password else\n", "ascii")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    reply = Transport(wire(lambda connection: connection.sendall(FINE))).post(b"{}", SECRET)

    assert isinstance(reply, ApiResponse)
    with responses.RequestsMock() as endpoint:
        endpoint.post("https://cellcast.example" + BULK_PATH, json={})
        Transport("https://cellcast.example").post(b"{}", SECRET)
        assert endpoint.calls[0].request.headers["Authorization"] == f"Bearer {SECRET}"


def test_nothing_was_sent_when_no_one_listens() -> None:
    reply = Transport("http://127.0.0.1:9").post(b"{}", SECRET)

    assert reply == NoResponse(maybe_sent=False, reason="no connection could be made")


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", b"nonsense\r\n\r\n"],
    ids=["closed", "cut body", "no http"],
)
def test_an_answer_that_is_cut_is_ambiguous(
    wire: Callable[[Callable[[socket.socket], None]], str], answer: bytes
) -> None:
    reply = Transport(wire(lambda connection: connection.sendall(answer))).post(b"{}", SECRET)

    assert isinstance(reply, NoResponse)
    assert reply.maybe_sent
    assert SECRET not in repr(reply)


def test_a_head_that_is_cut_has_no_body_that_could_be_a_success(
    wire: Callable[[Callable[[socket.socket], None]], str],
) -> None:
    reply = Transport(wire(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nConte"))).post(b"{}", SECRET)

    assert isinstance(reply, ApiResponse)
    assert reply.body == b""


def test_a_body_that_drips_ends_at_the_deadline(wire: Callable[[Callable[[socket.socket], None]], str]) -> None:
    done = threading.Event()

    def behave(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not done.wait(0.05):
            connection.sendall(b" ")

    reply = Transport(wire(behave)).post(b"{}", SECRET, timeout=0.4)
    done.set()

    assert reply == NoResponse(maybe_sent=True, reason="the response did not end in time")


def test_silence_ends_at_the_deadline(wire: Callable[[Callable[[socket.socket], None]], str]) -> None:
    done = threading.Event()

    reply = Transport(wire(lambda _: (done.wait(5), None)[1])).post(b"{}", SECRET, timeout=0.3)
    done.set()

    assert reply == NoResponse(maybe_sent=True, reason="there was no response in time")


def test_a_body_without_end_is_bounded(wire: Callable[[Callable[[socket.socket], None]], str]) -> None:
    def behave(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b" " * 65536)

    reply = Transport(wire(behave)).post(b"{}", SECRET)

    assert isinstance(reply, ApiResponse)
    assert len(reply.body) == 1024 * 1024


def test_an_answer_that_repeats_the_key_does_not_hand_it_on() -> None:
    with responses.RequestsMock() as endpoint:
        endpoint.post("https://cellcast.example" + BULK_PATH, body=f"who is {SECRET}?", headers={"X-Token": SECRET})

        reply = Transport("https://cellcast.example").post(b"{}", SECRET)

    assert SECRET not in repr(reply)


def test_a_body_in_chunks_is_read_whole(wire: Callable[[Callable[[socket.socket], None]], str]) -> None:
    chunked = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n": 1\r\n1\r\n}\r\n0\r\n\r\n'

    reply = Transport(wire(lambda connection: connection.sendall(chunked))).post(b"{}", SECRET)

    assert isinstance(reply, ApiResponse)
    assert reply.body == b'{"a": 1}'


def test_chunks_without_their_end_are_no_answer(wire: Callable[[Callable[[socket.socket], None]], str]) -> None:
    cut = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"a": 1}\r\n'

    reply = Transport(wire(lambda connection: connection.sendall(cut))).post(b"{}", SECRET)

    assert isinstance(reply, NoResponse)
    assert reply.maybe_sent


def test_a_body_that_unpacks_to_a_flood_is_bounded(wire: Callable[[Callable[[socket.socket], None]], str]) -> None:
    body = gzip.compress(b" " * 50_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)

    reply = Transport(wire(lambda connection: connection.sendall(head + body))).post(b"{}", SECRET)

    assert isinstance(reply, ApiResponse)
    assert len(reply.body) <= 1024 * 1024


@pytest.mark.parametrize("key", ['a/b+c=="d', "back\\slash/1"])
def test_a_key_that_json_writes_otherwise_is_masked_too(key: str) -> None:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    body = "|".join((key, escaped, escaped.replace("/", "\\/")))
    with responses.RequestsMock() as endpoint:
        endpoint.post("https://cellcast.example" + BULK_PATH, body=body)

        reply = Transport("https://cellcast.example").post(b"{}", key)

    assert isinstance(reply, ApiResponse)
    assert reply.body == b"***|***|***"


def test_a_connection_is_used_again_but_not_after_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    opened: list[socket.socket] = []

    def run() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                opened.append(connection)
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            while _hear(connection):
                connection.sendall(FINE)

    threading.Thread(target=run, daemon=True).start()
    with server:
        sender = Transport(f"http://127.0.0.1:{server.getsockname()[1]}")
        sender.post(b"{}", SECRET)
        sender.post(b"{}", SECRET)
        assert len(opened) == 1
        monkeypatch.setattr(_IdleLimitedConnection, "max_idle_seconds", 0.0)

        reply = sender.post(b"{}", SECRET)

        assert isinstance(reply, ApiResponse)
        assert len(opened) == 2


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a key and a self-signed certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - dt.timedelta(1), now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem))
    return path


def _secured(certificate: Path, behave: Callable[[ssl.SSLSocket], None]) -> str:
    """Start a TLS server of one connection and return its URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with contextlib.suppress(OSError), server:
            plain, _ = server.accept()
            with context.wrap_socket(plain, server_side=True) as connection:
                _hear(connection)
                behave(connection)

    threading.Thread(target=run, daemon=True).start()
    return f"https://127.0.0.1:{server.getsockname()[1]}"


def test_a_certificate_that_no_one_trusts_gets_no_request(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))  # the environment has no say
    heard: list[ssl.SSLSocket] = []

    reply = Transport(_secured(certificate, heard.append)).post(b"{}", SECRET)

    assert reply == NoResponse(maybe_sent=False, reason="the endpoint's certificate is not trusted")
    assert heard == []


def test_a_handshake_that_fails_is_before_sending(wire: Callable[[Callable[[socket.socket], None]], str]) -> None:
    url = wire(lambda connection: connection.sendall(b"this is no TLS at all\r\n"))

    reply = Transport(url.replace("http:", "https:")).post(b"{}", SECRET)

    assert reply == NoResponse(maybe_sent=False, reason="no connection could be made")


@pytest.mark.parametrize("last", [b"", b"these bytes are no TLS record"])
def test_a_secure_connection_that_breaks_after_the_request_is_ambiguous(certificate: Path, last: bytes) -> None:
    def behave(connection: ssl.SSLSocket) -> None:
        with socket.socket(fileno=connection.detach()) as naked:
            naked.sendall(last)

    sender = Transport(_secured(certificate, behave))
    sender._session.verify = str(certificate)

    reply = sender.post(b"{}", SECRET)

    assert isinstance(reply, NoResponse)
    assert reply.maybe_sent
