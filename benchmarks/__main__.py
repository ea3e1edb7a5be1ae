"""`python -m benchmarks [--small]`: print one table; each ratio compares two measurements of this run."""

import argparse
import os
import platform
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import boto3

from benchmarks import contact_files
from benchmarks.account_pace import create_rate_table, measure_account_pace
from benchmarks.cold_starts import FLOOR, ColdStart, measure_cold_starts
from benchmarks.import_setup import BUCKET
from benchmarks.measurements import run_measurement
from benchmarks.servers import create_certificate, start_aws_server, start_server
from local.aws.moto_server import REGION
from local.deployment.artifact import BUILD_DIR, RUNTIME_PYTHON

_PLANNING_TIME_SECONDS = 780  # of an invocation's 900; Plan stops then and uses the rest to write its result
_CONCURRENCY = 16
_ROUNDS = 5  # of a short file; the median counts, since the speed of a shared machine varies by half


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--small", action="store_true", help="small files: whether it runs, not how quickly")
    small = parser.parse_args().small
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores of {_get_processor_name()}, "
        f"Python {platform.python_version()}\n"
    )
    print("| what | measured | ratio |\n|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder, start_aws_server() as aws:
        os.environ.update(aws)
        # Deployed code is compiled by `make build`; here the first measurement compiles it for all others.
        compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": f"{folder}/compiled"}
        create_rate_table()
        boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        lengths = (1_000, 2_000) if small else (100_000, 1_000_000)
        shorter, longer = (contact_files.write_file(Path(folder) / f"{rows}.csv", rows) for rows in lengths)
        for what, figure, ratio in _measure_all(shorter, longer, lengths, {**aws, **compiled}, is_small=small):
            print(f"| {what} | {figure} | {ratio} |", flush=True)


def _measure_all(
    shorter: Path, longer: Path, lengths: tuple[int, int], aws: Mapping[str, str], *, is_small: bool
) -> Iterator[tuple[str, str, str]]:
    with start_server("endpoint", "0") as endpoint:
        yield from _measure_whole_import(shorter, longer, endpoint, aws)
        yield from _measure_peer(shorter, lengths[0], endpoint, aws)
        yield from _measure_steps(shorter, lengths[0], endpoint, aws)
        yield from _measure_planning(longer, lengths[1], endpoint, aws)
    certificate, ca_bundle = create_certificate(shorter.parent)
    with start_server("endpoint", "0", "0", str(certificate)) as endpoint:
        yield from _measure_peer(shorter, lengths[0], endpoint, aws, ca_bundle=str(ca_bundle))
    yield from _measure_requests(shorter, aws)
    yield from _measure_call_rate(
        contact_files.write_file(shorter.with_name("calls.csv"), 1_000), aws, is_small=is_small
    )
    paced = contact_files.write_file(shorter.with_name("paced.csv"), 2_000 if is_small else 20_000)
    yield from measure_account_pace(paced, {**os.environ, **aws}, seconds=8 if is_small else 30)
    yield from _measure_cold_starts(rounds=1 if is_small else 7)


def _measure_peer(
    file: Path, rows: int, endpoint: str, aws: Mapping[str, str], *, ca_bundle: str = ""
) -> Iterator[tuple[str, str, str]]:
    """All in one process and in turn, some times: the speed of a shared machine varies."""
    runs = [run_measurement("measure_beside_peer", file, endpoint, ca_bundle, environment=aws) for _ in range(_ROUNDS)]
    scheme = endpoint.partition(":")[0]
    for peer, what in (("plain", "sends cells as they are"), ("typed", "guesses the type of each cell")):
        run = sorted(runs, key=lambda one: float(one["ours"] / one[peer]))[_ROUNDS // 2]
        ours, other = (_format_microseconds(run[name], rows) for name in ("ours", peer))
        shown = f"{ours} a row, the minimal importer {other}"
        yield f"CPU over {scheme}, beside a minimal importer that {what}", shown, f"{run['ours'] / run[peer]:.2f} of it"


def _measure_requests(file: Path, aws: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    with start_server("endpoint", "0.3") as endpoint:
        measured = run_measurement("measure_requests", file, endpoint, environment=aws)
    requests, rows = measured["requests"], measured["rows"]
    rate_writes = requests.pop("dynamodb PutItem")
    writes = sum(count for name, count in requests.items() if not name.startswith(("s3 Get", "s3 Head", "s3 List")))
    reads = sum(requests.values()) - writes
    million = 1_000_000 / rows
    ratio = f"{writes / (rows / 400):.2f} writes a batch, {writes * million:,.0f} a million contacts"
    yield "requests to S3", f"{writes} writes and {reads} reads for {rows:,} rows", ratio
    yield "requests to DynamoDB", f"{rate_writes} writes", f"{rate_writes * million:,.0f} a million contacts"


def _measure_whole_import(
    shorter: Path, longer: Path, endpoint: str, aws: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    peaks = []
    for file, rounds in ((shorter, _ROUNDS), (longer, 1)):
        runs = [run_measurement("measure_whole_import", file, endpoint, environment=aws) for _ in range(rounds)]
        run = sorted(runs, key=lambda one: float(one["cpu"] / one["bare"]))[rounds // 2]
        rows = run["rows"]["read"]
        per_row = (
            f"{_format_microseconds(run['cpu'], rows)} a row, csv.reader {_format_microseconds(run['bare'], rows)}"
        )
        yield f"whole import, {rows:,} rows", per_row, f"{run['cpu'] / run['bare']:.1f} times csv.reader"
        peaks.append(run["peak"])
    yield "peak memory of both", f"{peaks[0]:.0f} MB, {peaks[1]:.0f} MB", f"{peaks[1] - peaks[0]:+.0f} MB"


def _measure_steps(file: Path, rows: int, endpoint: str, aws: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    steps = run_measurement("measure_steps", file, endpoint, environment=aws)
    bare = steps.pop("bare")
    for name, seconds in steps.items():
        share = f"{seconds / sum(steps.values()):.0%}"
        yield (
            f"… {name}",
            f"{_format_microseconds(seconds, rows)} a row, {share}",
            f"{seconds / bare:.1f} times csv.reader",
        )


def _measure_planning(file: Path, rows: int, endpoint: str, aws: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    plan = run_measurement("measure_planning", file, endpoint, environment=aws)
    rate = rows / plan["seconds"]
    in_time = f"{rate * _PLANNING_TIME_SECONDS / 1e6:.1f} million rows in one invocation"
    yield "planning a large file", f"{rate:,.0f} rows a second, {plan['peak']:.0f} MB", in_time


def _measure_call_rate(file: Path, aws: Mapping[str, str], *, is_small: bool) -> Iterator[tuple[str, str, str]]:
    for latency, limit in ((0.0, 10.0), (0.05, 10.0), (0.3, 10.0), (0.3, 1000.0)):
        if is_small and latency:
            continue
        ideal = min(limit, _CONCURRENCY / latency if latency else limit)
        with start_server("endpoint", str(latency)) as endpoint:
            calls = run_measurement("measure_call_rate", file, endpoint, limit, environment=aws)
        what = f"calls to an endpoint of {latency * 1000:.0f} ms, limit {limit:,.0f} a second"
        yield what, f"{calls['per_second']:.2f} a second", f"{calls['per_second'] / ideal:.1%} of the ideal"


def _measure_cold_starts(rounds: int) -> Iterator[tuple[str, str, str]]:
    if not BUILD_DIR.exists() or not RUNTIME_PYTHON.exists():
        yield "cold starts", "not measured", "`make artifact` builds what it takes"
        return
    starts = dict(measure_cold_starts(rounds))
    floor = starts.pop(FLOOR)
    yield "cold start of the floor, CPU", _format_cold_start(floor), ""
    for name, one in starts.items():
        ratio = f"import {one.import_seconds / floor.import_seconds:.2f} times the floor's"
        yield f"cold start of {name}, CPU", _format_cold_start(one), ratio


def _format_cold_start(one: ColdStart) -> str:
    figures = {"import": one.import_seconds, "ready": one.ready_seconds, "first event": one.first_event_seconds}
    return ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in figures.items())


def _format_microseconds(seconds: float, rows: int) -> str:
    return f"{seconds / rows * 1e6:.2f} µs"


def _get_processor_name() -> str:
    names = [line for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines() if line.startswith("model name")]
    return names[0].partition(": ")[2] if names else platform.machine()


if __name__ == "__main__":
    main()
