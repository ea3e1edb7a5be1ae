"""The measurements, each in a separate process, so that no memory and no cache of one is in the next.

`python -m benchmarks.measurements NAME ARGUMENT…` prints the figures as a JSON object.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import Any

import boto3

from benchmarks.account_pace import RATE_TABLE, build_shared_limiter
from benchmarks.import_setup import (
    BUCKET,
    ImportSetup,
    get_peak_megabytes,
    measure_cpu,
    measure_csv_reader,
    prepare_import,
)
from benchmarks.peer import guess_type, import_plainly
from benchmarks.servers import ROOT
from contact_import.files.table import open_table
from contact_import.handlers.aws_clients import get_rate_record
from contact_import.handlers.dependencies import get_utc_now
from contact_import.ledger.compaction import build_compactor
from contact_import.ledger.import_config import ImportConfig
from contact_import.ledger.ledger import Ledger
from contact_import.pipelines import inline
from contact_import.pipelines.large_file.plan import plan_import
from contact_import.pipelines.prepare import build_import_config, collect_labels, open_batches, validate_table
from contact_import.pipelines.workers import Workers
from contact_import.reports.accepted_csv import build_accepted_formatter
from contact_import.sending.deliver import send_batch
from contact_import.sending.payload import build_body

_CONTACTS_IN_CALL = 20  # many calls from a short file, for the call rate


def run_measurement(name: str, *arguments: object, environment: Mapping[str, str]) -> dict[str, Any]:
    """Run one of `MEASUREMENTS` in a new process and return its figures."""
    command = [sys.executable, "-m", "benchmarks.measurements", name, *map(str, arguments)]
    completed = subprocess.run(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, check=True)
    figures: dict[str, Any] = json.loads(completed.stdout)
    return figures


def measure_whole_import(file: Path, endpoint: str) -> dict[str, Any]:
    """Import a file in one invocation; return the CPU seconds, the peak memory in MB and the counts of the rows."""
    setup = prepare_import(file, endpoint)
    baseline_before = measure_csv_reader(file)
    results: list[Any] = []
    cpu = measure_cpu(lambda: results.append(_run_import(setup)))
    peak = get_peak_megabytes()
    return {
        "bare": mean((baseline_before, measure_csv_reader(file))),
        "cpu": cpu,
        "peak": peak,
        "rows": results[0]["rows"],
    }


def measure_steps(file: Path, endpoint: str) -> dict[str, Any]:
    """Return the CPU seconds of each step: the import runs again and again, each time one step further."""
    setup = prepare_import(file, endpoint)
    labels = collect_labels(setup.upload, {}, setup.settings)
    now = datetime.now(UTC)

    def build_config() -> ImportConfig:
        return build_import_config(
            setup.upload, setup.bucket, setup.settings, import_labels=labels, mapping=None, started_at=now
        )

    config = build_config()
    mapping = measure_cpu(build_config)

    def read() -> None:
        with setup.bucket.open(setup.upload.key) as stream:
            _exhaust(open_table(stream, region="AU", layout=config.layout).rows)

    def validate() -> None:
        with setup.bucket.open(setup.upload.key) as stream:
            _exhaust(validate_table(config, open_table(stream, region="AU", layout=config.layout)))

    def split(each: Callable[[Any], object] = lambda _batch: None) -> None:
        with open_batches(config, setup.bucket) as (_, batches):
            for batch in batches:
                each(batch)

    def record() -> None:
        ledger = Ledger(setup.bucket, f"shares-{time.time_ns()}", lambda: datetime.now(UTC))
        compact = build_compactor(build_accepted_formatter(config.layout.columns))
        workers = Workers(ledger, setup.client, setup.settings.concurrency, should_close=lambda: True, compact=compact)
        with open_batches(config, setup.bucket) as (_, batches):
            workers.send_batches(batches)

    steps = {
        "reading": measure_cpu(read),
        "validating": measure_cpu(validate),
        "batching": measure_cpu(split),
        "encoding": measure_cpu(lambda: split(lambda batch: build_body(batch.contacts, batch.labels))),
        "sending": measure_cpu(lambda: split(lambda batch: send_batch(batch, setup.client))),
        "recording": measure_cpu(record),
        "collecting": measure_cpu(lambda: _run_import(setup)) - mapping,
    }
    return {"bare": measure_csv_reader(file), "mapping": mapping} | _compute_differences(steps)


def measure_planning(file: Path, endpoint: str) -> dict[str, Any]:
    """Plan a large file; return the seconds by the clock, since an invocation has 900 of them, and the CPU seconds."""
    setup = prepare_import(file, endpoint)
    began = time.perf_counter()
    cpu = measure_cpu(lambda: plan_import(setup.upload, bucket=setup.bucket, settings=setup.settings, now=get_utc_now))
    return {
        "seconds": time.perf_counter() - began,
        "cpu": cpu,
        "peak": get_peak_megabytes(),
        "bare": measure_csv_reader(file),
    }


def measure_beside_peer(file: Path, endpoint: str, ca_bundle: str = "") -> dict[str, Any]:
    """Return the CPU seconds of an import and of two minimal importers over the same file, each the second time.

    The first time loads modules, in each of them.
    """
    setup = prepare_import(file, endpoint, ca_bundle=ca_bundle)
    plain = partial(import_plainly, boto3.client("s3"), BUCKET, setup.upload.key, endpoint, ca_bundle=ca_bundle or None)
    _run_import(setup)
    plain()
    again = prepare_import(file, endpoint, ca_bundle=ca_bundle)
    return {
        "ours": measure_cpu(lambda: _run_import(again)),
        "plain": measure_cpu(plain),
        "typed": measure_cpu(lambda: plain(read_cell=guess_type)),
    }


def measure_requests(file: Path, endpoint: str) -> dict[str, Any]:
    """Return the requests that a whole import makes at the account's rate, by service and operation."""
    setup, counts = prepare_import(file, endpoint, rate_limiter=build_shared_limiter()), Counter[str]()
    for service, client in (("s3", setup.bucket._client), ("dynamodb", get_rate_record(RATE_TABLE)._client)):  # noqa: SLF001  boto3's own hook
        client.meta.events.register(
            f"before-call.{service}",
            lambda model, **_: counts.update([f"{model.service_model.service_name} {model.name}"]),
        )
    rows = _run_import(setup)["rows"]["read"]
    return {"rows": rows, "requests": dict(counts)}


