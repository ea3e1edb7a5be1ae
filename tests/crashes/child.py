"""A process that forks a run for each order it is given: forking takes a fraction of what a start takes.

Every outbound effect, to S3, Secrets Manager and Cellcast alike, passes urllib3. There it is counted, and one of
them befalls what the order says.
"""

import gc
import importlib
import io
import json
import math
import os
import pkgutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial, partialmethod
from pathlib import Path
from typing import Any

from aws_lambda_powertools.utilities.parameters.constants import DEFAULT_PROVIDERS
from aws_lambda_powertools.utilities.parameters.secrets import SecretsProvider
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError
from urllib3.response import HTTPResponse

import contact_import
from contact_import import clients, events, importer, ledger, page, progress, stages, workers
from contact_import.events import Upload
from contact_import.keys import import_id
from contact_import.line import Key, Line
from contact_import.pace import Pace
from contact_import.sender import Sender
from local.machine import Failure, Machine, load

DEFINITION = Path(__file__).parents[2] / "statemachine" / "large_file.asl.yaml"
STAGES = ("Plan", "Batch", "Finish")
DIED = 99
DIES, LOST, FAILS, AWAY = "dies", "answer lost", "fails", "AWS away"
_PATIENCE = 0.5


class Effects:
    """What a run does outside of itself, in order; the one at `point`, counted from 1, befalls `kind`.

    With `AWAY`, AWS answers everything from that point on with 503.
    """

    def __init__(self, point: int, kind: str) -> None:
        self.seen: list[str] = []
        self._point, self._kind = point, kind
        self._real = HTTPConnectionPool.urlopen

    def urlopen(self, pool: HTTPConnectionPool, method: str, url: str, **more: Any) -> Any:
        self.seen.append(f"{method} {pool.port} {url}")
        befalls = self._kind if len(self.seen) == self._point else ""
        if self._kind == AWAY and len(self.seen) >= self._point and not url.endswith("/contact/bulk"):
            return HTTPResponse(io.BytesIO(), status=503, preload_content=False)
        if befalls == DIES:
            os._exit(DIED)
        if befalls == FAILS:
            refused = NewConnectionError(pool, "played")  # type: ignore[arg-type]
            # As urllib3 itself: requests gets the reason wrapped, botocore, which retries by itself, does not.
            raise MaxRetryError(pool, url, refused) if url.endswith("/contact/bulk") else refused
        answer = self._real(pool, method, url, **more)
        if befalls == LOST:
            answer.close()
            raise ProtocolError("Connection aborted.", ConnectionResetError("played"))
        return answer


def _counted(pool: HTTPConnectionPool, effects: Effects, method: str, url: str, **more: Any) -> Any:
    return effects.urlopen(pool, method, url, **more)


def run(order: Mapping[str, Any]) -> dict[str, Any]:
    """One run of an import, in a process of its own."""
    os.environ.update(order["environment"])
    nap = time.sleep
    time.sleep = lambda _seconds: nap(0.002)
    progress.SECONDS = math.inf  # on a slow machine a report between two others would move all points that follow
    if order["lease"]:
        # So short that others take over while the test watches.
        ledger.LEASE_SECONDS, workers.SENDING_SECONDS = order["lease"], order["lease"] - 1
    effects = Effects(order["point"], order["kind"])
    HTTPConnectionPool.urlopen = partialmethod(_counted, effects)  # type: ignore[method-assign,assignment]
    upload = Upload(**order["upload"])
    now = partial(_now, timedelta(seconds=order["later"]))
    try:
        if order["road"] == "inline":
            _inline(upload, now, nap)
        else:
            _large(upload, now, nap, is_away=order["kind"] == AWAY)
        error = ""
    except Exception as problem:  # noqa: BLE001  it is what the test wants to know
        where = traceback.extract_tb(problem.__traceback__)[-1]
        error = f"{type(problem).__name__}: {problem} ({where.name}:{where.lineno})"
    return {"effects": effects.seen, "error": error}


def _now(later: timedelta) -> datetime:
    return datetime.now(UTC) + later


def _inline(upload: Upload, now: Callable[[], datetime], nap: Callable[[float], None]) -> None:
    settings = clients.settings()
    importer.run(upload, bucket=clients.bucket(upload.bucket), settings=settings, line=_line(nap), now=now)


