"""`python -m local serve`: keep the stack up, receive webhooks and import the files of a folder."""

import argparse
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
from local.commands.arguments import Commands, add_endpoint_options, add_opted_out_option, check_endpoint_options
from local.folder_watch import watch_folder
from local.results_download import ResultsDownloader
from local.sandbox.endpoint import Sandbox, enable_opt_out_check
from local.stack import BUCKET, Stack, start_stack

_POLL_SECONDS = 0.1
# Python lets a thread run for 5 ms: a delivery would wait that long for each of many threads that write results.
_THREAD_SWITCH_SECONDS = 0.001
_CALLS_PER_SECOND = "4"  # files, the queue and POST /contacts may call in parallel, and Cellcast allows an account 15


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """The options of the command line. Port 0 stands for any free one."""

    port: int = 8080
    drop: Path | None = None
    out: Path = Path("out")
    hooks: Path | None = None
    cellcast_url: str = ""
    api_key: str = ""
    opted_out: tuple[str, ...] = ()


def add_command(commands: Commands) -> None:
    command = commands.add_parser("serve", help="stay up, for what forms and CRMs post, and for files as they come")
    command.add_argument("--port", type=int, default=8080, help="of the HTTP doors, on loopback (8080; 0: any)")
    command.add_argument("--drop", type=Path, metavar="DIR", help="a folder whose files are imported as they come")
    command.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="for the results (out/)")
    command.add_argument("--hooks", type=Path, metavar="FILE", help="who may post: the content of the hooks secret")
    add_endpoint_options(command)
    add_opted_out_option(command)
    command.set_defaults(act=_run_command)


def _run_command(options: argparse.Namespace) -> int:
    check_endpoint_options(options)
    return serve(
        ServeOptions(
            port=options.port,
            drop=options.drop,
            out=options.out,
            hooks=options.hooks,
            cellcast_url=options.cellcast_url,
            api_key=options.api_key,
            opted_out=tuple(options.opted_out),
        )
    )


def serve(options: ServeOptions) -> int:
    """Serve until Ctrl-C or SIGTERM, then finish what was received. Return 1 when something remained unfinished."""
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
        # The functions log to stdout, as in Lambda; the caller gets only the token there.
        exit_stack.enter_context(redirect_stdout(log))
        address = options.cellcast_url or exit_stack.enter_context(Sandbox(opted_out=list(options.opted_out))).start()
        stack = exit_stack.enter_context(
            start_stack(
                address,
                options.api_key or "sandbox-key",
                sandbox=not options.cellcast_url,
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
    """Load what the functions import on their first event: a sender waits only 1,250 ms for its response."""
    for name in (
        "webhooks.extraction.people",
        "webhooks.person_table",
        "pipelines.webhook.queue",
        "pipelines.webhook.batch",
    ):
        importlib.import_module(f"contact_import.{name}")
    stack.functions["WebhookFunction"](build_event("GET", "/hooks", [("host", "localhost")]))


@contextmanager
def _start_gateway(port: int, stack: Stack) -> Iterator[HttpApi]:
    """Serve the HTTP API; at the end, finish the requests that are being answered."""
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
    """Put the files of the folder into the bucket; at the end, name those that were still being written."""

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
    """Return after SIGINT (Ctrl-C) or SIGTERM, which a service manager sends."""
    received: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    previous_handlers = [signal.signal(number, lambda number, _frame: received.append(number)) for number in numbers]
    # Polled: a handler that set an Event could find its lock held by the thread that the signal interrupts.
    while not received:
        time.sleep(_POLL_SECONDS)
    for number, handler in zip(numbers, previous_handlers, strict=True):
        signal.signal(number, handler)  # a second Ctrl-C ends the process


def _report_unfinished(stack: Stack, stderr: TextIO) -> int:
    for name in sorted(set(stack.failures)):
        print(f"{name} gave something up; see functions.log", file=stderr)
    if stack.undelivered:
        print(
            f"{stack.undelivered} deliveries are not in: Cellcast did not take them, and they are lost here",
            file=stderr,
        )
    return int(bool(stack.failures or stack.undelivered))