def measure_call_rate(file: Path, endpoint: str, calls_per_second: str) -> dict[str, Any]:
    """Return the calls a second while a file is imported."""
    setup = prepare_import(file, endpoint, calls_per_second=float(calls_per_second), max_contacts=_CONTACTS_IN_CALL)
    # The canary batch is sent alone: without it the calls are at full rate from the start.
    setup = replace(setup, settings=replace(setup.settings, canary_contacts=0))
    call_times: list[float] = []
    post = setup.client.post

    def record_and_post(body: bytes, key: str, seconds: float) -> Any:
        call_times.append(time.monotonic())
        return post(body, key, seconds)

    setup.client.post = record_and_post
    _run_import(setup)
    # The first calls are sent immediately; each later one waits for the rate limit or for a response.
    span = call_times[-1] - call_times[0]
    return {"calls": len(call_times), "per_second": (len(call_times) - 1) / span}


def _run_import(setup: ImportSetup) -> dict[str, Any]:
    result = inline.run(
        setup.upload, bucket=setup.bucket, settings=setup.settings, client=setup.client, now=get_utc_now
    )
    assert result
    return result


def _exhaust(items: Iterable[object]) -> None:
    for _ in items:
        pass


def _compute_differences(steps: Mapping[str, float]) -> dict[str, float]:
    return dict(zip(steps, (later - before for before, later in pairwise((0.0, *steps.values()))), strict=True))


MEASUREMENTS: dict[str, Callable[..., dict[str, Any]]] = {
    function.__name__: function
    for function in (
        measure_whole_import,
        measure_steps,
        measure_planning,
        measure_call_rate,
        measure_beside_peer,
        measure_requests,
    )
}

if __name__ == "__main__":
    name, file, *rest = sys.argv[1:]
    print(json.dumps(MEASUREMENTS[name](Path(file), *rest)))
