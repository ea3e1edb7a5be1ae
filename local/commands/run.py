"""`python -m local run`: files in, results out, over the deployed wiring."""

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rich.console import Console

from contact_import.aws.s3 import Bucket
from contact_import.domain import object_keys
from contact_import.reports import progress
from local.sandbox.endpoint import REFUSED_NUMBER, Sandbox, screen
from local.stack import BUCKET, Stack, running_stack
from local.terminal.progress_bar import shown_progress
from local.terminal.summary import print_summary

SAMPLE = Path(__file__).parents[1] / "sample.csv"
_INTERRUPTED = "python -m local: interrupted; some contacts may be in Cellcast already"
_LOOK_SECONDS = 1.0  # between two figures of the progress bar
_FILES = ("result.json", "failed.csv", "accepted.csv", "report.html")


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asks for."""

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


def run(order: Order) -> int:
    """Import the files and print what became of them. Give the exit status: 0 all rows in, 1 failed, 2 some not."""
    terminal = sys.stdout
    order.out.mkdir(parents=True, exist_ok=True)
    progress.SECONDS = _LOOK_SECONDS  # somebody looks on
    screen(order.opted_out)
    with ExitStack() as opened:
        log = opened.enter_context((order.out / "functions.log").open("w", encoding="utf-8"))
        # What the functions print goes where CloudWatch would take it, and stdout stays the caller's.
        opened.enter_context(redirect_stdout(log))
        address = order.cellcast_url or opened.enter_context(_sandbox(order)).start()
        stack = opened.enter_context(running_stack(address, order.api_key or "sandbox-key", large=order.large))
        if order.mapping:
            stack.s3.put_object(
                Bucket=BUCKET, Key=_folder(order) + object_keys.MAPPING, Body=order.mapping.read_bytes()
            )
        try:
            results = [_import(stack, order, path, where) for path, where in _places(order)]
        except KeyboardInterrupt:
            log.flush()
            print(_INTERRUPTED, file=sys.stderr, flush=True)
            os._exit(130)  # a function that waits for its endpoint would hold everybody up
    for (_, where), result in zip(_places(order), results, strict=True):
        if order.as_json:
            print(json.dumps(result, ensure_ascii=True), file=terminal)
        else:
            print_summary(result, where, terminal)
    return _exit_status(results)


def _sandbox(order: Order) -> Sandbox:
    """One that takes everybody; with the sample, one that shows what else an endpoint can do."""
    if [path.resolve() for path in order.files] == [SAMPLE.resolve()]:
        return Sandbox(refused=frozenset({REFUSED_NUMBER}), is_moody=True, opted_out=list(order.opted_out))
    return Sandbox(opted_out=list(order.opted_out))


def _places(order: Order) -> Iterator[tuple[Path, Path]]:
    """Each file and the folder for its results: files of one name do not overwrite each other's."""
    taken: set[str] = set()
    for path in order.files:
        name, number = path.name, 1
        while name in taken:
            number += 1
            name = f"{path.name}-{number}"
        taken.add(name)
        yield path, order.out / name


def _import(stack: Stack, order: Order, path: Path, where: Path) -> dict[str, Any]:
    key = _folder(order) + where.name
    metadata = {"list": _encoded(order.lists), "tags": _encoded(order.tags)}
    with path.open("rb") as body:
        put = stack.s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata=metadata)
    ident = object_keys.import_id(BUCKET, key, put["VersionId"])
    prefix = object_keys.results_prefix(key, ident)
    bucket = Bucket(stack.s3, BUCKET)
    with shown_progress(path.name, lambda: progress.read(bucket, prefix), Console(stderr=True)) as show:
        while not _exists(stack, f"{prefix}result.json"):
            if stack.broken:
                raise RuntimeError(f"{stack.broken[0]} gave up; see {order.out / 'functions.log'}")
            show()
            time.sleep(0.1)
    where.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        body = stack.s3.get_object(Bucket=BUCKET, Key=prefix + name)["Body"].read()
        (where / name).write_bytes(body)
    result: dict[str, Any] = json.loads((where / "result.json").read_text("utf-8"))
    return result


def _folder(order: Order) -> str:
    return object_keys.VALIDATE if order.dry_run else object_keys.INCOMING


def _encoded(names: Sequence[str]) -> str:
    return ",".join(quote(name, safe=" ") for name in names)


def _exists(stack: Stack, key: str) -> bool:
    return bool(stack.s3.list_objects_v2(Bucket=BUCKET, Prefix=key, MaxKeys=1).get("KeyCount"))


def _exit_status(results: Sequence[dict[str, Any]]) -> int:
    states = {result["status"] for result in results}
    if "failed" in states:
        return 1
    return 2 if "completed_with_failures" in states else 0
