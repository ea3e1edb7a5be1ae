"""`python -m local run`: import files over the deployed wiring and write the results into a folder."""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, TextIO
from urllib.parse import quote

from rich.console import Console

from contact_import.aws.s3 import Bucket
from contact_import.domain import object_keys
from contact_import.domain.ids import compute_import_id
from contact_import.reports import progress
from local.commands.arguments import (
    SANDBOX_NOTICE,
    Commands,
    add_endpoint_options,
    add_opted_out_option,
    check_endpoint_options,
)
from local.sandbox.endpoint import REFUSED_NUMBER, Sandbox, enable_opt_out_check
from local.stack import BUCKET, Stack, start_stack
from local.terminal.progress_bar import show_progress
from local.terminal.summary import print_summary

SAMPLE = Path(__file__).parents[1] / "sample.csv"
_INTERRUPTED_MESSAGE = "python -m local: interrupted; some contacts may be in Cellcast already"
_PROGRESS_SECONDS = 1.0  # between two figures of the progress bar
_FILES = ("result.json", "failed.csv", "accepted.csv", "report.html")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of the command line."""

    files: tuple[Path, ...]
    lists: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    dry_run: bool = False
    large: bool = False
    out: Path = Path("out")
    as_json: bool = False
    cellcast_url: str = ""
    api_key: str = ""
    mapping: Path | None = None
    opted_out: tuple[str, ...] = ()


def add_command(commands: Commands) -> None:
    command = commands.add_parser("run", help="import files into the sandbox, or into a real account")
    command.add_argument("files", nargs="*", type=Path, metavar="FILE", help="without one, a sample of every status")
    command.add_argument("--list", action="append", default=[], metavar="NAME", help="a list for all contacts")
    command.add_argument("--tag", action="append", default=[], metavar="NAME", help="a tag for all contacts")
    command.add_argument("--dry-run", action="store_true", help="everything but the sending")
    command.add_argument("--large", action="store_true", help="over the state machine, whatever the size")
    command.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="for the results (out/)")
    command.add_argument("--json", action="store_true", help="print each result.json, one a line, and no more")
    add_endpoint_options(command)
    add_opted_out_option(command)
    command.add_argument("--mapping", type=Path, metavar="FILE", help="what the columns hold, where a guess is wrong")
    command.set_defaults(act=_run_command)


def _run_command(options: argparse.Namespace) -> int:
    files = tuple(options.files) or (SAMPLE,)
    for path in files:
        if not path.is_file():
            raise FileNotFoundError(f"{path} is not a file")
        if path.name == object_keys.MAPPING_FILE:
            raise RuntimeError(f"{path} is no list of contacts: give it with --mapping")
    check_endpoint_options(options)
    return import_files(
        RunOptions(
            files=files,
            lists=tuple(options.list),
            tags=tuple(options.tag),
            dry_run=options.dry_run,
            large=options.large,
            out=options.out,
            as_json=options.json,
            cellcast_url=options.cellcast_url,
            api_key=options.api_key,
            mapping=options.mapping,
            opted_out=tuple(options.opted_out),
        )
    )


def import_files(options: RunOptions) -> int:
    """Import the files and print a summary or the JSON of each result.

    Return the exit status: 0 when every row was accepted, 1 when an import failed, 2 when some rows were not accepted.
    Raise RuntimeError when a function of the stack gives up.
    """
    terminal = sys.stdout
    if not options.cellcast_url:
        print(SANDBOX_NOTICE, file=sys.stderr if options.as_json else terminal, flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    progress.UPDATE_INTERVAL_SECONDS = _PROGRESS_SECONDS  # a person watches the bar
    enable_opt_out_check(options.opted_out)
    with ExitStack() as exit_stack:
        log = exit_stack.enter_context((options.out / "functions.log").open("w", encoding="utf-8"))
        # The functions log to stdout, as in Lambda; the caller gets only the results there.
        exit_stack.enter_context(redirect_stdout(log))
        address = options.cellcast_url or exit_stack.enter_context(_make_sandbox(options)).start()
        stack = exit_stack.enter_context(
            start_stack(
                address, options.api_key or "sandbox-key", sandbox=not options.cellcast_url, large=options.large
            )
        )
        if options.mapping:
            stack.s3.put_object(
                Bucket=BUCKET,
                Key=_get_key_prefix(options) + object_keys.MAPPING_FILE,
                Body=options.mapping.read_bytes(),
            )
        exit_stack.enter_context(_exit_on_interrupt(log))
        results = [_import_file(stack, options, path, folder) for path, folder in _assign_result_folders(options)]
    for (_, folder), result in zip(_assign_result_folders(options), results, strict=True):
        if options.as_json:
            print(json.dumps(result, ensure_ascii=True), file=terminal)
        else:
            print_summary(result, folder, terminal)
    return _compute_exit_status(results)


@contextmanager
def _exit_on_interrupt(log: TextIO) -> Iterator[None]:
    """Exit at Ctrl-C, and say that contacts may be in Cellcast.

    A handler and not `except KeyboardInterrupt`: where Ctrl-C meets a finalizer, Python prints that exception and
    continues.
    """

    def exit_process(_signal: int, _frame: FrameType | None) -> None:
        with suppress(RuntimeError):  # the interrupted line may be one that writes to the log
            log.flush()
        os.write(sys.stderr.fileno(), f"{_INTERRUPTED_MESSAGE}\n".encode())
        os._exit(130)  # joining the threads would wait for a function that waits for its endpoint

    previous = signal.signal(signal.SIGINT, exit_process)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _make_sandbox(options: RunOptions) -> Sandbox:
    """Return a sandbox that accepts every contact; for the sample, one whose responses lead to every status."""
    if [path.resolve() for path in options.files] == [SAMPLE.resolve()]:
        return Sandbox(
            refused_numbers=frozenset({REFUSED_NUMBER}), has_fault_numbers=True, opted_out=list(options.opted_out)
        )
    return Sandbox(opted_out=list(options.opted_out))


def _assign_result_folders(options: RunOptions) -> Iterator[tuple[Path, Path]]:
    """Yield each file and the folder of its results; a file of a name that was used before gets "name-2"."""
    used_names: set[str] = set()
    for path in options.files:
        name, number = path.name, 1
        while name in used_names:
            number += 1
            name = f"{path.name}-{number}"
        used_names.add(name)
        yield path, options.out / name


def _import_file(stack: Stack, options: RunOptions, path: Path, folder: Path) -> dict[str, Any]:
    key = _get_key_prefix(options) + folder.name
    metadata = {"list": _encode_names(options.lists), "tags": _encode_names(options.tags)}
    with path.open("rb") as body:
        put = stack.s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata=metadata)
    ident = compute_import_id(BUCKET, key, put["VersionId"])
    prefix = object_keys.make_results_prefix(key, ident)
    bucket = Bucket(stack.s3, BUCKET)
    with show_progress(path.name, lambda: progress.load_progress(bucket, prefix), Console(stderr=True)) as update_bar:
        while not _has_object(stack, f"{prefix}result.json"):
            if stack.failures:
                raise RuntimeError(f"{stack.failures[0]} gave up; see {options.out / 'functions.log'}")
            update_bar()
            time.sleep(0.1)
    folder.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        body = stack.s3.get_object(Bucket=BUCKET, Key=prefix + name)["Body"].read()
        (folder / name).write_bytes(body)
    result: dict[str, Any] = json.loads((folder / "result.json").read_text("utf-8"))
    return result


def _get_key_prefix(options: RunOptions) -> str:
    return object_keys.VALIDATE if options.dry_run else object_keys.INCOMING


def _encode_names(names: Sequence[str]) -> str:
    return ",".join(quote(name, safe=" ") for name in names)


def _has_object(stack: Stack, key: str) -> bool:
    return bool(stack.s3.list_objects_v2(Bucket=BUCKET, Prefix=key, MaxKeys=1).get("KeyCount"))


def _compute_exit_status(results: Sequence[dict[str, Any]]) -> int:
    states = {result["status"] for result in results}
    if "failed" in states:
        return 1
    return 2 if "completed_with_failures" in states else 0
