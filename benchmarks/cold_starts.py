"""Cold starts of the built functions in the real Lambda runtime client, compared with a function that does nothing.

That function, the floor, imports boto3, requests and Powertools' Logger, as any function of this kind would.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.aws.lambda_runtime import LambdaRuntime
from local.deployment.artifact import BUILD_DIR, RUNTIME_PYTHON, ArtifactEnvironment, start_artifact_environment

FLOOR = "floor"
_FLOOR_CODE = """import boto3, requests
from aws_lambda_powertools import Logger
logger = Logger()
def handler(event, context):
    return None
"""
_IMPORT_TIMER = "import time; began = time.process_time(); import {}; print(time.process_time() - began)"
_LAMBDA_VARIABLES = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "AWS_DEFAULT_REGION": "ap-southeast-2",
}  # Lambda writes no bytecode
# In this order each function finds in the bucket what those before it wrote.
_EVENTS = {
    "UploadFunction": "upload_eventbridge.json",
    "NotifyFunction": "notify_queue.json",
    "PlanFunction": "plan.json",
    "BatchFunction": "batch.json",
    "FinishFunction": "finish.json",
    "WebhookFunction": "webhook_hook.json",
    "QueueFunction": "queue_deliveries.json",
    "CallbackFunction": "callback_queue.json",
    "SweepFunction": "sweep.json",
}


@dataclass(frozen=True, slots=True)
class ColdStart:
    """CPU seconds of the import alone, until the runtime client polls for an event, and of the first invocation."""

    import_seconds: float
    ready_seconds: float
    first_event_seconds: float


def measure_cold_starts(rounds: int) -> Mapping[str, ColdStart]:
    """Return the minimum of some rounds for each function and for `FLOOR`.

    A round starts every function once. Each round has a new bucket, so that no function finds its work done.
    """
    starts_by_function: dict[str, list[ColdStart]] = {name: [] for name in (FLOOR, *_EVENTS)}
    with _build_floor() as floor:
        for _ in range(rounds):
            with start_artifact_environment() as environment:
                for name, one in _measure_round(environment, floor):
                    starts_by_function[name].append(one)
    return {name: _find_minimum(starts) for name, starts in starts_by_function.items()}


def _measure_round(environment: ArtifactEnvironment, floor: Path) -> Iterator[tuple[str, ColdStart]]:
    runtime = LambdaRuntime(RUNTIME_PYTHON, floor, "floor.handler", _LAMBDA_VARIABLES)
    yield FLOOR, _measure_start(runtime, {})[0]
    delivery_id = ""
    for name, event in _EVENTS.items():
        runtime = environment.make_runtime(name)
        runtime.environment = {**runtime.environment, **_LAMBDA_VARIABLES}
        loaded_event = (
            environment.resources.load_event(event, delivery_id)
            if delivery_id
            else environment.resources.load_event(event)
        )
        start, response = _measure_start(runtime, loaded_event)
        if name == "WebhookFunction":
            delivery_id = json.loads(response["body"])["import_id"]
        yield name, start


def _measure_start(runtime: LambdaRuntime, event: Any) -> tuple[ColdStart, Any]:
    import_seconds = _measure_import(runtime.artifact, runtime.handler.rpartition(".")[0], runtime.environment)
    with runtime:
        ready_seconds = runtime.cpu_seconds
        response = runtime.invoke(event)
        return ColdStart(import_seconds, ready_seconds, runtime.cpu_seconds - ready_seconds), response


def _measure_import(artifact: Path, module: str, environment: Mapping[str, str]) -> float:
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(artifact), "LAMBDA_TASK_ROOT": str(artifact)}
    completed = subprocess.run(
        [RUNTIME_PYTHON, "-c", _IMPORT_TIMER.format(module)],
        cwd=artifact,
        env={**environment, **variables},
        stdout=subprocess.PIPE,
        check=True,
    )
    return float(completed.stdout)


@contextmanager
def _build_floor() -> Iterator[Path]:
    """Yield a folder with the packages of an artifact and the module of the floor."""
    with tempfile.TemporaryDirectory() as folder:
        for package in (BUILD_DIR / "UploadFunction").iterdir():
            (Path(folder) / package.name).symlink_to(package)
        (Path(folder) / "floor.py").write_text(_FLOOR_CODE, "utf-8")
        yield Path(folder)


def _find_minimum(starts: list[ColdStart]) -> ColdStart:
    """Return the minimum of each figure: other processes of the machine only add to it."""
    return ColdStart(
        min(one.import_seconds for one in starts),
        min(one.ready_seconds for one in starts),
        min(one.first_event_seconds for one in starts),
    )
