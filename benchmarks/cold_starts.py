"""Cold starts: what `sam build` made, in the real Lambda runtime client, over a function that does nothing.

The floor imports boto3, requests and Powertools' Logger, as any function of this kind would.
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

from local.artifact import BUILT, CLIENT, World, a_world
from local.aws.lambda_runtime import Runtime

FLOOR = "floor"
_CODE = """import boto3, requests
from aws_lambda_powertools import Logger
logger = Logger()
def handler(event, context):
    return None
"""
_IMPORT = "import time; began = time.process_time(); import {}; print(time.process_time() - began)"
_AS_IN_LAMBDA = {"PYTHONDONTWRITEBYTECODE": "1", "AWS_DEFAULT_REGION": "ap-southeast-2"}  # nothing is kept
# An order in which each finds what those before it left.
_EVENTS = {
    "UploadFunction": "upload_eventbridge.json",
    "NotifyFunction": "notify_queue.json",
    "PlanFunction": "plan.json",
    "BatchFunction": "batch.json",
    "FinishFunction": "finish.json",
    "WebhookFunction": "webhook_hook.json",
    "QueueFunction": "queue_deliveries.json",
    "SweepFunction": "sweep.json",
}


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Seconds of CPU: for the import alone, until the first question for an event, and for the first invocation."""

    importing: float
    ready: float
    first: float


def cold_starts(rounds: int) -> Mapping[str, ColdStart]:
    """The least of some rounds, in each of which every function has its turn; the floor is called `floor`.

    Nothing is compiled but what `make build` has compiled, and nothing is kept, as in Lambda. Each round has a world
    of its own, so that each function does in it what it does with an event that is new to it.
    """
    seen: dict[str, list[ColdStart]] = {name: [] for name in (FLOOR, *_EVENTS)}
    with _floor() as floor:
        for _ in range(rounds):
            with a_world() as world:
                for name, one in _one_round(world, floor):
                    seen[name].append(one)
    return {name: _least(starts) for name, starts in seen.items()}


def _one_round(world: World, floor: Path) -> Iterator[tuple[str, ColdStart]]:
    runtime = Runtime(CLIENT, floor, "floor.handler", _AS_IN_LAMBDA)
    yield FLOOR, _started(runtime, {})[0]
    delivery = ""
    for name, event in _EVENTS.items():
        runtime = world.start(name)
        runtime.environment = {**runtime.environment, **_AS_IN_LAMBDA}
        told = world.event(event, delivery) if delivery else world.event(event)
        start, answer = _started(runtime, told)
        if name == "WebhookFunction":
            delivery = json.loads(answer["body"])["import_id"]
        yield name, start


def _started(runtime: Runtime, event: Any) -> tuple[ColdStart, Any]:
    importing = _importing(runtime.artifact, runtime.handler.rpartition(".")[0], runtime.environment)
    with runtime:
        ready = runtime.cpu
        answer = runtime.invoke(event)
        return ColdStart(importing, ready, runtime.cpu - ready), answer


def _importing(artifact: Path, module: str, environment: Mapping[str, str]) -> float:
    places = {"PATH": os.environ["PATH"], "PYTHONPATH": str(artifact), "LAMBDA_TASK_ROOT": str(artifact)}
    done = subprocess.run(
        [CLIENT, "-c", _IMPORT.format(module)],
        cwd=artifact,
        env={**environment, **places},
        stdout=subprocess.PIPE,
        check=True,
    )
    return float(done.stdout)


@contextmanager
def _floor() -> Iterator[Path]:
    """The packages of an artifact, with a module beside them that uses three of them and does nothing."""
    with tempfile.TemporaryDirectory() as folder:
        for package in (BUILT / "UploadFunction").iterdir():
            (Path(folder) / package.name).symlink_to(package)
        (Path(folder) / "floor.py").write_text(_CODE, "utf-8")
        yield Path(folder)


def _least(starts: list[ColdStart]) -> ColdStart:
    """Whatever else runs on the machine only adds to it."""
    return ColdStart(
        min(one.importing for one in starts), min(one.ready for one in starts), min(one.first for one in starts)
    )
