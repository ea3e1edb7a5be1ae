"""Cold starts: what `sam build` made, in the real Lambda runtime client, over a function that does nothing.

The floor imports boto3, requests and Powertools' Logger, as any function of this kind would.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers import ROOT
from local.runtime import Runtime
from local.stack import names
from local.wiring import Function, Wiring

BUILT = ROOT / ".aws-sam" / "build"
CLIENT = ROOT / ".venvs" / "runtime" / "bin" / "python"
_FLOOR = """import boto3, requests
from aws_lambda_powertools import Logger
logger = Logger()
def handler(event, context):
    return None
"""
_IMPORT = "import time; began = time.process_time(); import {}; print(time.process_time() - began)"


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Seconds: of CPU for the import alone, and from the start of the process to its first question for an event."""

    importing: float
    ready: float


def cold_starts(rounds: int) -> Mapping[str, ColdStart]:
    """The shortest of some rounds, in each of which every function has its turn; the floor is called `floor`.

    Nothing is compiled but what `make build` has compiled, and nothing is kept, as in Lambda.
    """
    with _floor() as floor:
        places = {"floor": (floor, Function("floor", "floor.handler", {}))}
        places |= {one.name: (BUILT / one.name, one) for one in Wiring(names()).functions()}
        extra = {"PYTHONDONTWRITEBYTECODE": "1", "AWS_DEFAULT_REGION": "ap-southeast-2"}
        seen: dict[str, list[ColdStart]] = {name: [] for name in places}
        for _ in range(rounds):
            for name, (artifact, function) in places.items():
                seen[name].append(_once(artifact, function, extra))
    return {name: _shortest(times) for name, times in seen.items()}


def _once(artifact: Path, function: Function, extra: Mapping[str, str]) -> ColdStart:
    with Runtime(CLIENT, artifact, function.handler, {**function.environment, **extra}) as runtime:
        ready = runtime.started_in
    module = function.handler.rpartition(".")[0]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(artifact), "LAMBDA_TASK_ROOT": str(artifact), **extra}
    done = subprocess.run(
        [CLIENT, "-c", _IMPORT.format(module)],
        cwd=artifact,
        env={**function.environment, **environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    return ColdStart(float(done.stdout), ready)


@contextmanager
def _floor() -> Iterator[Path]:
    """The packages of an artifact, with a module beside them that uses three of them and does nothing."""
    with tempfile.TemporaryDirectory() as folder:
        for package in (BUILT / "UploadFunction").iterdir():
            (Path(folder) / package.name).symlink_to(package)
        (Path(folder) / "floor.py").write_text(_FLOOR, "utf-8")
        yield Path(folder)


def _shortest(times: list[ColdStart]) -> ColdStart:
    """Whatever else runs on the machine only adds to it."""
    return ColdStart(min(one.importing for one in times), min(one.ready for one in times))
