"""A built function in AWS's runtime interface emulator, the program that `sam local` starts inside its containers.

`python -m tests.sam.emulator` exits with 0 where the emulator runs.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from local.aws.template import Template
from local.deployment.artifact import BUILD_DIR, RUNTIME_PYTHON
from local.stack_values import build_template_values
from tests.sam.lambda_image import find_emulator

_INVOKE = "/2015-03-31/functions/function/invocations"
_START_SECONDS = 20.0
_INVOKE_SECONDS = 120.0


def can_run() -> bool:
    """Return whether the emulator, a program for Linux, starts on this machine."""
    return sys.platform == "linux" and find_emulator() is not None and RUNTIME_PYTHON.exists()


def invoke(name: str, event: Path, environment: Mapping[str, str]) -> tuple[Any, str]:
    """Return what a function returns for the event of a file, and its log."""
    handler = next(one.handler for one in Template(build_template_values()).read_functions() if one.name == name)
    port, api_port = _find_free_ports()
    process = subprocess.Popen(
        [
            str(find_emulator()), "--log-level", "error",
            "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
            "--runtime-api-address", f"127.0.0.1:{api_port}",
            RUNTIME_PYTHON, "-m", "awslambdaric", handler,
        ],
        cwd=BUILD_DIR / name,
        env={
            "PATH": os.environ["PATH"], "PYTHONPATH": str(BUILD_DIR / name), "LAMBDA_TASK_ROOT": str(BUILD_DIR / name),
            "AWS_LAMBDA_FUNCTION_NAME": name, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769", "AWS_SAM_LOCAL": "true",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "100", **environment,
        },
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        _wait_for_port(port)
        response = requests.post(f"http://127.0.0.1:{port}{_INVOKE}", event.read_bytes(), timeout=_INVOKE_SECONDS)
        answer = json.loads(response.content)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        log = process.communicate()[0]
    return answer, log


def _find_free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    sys.exit(not can_run())