def _large(upload: Upload, now: Callable[[], datetime], nap: Callable[[float], None], *, is_away: bool) -> None:
    settings = clients.settings()
    bucket = clients.bucket(upload.bucket)

    def stage(name: str, payload: Any) -> Any:
        if name == "Plan":
            return {"manifest": stages.plan(upload, bucket=bucket, settings=settings, now=now)}
        if name == "Batch":
            ident, unit = payload["import_id"], payload["unit"]
            return stages.deliver(ident, unit, bucket=bucket, settings=settings, line=_line(nap), now=now)
        failed = "failure" in payload
        where = events.from_execution(payload)
        return stages.finish(where, bucket=bucket, settings=settings, line=_line(nap), has_failed=failed, now=now)

    def invoke(name: str, payload: Any) -> Any:
        try:
            return stage(name, payload)
        except Exception as problem:
            raise Failure(type(problem).__name__, str(problem)) from problem

    states = load(DEFINITION, {f"{name}FunctionArn": name for name in STAGES} | {"Partition": "aws"})
    states["States"]["Deliver all"]["MaxConcurrency"] = 1  # so that the effects come in the same order every time
    if is_away:
        _make_impatient(states)
    machine = Machine(
        states,
        invoke=invoke,
        read=lambda _bucket, key: json.loads(bucket.read(key) or b""),
        sleep=lambda _seconds, _ending: nap(0.01),
        chance=lambda: 1.0,
    )
    ended = machine.run({"import_id": import_id(upload.bucket, upload.key, upload.version), **asdict(upload)})
    if not ended.succeeded:
        raise RuntimeError(ended.error)


def _make_impatient(states: dict[str, Any]) -> None:
    """Try each state once more and no oftener: what stays away will be away then too."""
    everything = [*states["States"].values(), *states["States"]["Deliver all"]["ItemProcessor"]["States"].values()]
    for state in everything:
        for retrier in state.get("Retry", ()):
            retrier["MaxAttempts"] = min(retrier["MaxAttempts"], 1)


def _line(nap: Callable[[float], None]) -> Line:
    settings = clients.settings()
    return Line(
        post=Sender(settings.cellcast_url).post,
        key=Key(partial(clients.api_key, settings.cellcast_secret)),
        pace=Pace(10_000),
        until=time.monotonic() + 30,
        on_ambiguous=settings.on_ambiguous,
        sleep=lambda seconds: nap(min(seconds, 0.02)),
        patience=_PATIENCE,
    )


def main() -> None:
    """Read orders, a line each; answer each with a line, the run's status, when it has ended.

    An order may say that more come `beside` it: those run at the same time. `kill_after` so many seconds a run is
    killed from outside.
    """
    _prepare()
    began: list[tuple[int, float]] = []
    for text in sys.stdin:
        order = json.loads(text)
        child = os.fork()
        if not child:
            report = run(order)
            Path(order["report"]).write_text(json.dumps(report), "utf-8")
            os._exit(0)
        began.append((child, time.monotonic() + order["kill_after"] if order["kill_after"] else math.inf))
        if order["beside"]:
            continue
        for status in _ended(began):
            sys.stdout.write(f"{status}\n")
        sys.stdout.flush()
        began = []


def _prepare() -> None:
    """Do once what every run would do again and is no effect: it takes longer than all the rest of the run."""
    for module in pkgutil.walk_packages(contact_import.__path__, "contact_import."):
        importlib.import_module(module.name)
    for name in ("report.html.jinja", "running.html.jinja"):
        page._template(name)
    clients.bucket("contacts")
    DEFAULT_PROVIDERS["secrets"] = SecretsProvider()
    gc.collect()
    gc.freeze()  # so that a run that collects garbage does not copy all of this


def _ended(began: list[tuple[int, float]]) -> list[int]:
    """The statuses of runs that are under way, each killed when its time has come."""
    statuses: dict[int, int] = {}
    while len(statuses) < len(began):
        for child, until in began:
            if child in statuses:
                continue
            if time.monotonic() >= until:
                os.kill(child, signal.SIGKILL)
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                statuses[child] = os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    return [statuses[child] for child, _ in began]


if __name__ == "__main__":
    main()
