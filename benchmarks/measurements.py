"""What is measured in a process of its own: `python -m benchmarks.measurements NAME ARGUMENT…` prints a JSON object.

Memory and caches of one measurement then have no part in the next.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.import_setup import Road, bare_pass, cpu_of, peak_megabytes, road_of
from benchmarks.servers import ROOT
from contact_import.files.table import open_table
from contact_import.ledger.import_config import Decisions
from contact_import.ledger.ledger import Ledger
from contact_import.pipelines import inline, large_file
from contact_import.pipelines.prepare import decide, judged, labels_of, opened
from contact_import.pipelines.workers import Workers
from contact_import.reports.csv_files import abridging
from contact_import.sending.deliver import deliver
from contact_import.sending.payload import encode

_CONTACTS_IN_CALL = 20  # where calls are counted: many of them from a short file


def measured(name: str, *arguments: object, environment: Mapping[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.measurements", name, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def whole_import(file: Path, endpoint: str) -> dict[str, Any]:
    """A file in one invocation, with everything on: the CPU of this process, and the most memory that it had."""
    road = road_of(file, endpoint)
    before = bare_pass(file)
    results: list[Any] = []
    cpu = cpu_of(lambda: results.append(_import(road)))
    peak = peak_megabytes()
    return {"bare": mean((before, bare_pass(file))), "cpu": cpu, "peak": peak, "rows": results[0]["rows"]}


def shares(file: Path, endpoint: str) -> dict[str, Any]:
    """The seconds of CPU of each step: the road is gone again and again, each time one step further."""
    road = road_of(file, endpoint)
    own = labels_of(road.upload, {}, road.settings)
    now = datetime.now(UTC)

    def understood() -> Decisions:
        return decide(road.upload, road.bucket, road.settings, own=own, told=None, started_at=now)

    decisions = understood()
    mapping = cpu_of(understood)

    def read() -> None:
        with road.bucket.open(road.upload.key) as stream:
            _exhaust(open_table(stream, region="AU", layout=decisions.layout).rows)

    def judge() -> None:
        with road.bucket.open(road.upload.key) as stream:
            _exhaust(judged(decisions, open_table(stream, region="AU", layout=decisions.layout)))

    def cut(each: Callable[[Any], object] = lambda _batch: None) -> None:
        with opened(decisions, road.bucket) as (_, batches):
            for batch in batches:
                each(batch)

    def record() -> None:
        ledger = Ledger(road.bucket, f"shares-{time.time_ns()}", lambda: datetime.now(UTC))
        abridge = abridging(decisions.layout.columns.header)
        workers = Workers(ledger, road.line, road.settings.concurrency, closes=lambda: True, abridge=abridge)
        with opened(decisions, road.bucket) as (_, batches):
            workers.deliver(batches)

    steps = {
        "reading": cpu_of(read),
        "judging": cpu_of(judge),
        "batching": cpu_of(cut),
        "encoding": cpu_of(lambda: cut(lambda batch: encode(batch.contacts, batch.labels))),
        "sending": cpu_of(lambda: cut(lambda batch: deliver(batch, road.line))),
        "recording": cpu_of(record),
        "collecting": cpu_of(lambda: _import(road)) - mapping,
    }
    return {"bare": bare_pass(file), "mapping": mapping} | _differences(steps)


def planning(file: Path, endpoint: str) -> dict[str, Any]:
    """The first state of the large road: seconds by the clock, since the invocation has 900 of them."""
    road = road_of(file, endpoint)
    began = time.perf_counter()
    cpu = cpu_of(lambda: large_file.plan(road.upload, bucket=road.bucket, settings=road.settings))
    return {"seconds": time.perf_counter() - began, "cpu": cpu, "peak": peak_megabytes(), "bare": bare_pass(file)}


def in_flight(file: Path, endpoint: str, calls_per_second: str) -> dict[str, Any]:
    """Calls a second while a file is imported."""
    road = road_of(file, endpoint, calls_per_second=float(calls_per_second), contacts_in_call=_CONTACTS_IN_CALL)
    # What is measured is the pace once it is under way: the first contacts of a file go alone.
    road = replace(road, settings=replace(road.settings, first_sip=0))
    moments: list[float] = []
    post = road.line.post

    def noted(body: bytes, key: str, seconds: float) -> Any:
        moments.append(time.monotonic())
        return post(body, key, seconds)

    road.line.post = noted
    _import(road)
    # The first calls go out at once, and from then on each waits for one before it.
    span = moments[-1] - moments[0]
    return {"calls": len(moments), "per_second": (len(moments) - 1) / span}


def _import(road: Road) -> dict[str, Any]:
    result = inline.run(road.upload, bucket=road.bucket, settings=road.settings, line=road.line)
    assert result
    return result


def _exhaust(items: Iterable[object]) -> None:
    for _ in items:
        pass


def _differences(steps: Mapping[str, float]) -> dict[str, float]:
    return dict(zip(steps, (later - before for before, later in pairwise((0.0, *steps.values()))), strict=True))


CHILDREN: dict[str, Callable[..., dict[str, Any]]] = {
    function.__name__: function for function in (whole_import, shares, planning, in_flight)
}

if __name__ == "__main__":
    name, file, *rest = sys.argv[1:]
    print(json.dumps(CHILDREN[name](Path(file), *rest)))
