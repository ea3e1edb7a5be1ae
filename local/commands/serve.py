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
from contact_import.webhooks.senders.config import parse_hooks
from local.aws.http_api import HttpApi, event_of
from local.folder_watch import watch
from local.results_download import Outbox
from local.sandbox.endpoint import Sandbox, screen
from local.stack import BUCKET, Stack, running_stack

_LOOK_SECONDS = 0.1
_TURN_SECONDS = 0.001  # of a thread, so that a delivery need not wait for many of those that write results
_CALLS_PER_SECOND = "4"  # files, the queue and POST /contacts may all call at once, and a real account has 15


@dataclass(frozen=True, slots=True)
class Service:
    """What the command line asks for. `port` 0 takes one that is free."""

    port: int = 8080
    drop: Path | None = None
    out: Path = Path("out")
    hooks: Path | None = None
    cellcast_url: str = ""
    api_key: str = ""
    opted_out: tuple[str, ...] = ()


def serve(order: Service) -> int:
    """Serve until Ctrl-C; then everything that came in is brought to its end first. Give 1 when something was not."""
    token = secrets.token_urlsafe(24)
    hooks = _hooks(order.hooks, token)
    order.out.mkdir(parents=True, exist_ok=True)
    if order.drop:
        order.drop.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("CALLS_PER_SECOND", _CALLS_PER_SECOND)
    screen(order.opted_out)
    terminal, told = sys.stdout, sys.stderr
    sys.setswitchinterval(_TURN_SECONDS)
    with ExitStack() as opened:
        log = opened.enter_context((order.out / "functions.log").open("w", encoding="utf-8", buffering=1))
        # What the functions print goes where CloudWatch would take it.
        opened.enter_context(redirect_stdout(log))
        address = order.cellcast_url or opened.enter_context(Sandbox(opted_out=list(order.opted_out))).start()
        stack = opened.enter_context(
            running_stack(address, order.api_key or "sandbox-key", hooks=hooks, outbox=Outbox(order.out, told))
        )
        _warm_up(stack)
        gateway = opened.enter_context(_gateway(order.port, stack))
        if order.drop:
            opened.enter_context(_dropping(order.drop, stack, told))
        if not order.hooks:
            print(f"token {token}", file=terminal, flush=True)
        print(_ready(gateway, order), file=told, flush=True)
        _wait_for_the_end()
        print("ending: what came in is brought to its end first", file=told, flush=True)
    return _left(stack, told)


def _hooks(path: Path | None, token: str) -> str:
    if path is None:
        return json.dumps({"tokens": [token], "senders": {"form": {"scheme": "token", "secrets": [token]}}})
    text = path.read_text("utf-8")
    for name, fault in parse_hooks(text).faults.items():
        print(f"the sender {name} is shut out: it {fault}", file=sys.stderr)
    return text


def _ready(gateway: HttpApi, order: Service) -> str:
    dropped = f", files in {order.drop}" if order.drop else ""
    address = f"http://127.0.0.1:{gateway.server_port}"
    return f"ready: listening on {address}{dropped}; results go to {order.out} (Ctrl-C ends it)"


def _warm_up(stack: Stack) -> None:
    """What a function loads when it is first needed, so that the first deliveries do not wait for it."""
    for name in (
        "webhooks.extraction.people",
        "webhooks.extraction.person_table",
        "pipelines.webhook_queue",
        "pipelines.webhook_batch",
    ):
        importlib.import_module(f"contact_import.{name}")
    stack.functions["WebhookFunction"](event_of("GET", "/hooks", [("host", "localhost")]))


@contextmanager
def _gateway(port: int, stack: Stack) -> Iterator[HttpApi]:
    """At its end, whoever is being answered is answered."""
    gateway = HttpApi(port, stack.functions["WebhookFunction"])
    thread = threading.Thread(target=gateway.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield gateway
    finally:
        gateway.end()
        thread.join()


@contextmanager
def _dropping(root: Path, stack: Stack, told: TextIO) -> Iterator[None]:
    """At its end, what is in the folder is in the bucket, or said to be not."""

    def take(path: Path) -> None:
        key = object_keys.INCOMING + path.relative_to(root).as_posix()
        with path.open("rb") as body:
            stack.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    stop = threading.Event()

    def run() -> None:
        for path in watch(root, take, stop):
            print(f"{path} was still being written, and is not in", file=told)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _wait_for_the_end() -> None:
    """Until Ctrl-C, or what a service manager sends."""
    ended: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda number, _frame: ended.append(number)) for number in numbers]
    while not ended:  # a lock could be held by the very thread that the signal interrupts
        time.sleep(_LOOK_SECONDS)
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)  # a second Ctrl-C ends it at once


def _left(stack: Stack, told: TextIO) -> int:
    for name in sorted(set(stack.broken)):
        print(f"{name} gave something up; see functions.log", file=told)
    if stack.waiting:
        print(f"{stack.waiting} deliveries are not in: Cellcast did not take them, and they are lost here", file=told)
    return int(bool(stack.broken or stack.waiting))
