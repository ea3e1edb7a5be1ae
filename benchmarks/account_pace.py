"""The account's rate: imports and deliveries in separate processes, over a strict endpoint and the shared table."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import boto3
import requests

from benchmarks.import_setup import ImportSetup, prepare_import
from benchmarks.servers import ROOT, start_server
from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.cellcast.shared_rate_limiter import SharedRateLimiter
from contact_import.handlers.aws_clients import get_rate_record
from contact_import.handlers.dependencies import get_utc_now
from contact_import.pipelines import inline
from local.aws.moto_server import create_table

RATE_TABLE = "rates"
_LIMIT = 14.0
_CELLCAST_LIMIT = 15  # calls in any second: one more gets 429
_CONTACTS_IN_CALL = 20  # many calls from a short file
_DELIVERIES_A_SECOND = 1.5


def create_rate_table() -> None:
    """Create the table in the AWS that the environment names."""
    create_table(boto3.client("dynamodb"), RATE_TABLE)


def measure_account_pace(file: Path, aws: Mapping[str, str], *, seconds: float) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of the table: a description, the figures, and their ratio to the ideal."""
    cases = [(f"a lone import, endpoint of {latency * 1000:.0f} ms", latency, 1, 0) for latency in (0.05, 0.3, 1.0)]
    cases += [
        ("four imports at once, 300 ms", 0.3, 4, 0),
        ("an import beside deliveries, 300 ms", 0.3, 1, 1),
        ("four imports beside deliveries, 300 ms", 0.3, 4, 1),
    ]
    for what, latency, imports, deliveries in cases:
        with start_server("endpoint", str(latency), str(_CELLCAST_LIMIT)) as endpoint, ExitStack() as processes:
            roles = ["import"] * imports + ["deliveries"] * deliveries
            children = [processes.enter_context(_start(role, file, endpoint, seconds, aws)) for role in roles]
            figures = [json.loads(child.communicate()[0]) for child in children]
            log = requests.get(endpoint, timeout=10).json()
        calls = figures[:imports]
        rates = [one["calls"] / (one["ended"] - one["began"]) for one in calls]
        # The processes do not start together: the rate is that of the time in which any of them called.
        seconds_of_all = max(one["ended"] for one in calls) - min(one["began"] for one in calls)
        rate = sum(one["calls"] for one in calls) / seconds_of_all
        shown = f"{rate:.2f} calls a second"
        if imports > 1:
            shown += f", {min(rates):.1f} to {max(rates):.1f} each"
        if deliveries:
            shown += f"; a delivery waits {figures[-1]['wait'] * 1000:.0f} ms"
        limits = f"{log['rejected']} of {log['calls']} calls got 429, at most {log['most']} in a second"
        yield what, shown, f"{rate / _LIMIT:.0%} of the account's 14; {limits}"


def _start(role: str, file: Path, endpoint: str, seconds: float, aws: Mapping[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.account_pace", role, str(file), endpoint, str(seconds)]
    return subprocess.Popen(command, cwd=ROOT, env={**aws}, stdout=subprocess.PIPE, text=True)


def build_shared_limiter(*, is_interactive: bool = False) -> SharedRateLimiter:
    """Build the limiter of one invocation, over the table."""
    return SharedRateLimiter(get_rate_record(RATE_TABLE), _LIMIT, RateLimiter(0.25), is_interactive=is_interactive)


def _run_import(file: Path, endpoint: str, seconds: float) -> dict[str, float]:
    """Import until the time is up; return the calls, and the times of the first and the last on the machine's clock."""
    setup = prepare_import(file, endpoint, max_contacts=_CONTACTS_IN_CALL, rate_limiter=build_shared_limiter())
    # The canary batch is sent alone: without it the calls are at full rate from the start.
    setup = replace(setup, settings=replace(setup.settings, canary_contacts=0))
    setup.client.deadline = time.monotonic() + seconds
    times, began = list[float](), time.monotonic()
    _record_calls(setup, times)
    inline.run(setup.upload, bucket=setup.bucket, settings=setup.settings, client=setup.client, now=get_utc_now)
    if len(times) < 2:  # the time was too short
        return {"calls": 0, "began": began, "ended": time.monotonic()}
    return {"calls": len(times) - 1, "began": times[0], "ended": times[-1]}


def _record_calls(setup: ImportSetup, times: list[float]) -> None:
    post = setup.client.post

    def record_and_post(body: bytes, key: str, timeout: float) -> object:
        times.append(time.monotonic())
        return post(body, key, timeout)

    setup.client.post = record_and_post  # type: ignore[assignment]


def _send_deliveries(endpoint: str, seconds: float) -> dict[str, float]:
    """Send one contact at a time, as POST /contacts does; return how long a call waited for its turn."""
    limiter, deadline = build_shared_limiter(is_interactive=True), time.monotonic() + seconds
    body, waits = b'{"contacts":[{"phone_number":"+61491570006"}]}', list[float]()
    with requests.Session() as session:
        while time.monotonic() < deadline:
            began = time.monotonic()
            limiter.wait()
            waits.append(time.monotonic() - began)
            session.post(endpoint, data=body, timeout=10)
            time.sleep(max(0.0, began + 1 / _DELIVERIES_A_SECOND - time.monotonic()))
    return {"calls": len(waits), "wait": sum(waits) / len(waits)}


if __name__ == "__main__":
    role, path, address, limit = sys.argv[1:]
    figures = (
        _run_import(Path(path), address, float(limit)) if role == "import" else _send_deliveries(address, float(limit))
    )
    print(json.dumps(figures))
