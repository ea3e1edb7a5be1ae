"""A process that forks a run for each order: a fork takes a fraction of the time of a new process.

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
from contact_import.aws import events
from contact_import.aws.events import QueueMessage, Upload
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.credentials import ApiKey
from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.cellcast.transport import Transport
from contact_import.domain.ids import compute_import_id, compute_submission_id
from contact_import.handlers import dependencies
from contact_import.ledger import ledger
from contact_import.pipelines import inline, workers
from contact_import.pipelines.large_file.finish import finish_import
from contact_import.pipelines.large_file.plan import plan_import
from contact_import.pipelines.large_file.unit import send_unit
from contact_import.pipelines.webhook.batch import SubmissionBatch
from contact_import.pipelines.webhook.queue import process_messages
from contact_import.reports import progress
from contact_import.reports.html import template
from contact_import.webhooks.queue_message import Message
from local.aws.state_machine import StateMachineInterpreter, TaskFailure, load_definition
from local.stack_values import DELIVERY_TABLE

STATE_MACHINE_PATH = Path(__file__).parents[2] / "statemachine" / "large_file.asl.yaml"
STAGES = ("Plan", "Batch", "Finish")
CRASH_EXIT_CODE = 99
CRASH, RESPONSE_LOST, CONNECTION_FAILS, AWS_UNAVAILABLE = "dies", "response lost", "fails", "AWS unavailable"
_OUTAGE_TIMEOUT = 0.5
_MAX_WAIT_SECONDS = 30.0


class FaultInjector:
    """The external effects of a run, in order; the one at `point`, counted from 1, gets the fault `kind`.

    With `AWS_UNAVAILABLE`, AWS answers everything from that point on with 503.
    """

    def __init__(self, point: int, kind: str) -> None:
        self.effects: list[str] = []
        self._point, self._kind = point, kind
        self._urlopen = HTTPConnectionPool.urlopen

    def urlopen(self, pool: HTTPConnectionPool, method: str, url: str, **more: Any) -> Any:
        self.effects.append(f"{_read_operation(more) or method} {pool.port} {url}")
        fault = self._kind if len(self.effects) == self._point else ""
        if self._kind == AWS_UNAVAILABLE and len(self.effects) >= self._point and not url.endswith("/contact/bulk"):
            return HTTPResponse(io.BytesIO(), status=503, preload_content=False)
        if fault == CRASH:
            os._exit(CRASH_EXIT_CODE)
        if fault == CONNECTION_FAILS:
            refused = NewConnectionError(pool, "played")  # type: ignore[arg-type]
            # As urllib3 itself: requests gets the reason wrapped, botocore, which retries by itself, does not.
            raise MaxRetryError(pool, url, refused) if url.endswith("/contact/bulk") else refused
        response = self._urlopen(pool, method, url, **more)
        if fault == RESPONSE_LOST:
            response.close()
            raise ProtocolError("Connection aborted.", ConnectionResetError("played"))
        return response


def _read_operation(request: Mapping[str, Any]) -> str:
    """Return the operation of a request to a service with one address for all (DynamoDB: `PutItem`), "" for others."""
    target = dict(request.get("headers") or {}).get("X-Amz-Target", "")
    return (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]


def _open_url(pool: HTTPConnectionPool, injector: FaultInjector, method: str, url: str, **more: Any) -> Any:
    return injector.urlopen(pool, method, url, **more)


def run_import(request: Mapping[str, Any]) -> dict[str, Any]:
    """Run an import in a separate process."""
    os.environ.update(request["environment"])
    real_sleep = time.sleep
    time.sleep = lambda _seconds: real_sleep(0.002)
    progress.UPDATE_INTERVAL_SECONDS = (
        math.inf
    )  # on a slow machine a report between two others would move all points that follow
    if request["lease"]:
        # So short that others take over while the test watches.
        ledger.LEASE_SECONDS, workers.SENDING_SECONDS = request["lease"], request["lease"] - 1
    injector = FaultInjector(request["point"], request["kind"])
    HTTPConnectionPool.urlopen = partialmethod(_open_url, injector)  # type: ignore[method-assign,assignment]
    upload = Upload(**request["upload"])
    now = partial(_read_clock, timedelta(seconds=request["clock_offset"]))
    try:
        if request["import_path"] == "inline":
            _run_inline(upload, now, real_sleep)
        elif request["import_path"] == "delivery":
            _run_delivery(upload, now, real_sleep)
        else:
            _run_state_machine(upload, now, real_sleep, is_aws_unavailable=request["kind"] == AWS_UNAVAILABLE)
        error = ""
    except Exception as problem:  # noqa: BLE001  it is what the test wants to know
        where = traceback.extract_tb(problem.__traceback__)[-1]
        error = f"{type(problem).__name__}: {problem} ({where.name}:{where.lineno})"
    return {"effects": injector.effects, "error": error}


def _read_clock(clock_offset: timedelta) -> datetime:
    return datetime.now(UTC) + clock_offset


def _run_inline(upload: Upload, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
    settings = dependencies.get_settings()
    inline.run(
        upload, bucket=dependencies.get_bucket(upload.bucket), settings=settings, client=_build_client(sleep), now=now
    )


def _run_delivery(upload: Upload, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
    """Import the delivery that has the content of the file, as QueueFunction does until its message is done."""
    message = QueueMessage("1", Message(make_delivery_id(upload.key)).to_text(), "handle", 1)
    bucket = dependencies.get_bucket(upload.bucket)
    deadline = time.monotonic() + _MAX_WAIT_SECONDS
    while time.monotonic() < deadline:
        batch = SubmissionBatch(bucket, _build_client(sleep), 1, now, get_table=dependencies.get_delivery_table)
        processed = process_messages([message], bucket=bucket, import_submissions=batch.run, chance=lambda: 1.0)
        if not processed.retries:
            return
        if processed.error_names:
            break
        sleep(0.05)  # another run has claimed it
    raise RuntimeError(str(processed.error_names))


def make_delivery_id(key: str) -> str:
    """Return the import id of the delivery with the content of an uploaded file."""
    return compute_submission_id("hooks/website", key)


def _run_state_machine(
    upload: Upload, now: Callable[[], datetime], sleep: Callable[[float], None], *, is_aws_unavailable: bool
) -> None:
    settings = dependencies.get_settings()
    bucket = dependencies.get_bucket(upload.bucket)

    def stage(name: str, payload: Any) -> Any:
        if name == "Plan":
            # Never any time: where the plan stops and continues is cut off, too.
            manifest = plan_import(upload, bucket=bucket, settings=settings, has_time=lambda: False, now=now)
            return {"manifest": manifest, "verify": settings.verify, "is_complete": bool(manifest)}
        if name == "Batch":
            ident, unit = payload["import_id"], payload["unit"]
            return send_unit(ident, unit, bucket=bucket, settings=settings, client=_build_client(sleep), now=now)
        failed = "failure" in payload
        where = events.parse_execution_input(payload)
        return finish_import(
            where, bucket=bucket, settings=settings, client=_build_client(sleep), has_failed=failed, now=now
        )

    def invoke(name: str, payload: Any) -> Any:
        try:
            return stage(name, payload)
        except Exception as problem:
            raise TaskFailure(type(problem).__name__, str(problem)) from problem

    definition = load_definition(
        STATE_MACHINE_PATH, {f"{name}FunctionArn": name for name in STAGES} | {"Partition": "aws"}
    )
    definition["States"]["Deliver all"]["MaxConcurrency"] = 1  # so that the effects come in the same order every time
    if is_aws_unavailable:
        _limit_retries(definition)
    interpreter = StateMachineInterpreter(
        definition,
        invoke=invoke,
        read_object=lambda _bucket, key: json.loads(bucket.read(key) or b""),
        sleep=lambda _seconds, _ending: sleep(0.01),
        jitter=lambda: 1.0,
    )
    result = interpreter.run(
        {"import_id": compute_import_id(upload.bucket, upload.key, upload.version), **asdict(upload)}
    )
    if not result.succeeded:
        raise RuntimeError(result.error)


def _limit_retries(definition: dict[str, Any]) -> None:
    """Retry each state once: a service that is unavailable stays so in these tests."""
    all_states = [
        *definition["States"].values(),
        *definition["States"]["Deliver all"]["ItemProcessor"]["States"].values(),
    ]
    for state in all_states:
        for retrier in state.get("Retry", ()):
            retrier["MaxAttempts"] = min(retrier["MaxAttempts"], 1)


def _build_client(sleep: Callable[[float], None]) -> CellcastClient:
    settings = dependencies.get_settings()
    return CellcastClient(
        post=Transport(settings.cellcast_url).post,
        api_key=ApiKey(partial(dependencies.fetch_api_key, settings.cellcast_secret)),
        rate_limiter=RateLimiter(10_000),
        deadline=time.monotonic() + 30,
        on_ambiguous=settings.on_ambiguous,
        sleep=lambda seconds: sleep(min(seconds, 0.02)),
        outage_timeout=_OUTAGE_TIMEOUT,
    )


def main() -> None:
    """Read orders, a line each; answer each with a line, the run's status, when it has ended.

    When an order has more to follow (`has_more`), their runs go side by side. A run is killed from outside after
    `kill_after` seconds.
    """
    _warm_up()
    runs: list[tuple[int, float]] = []
    for text in sys.stdin:
        request = json.loads(text)
        child = os.fork()
        if not child:
            report = run_import(request)
            Path(request["report"]).write_text(json.dumps(report), "utf-8")
            os._exit(0)
        runs.append((child, time.monotonic() + request["kill_after"] if request["kill_after"] else math.inf))
        if request["has_more"]:
            continue
        for status in _wait_for_runs(runs):
            sys.stdout.write(f"{status}\n")
        sys.stdout.flush()
        runs = []


def _warm_up() -> None:
    """Do once the imports and set-up that every run would repeat; they take longer than the rest of a run."""
    for module in pkgutil.walk_packages(contact_import.__path__, "contact_import."):
        importlib.import_module(module.name)
    for name in ("report.html.jinja", "running.html.jinja"):
        template._load_template(name)
    dependencies.get_bucket("contacts")
    dependencies.get_delivery_table(DELIVERY_TABLE)
    DEFAULT_PROVIDERS["secrets"] = SecretsProvider()
    gc.collect()
    gc.freeze()  # so that a run that collects garbage does not copy all of this


def _wait_for_runs(runs: list[tuple[int, float]]) -> list[int]:
    """Return the statuses of the running children, and kill each when its time is up."""
    statuses: dict[int, int] = {}
    while len(statuses) < len(runs):
        for child, until in runs:
            if child in statuses:
                continue
            if time.monotonic() >= until:
                os.kill(child, signal.SIGKILL)
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                statuses[child] = os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    return [statuses[child] for child, _ in runs]


if __name__ == "__main__":
    main()
