"""The AWS and the endpoint of the benchmarks, each in a separate process, so that only the import's CPU is measured."""

import asyncio
import os
import ssl
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.serving import WSGIRequestHandler

from local.aws.moto_server import start_embedded_aws

ROOT = Path(__file__).parents[1]


@contextmanager
def start_server(kind: str, *arguments: str) -> Iterator[str]:
    """Start the server "aws" or "endpoint" and yield the line that it prints when it listens."""
    command = [sys.executable, "-m", "benchmarks.servers", kind, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


@contextmanager
def start_aws_server() -> Iterator[Mapping[str, str]]:
    """Start an embedded AWS and yield the environment variables with which boto3 uses it."""
    with start_server("aws") as line:
        yield dict(pair.split("=", 1) for pair in line.split())


def _serve_aws() -> None:
    # botocore waits for `100 Continue`, which is HTTP/1.1. Werkzeug closes each connection nevertheless.
    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    with start_embedded_aws() as environment:
        print(*(f"{name}={value}" for name, value in environment.items()), flush=True)
        sys.stdin.read()  # until the benchmark ends


class _CallLog:
    """Counts the calls, the most in any second, and those above `limit`, which get 429. 0 is no limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._last_second: deque[float] = deque()
        self.calls = self.rejected = self.most = 0

    def add_call(self) -> bool:
        """Count a call. Return whether it is within the limit."""
        now = asyncio.get_running_loop().time()
        while self._last_second and self._last_second[0] <= now - 1:
            self._last_second.popleft()
        self._last_second.append(now)
        self.calls += 1
        self.most = max(self.most, len(self._last_second))
        is_allowed = not self._limit or len(self._last_second) <= self._limit
        self.rejected += not is_allowed
        return is_allowed

    def format_json(self) -> bytes:
        return b'{"calls":%d,"rejected":%d,"most":%d}' % (self.calls, self.rejected, self.most)


class _Endpoint(asyncio.Protocol):
    """Accepts every contact after `latency` seconds, with little CPU. `GET` returns the counts of the log."""

    def __init__(self, latency: float, log: _CallLog) -> None:
        self._latency, self._log = latency, log
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        if head.startswith(b"GET"):
            self._buffer = body
            self._respond(b"200 OK", self._log.format_json())
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) >= length:
            self._buffer = body[length:]
            if not self._log.add_call():
                self._respond(b"429 Too Many Requests", b"{}")
                return
            accepted = body.count(b'"phone_number"')
            response = (
                b'{"status":true,"message":"success","data":{"success_data":%d,"failed_data":0,"errors":[]}}' % accepted
            )
            asyncio.get_running_loop().call_later(self._latency, self._respond, b"200 OK", response)

    def _respond(self, status: bytes, body: bytes) -> None:
        self._transport.write(
            b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)
        )


async def _serve_endpoint(latency: str, limit: str = "0", certificate: str = "") -> None:
    log, context = _CallLog(int(limit)), None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = await asyncio.get_running_loop().create_server(
        lambda: _Endpoint(float(latency), log), "127.0.0.1", 0, ssl=context, backlog=1000
    )
    print(f"http{'s' if context else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def create_certificate(folder: Path) -> tuple[Path, Path]:
    """Return the files of a certificate for 127.0.0.1 with its key, and of all that a client trusts with it.

    The usual authorities are among them, since a client that opens a context for each request reads them each time.
    """
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both, trusted = folder / "certificate.pem", folder / "trusted.pem"
    both.write_bytes(private + certificate)
    trusted.write_bytes(Path(certifi.where()).read_bytes() + certificate)
    return both, trusted


if __name__ == "__main__":
    if sys.argv[1] == "aws":
        _serve_aws()
    else:
        asyncio.run(_serve_endpoint(*sys.argv[2:]))
    os._exit(0)
