"""The AWS and the endpoint of the benchmarks, each in a separate process, so that only the import's CPU is measured."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

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


class _Endpoint(asyncio.Protocol):
    """Accepts every contact after `latency` seconds, with little CPU."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) >= length:
            self._buffer = body[length:]
            asyncio.get_running_loop().call_later(self._latency, self._respond, body.count(b'"phone_number"'))

    def _respond(self, accepted: int) -> None:
        body = b'{"status":true,"message":"success","data":{"success_data":%d,"failed_data":0,"errors":[]}}' % accepted
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )


async def _serve_endpoint(latency: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Endpoint(latency), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1] == "aws":
        _serve_aws()
    else:
        asyncio.run(_serve_endpoint(float(sys.argv[2])))
    os._exit(0)
