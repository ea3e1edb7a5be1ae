"""The Lambda Runtime API on loopback, and the real runtime client that polls it for events.

docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import os
import subprocess
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self

_API = "/2018-06-01/runtime"
_MAX_WAIT_SECONDS = 60.0
_TRACE_HEADER = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"


class FunctionError(Exception):
    """The function raised or did not start; the text is the error that the runtime client reported."""


@dataclass(frozen=True, slots=True)
class _ClientMessage:
    """A call of the runtime client: `kind` is next, response or error; "ended" when its process ended."""

    kind: str
    body: bytes = b""


@dataclass(slots=True)
class LambdaRuntime:
    """A built function in a separate process that waits for events.

    `python` is an interpreter with awslambdaric and no other package, so that a package missing from the artifact is
    noticed. `log` is the output of the process, complete once it has ended.
    """

    python: Path
    artifact: Path
    handler: str
    environment: Mapping[str, str]
    timeout_seconds: float = 900.0
    log: str = ""
    _events: "SimpleQueue[bytes]" = field(default_factory=SimpleQueue)
    _messages: "SimpleQueue[_ClientMessage]" = field(default_factory=SimpleQueue)
    _server: ThreadingHTTPServer = field(init=False)
    _process: "subprocess.Popen[bytes]" = field(init=False)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _make_request_handler(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._process = subprocess.Popen(
            [self.python, "-m", "awslambdaric", self.handler],
            cwd=self.artifact,
            env=self._build_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        threading.Thread(target=self._collect_log, daemon=True).start()
        try:
            self._wait_for_message("next")
        except FunctionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.wait()
        self._server.shutdown()
        self._server.server_close()

    def invoke(self, event: Any) -> Any:
        """Return what the function returns for the event. Raise FunctionError when it raises."""
        self._events.put(json.dumps(event).encode())
        try:
            return json.loads(self._wait_for_message("response"))
        finally:
            self._wait_for_message("next")

    @property
    def cpu_seconds(self) -> float:
        """Return the CPU seconds of the process so far, with the resolution of the kernel: usually 0.01 (proc(5))."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _build_environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self.artifact),
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": self.artifact.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": "local",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local",
            # What LoggingConfig of the template comes to in Lambda.
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "INFO",
            "LAMBDA_TASK_ROOT": str(self.artifact),
            "_HANDLER": self.handler,
            **self.environment,
        }

    def _collect_log(self) -> None:
        assert self._process.stdout  # noqa: S101  stdout=PIPE
        for line in self._process.stdout:
            self.log += line.decode("utf-8", "replace")
        self._messages.put(_ClientMessage("ended"))

    def _wait_for_message(self, kind: str) -> bytes:
        message = self._messages.get(timeout=_MAX_WAIT_SECONDS)
        if message.kind == "error":
            raise FunctionError(message.body.decode("utf-8", "replace"))
        if message.kind != kind:
            raise FunctionError(f"expected {kind}, got {message.kind}: {self.log[-2000:]}")
        return message.body


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that is killed while it waits for the next event."""


def _make_request_handler(runtime: LambdaRuntime) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: a delayed acknowledgement between them costs 40 ms a call
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            runtime._messages.put(_ClientMessage("next"))  # noqa: SLF001  http.server needs a class
            body = runtime._events.get()  # noqa: SLF001
            deadline = int((time.time() + runtime.timeout_seconds) * 1000)
            headers = {"Lambda-Runtime-Deadline-Ms": str(deadline)}
            if "AWS_XRAY_DAEMON_ADDRESS" in runtime.environment:  # a program receives the segments
                headers["Lambda-Runtime-Trace-Id"] = _TRACE_HEADER
            self._respond(200, body, headers)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kind = "response" if self.path.startswith(_API) and self.path.endswith("/response") else "error"
            self._respond(202, b"{}", {})
            runtime._messages.put(_ClientMessage(kind, body))  # noqa: SLF001

        def _respond(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Lambda-Runtime-Aws-Request-Id", str(uuid.uuid4()))
            self.send_header(
                "Lambda-Runtime-Invoked-Function-Arn", f"arn:aws:lambda:local:0:function:{runtime.handler}"
            )
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler
