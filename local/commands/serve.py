"""`python -m local serve`: the stack stays up, takes what forms and CRMs post, and files that are dropped."""

import importlib
import json
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from contact_import.domain import object_keys
from contact_import.webhooks.senders.config import parse_sender_config
from local.aws.http_api import HttpApi, build_event
from local.folder_watch import watch_folder
from local.results_download import ResultsDownloader
from local.sandbox.endpoint import Sandbox, enable_opt_out_check
from local.stack import BUCKET, Stack, start_stack

_POLL_SECONDS = 0.1
_THREAD_SWITCH_SECONDS = 0.001  # of a thread, so that a delivery need not wait for many of those that write results
_CALLS_PER_SECOND = "4"  # files, the queue and POST /contacts may all call at once, and a real account has 15


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What the command line asks for. `port` 0 takes one that is free."""

    port: int = 8080
    drop: Path | None = None
    out: Path = Path("out")
    hooks: Path | None = None
    cellcast_url: str = ""
    api_key: str = ""
    opted_out: tuple[str, ...] = ()


def serve(options: ServeOptions) -> int:
    """Serve until Ctrl-C; then everything that came in is brought to its end first. Give 1 when something was not."""
    token = secrets.token_urlsafe(24)
    hooks = _load_sender_config(options.hooks, token)
    options.out.mkdir(parents=True, exist_ok=True)
    if options.drop:
        options.drop.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("CALLS_PER_SECOND", _CALLS_PER_SECOND)
    enable_opt_out_check(options.opted_out)
    terminal, stderr = sys.stdout, sys.stderr
    sys.setswitchinterval(_THREAD_SWITCH_SECONDS)
    with ExitStack() as exit_stack:
        log = exit_stack.enter_context((options.out / "functions.log").open("w", encoding="utf-8", buffering=1))
        # What the functions print goes where CloudWatch would take it.
        exit_stack.enter_context(redirect_stdout(log))
        address = options.cellcast_url or exit_stack.enter_context(Sandbox(opted_out=list(options.opted_out))).start()
        stack = exit_stack.enter_context(
            start_stack(
                address,
                options.api_key or "sandbox-key",
                hooks=hooks,
                results_download=ResultsDownloader(options.out, stderr),
            )
        )
        _warm_up(stack)
        gateway = exit_stack.enter_context(_start_gateway(options.port, stack))
        if options.drop:
            exit_stack.enter_context(_start_folder_watch(options.drop, stack, stderr))
        if not options.hooks:
            print(f"token {token}", file=terminal, flush=True)
        print(_format_ready_message(gateway, options), file=stderr, flush=True)
        _wait_for_stop_signal()
        print("ending: what came in is brought to its end first", file=stderr, flush=True)
    return _report_unfinished(stack, stderr)


def _load_sender_config(path: Path | None, token: str) -> str:
    if path is None:
        return json.dumps({"tokens": [token], "senders": {"form": {"scheme": "token", "secrets": [token]}}})
    text = path.read_text("utf-8")
    for name, fault in parse_sender_config(text).faults.items():
        print(f"the sender {name} is shut out: it {fault}", file=sys.stderr)
    return text


def _format_ready_message(gateway: HttpApi, options: ServeOptions) -> str:
    dropped = f", files in {options.drop}" if options.drop else ""
    address = f"http://127.0.0.1:{gateway.server_port}"
    return f"ready: listening on {address}{dropped}; results go to {options.out} (Ctrl-C ends it)"


def _warm_up(stack: Stack) -> None:
    """What a function loads when it is first needed, so that the first deliveries do not wait for it."""
    for name in (
        "webhooks.extraction.people",
        "webhooks.extraction.person_table",
        "pipelines.webhook.queue",
        "pipelines.webhook.batch",
    ):
        importlib.import_module(f"contact_import.{name}")
    stack.functions["WebhookFunction"](build_event("GET", "/hooks", [("host", "localhost")]))


@contextmanager
def _start_gateway(port: int, stack: Stack) -> Iterator[HttpApi]:
    """At its end, whoever is being answered is answered."""
    gateway = HttpApi(port, stack.functions["WebhookFunction"])
    thread = threading.Thread(target=gateway.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield gateway
    finally:
        gateway.drain_and_close()
        thread.join()


@contextmanager
def _start_folder_watch(root: Path, stack: Stack, stderr: TextIO) -> Iterator[None]:
    """At its end, what is in the folder is in the bucket, or said to be not."""

    def take(path: Path) -> None:
        key = object_keys.INCOMING + path.relative_to(root).as_posix()
        with path.open("rb") as body:
            stack.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    stop = threading.Event()

    def run() -> None:
        for path in watch_folder(root, take, stop):
            print(f"{path} was still being written, and is not in", file=stderr)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _wait_for_stop_signal() -> None:
    """Until Ctrl-C, or what a service manager sends."""
    received: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    previous_handlers = [signal.signal(number, lambda number, _frame: received.append(number)) for number in numbers]
    while not received:  # a lock could be held by the very thread that the signal interrupts
        time.sleep(_POLL_SECONDS)
    for number, handler in zip(numbers, previous_handlers, strict=True):
        signal.signal(number, handler)  # a second Ctrl-C ends it at once


def _report_unfinished(stack: Stack, stderr: TextIO) -> int:
    for name in sorted(set(stack.failures)):
        print(f"{name} gave something up; see functions.log", file=stderr)
    if stack.undelivered:
        print(
            f"{stack.undelivered} deliveries are not in: Cellcast did not take them, and they are lost here",
            file=stderr,
        )
    return int(bool(stack.failures or stack.undelivered))
