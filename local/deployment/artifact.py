"""The functions that `sam build` made, and the AWS resources that the events of `events/` name.

Each function runs in the real Lambda runtime client, with only the environment variables that the template gives to
it, in a process that cannot import this project's sources.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from local.aws.lambda_runtime import LambdaRuntime
from local.aws.moto_server import start_embedded_aws
from local.aws.template import Template
from local.deployment.example_events import ExampleResources, create_resources
from local.sandbox.endpoint import Sandbox
from local.stack_values import build_template_values

ROOT = Path(__file__).parents[2]
BUILD_DIR = ROOT / ".aws-sam" / "build"
RUNTIME_PYTHON = ROOT / ".venvs" / "runtime" / "bin" / "python"
API_KEY = "cc-artifact-key-5e21"


@dataclass(frozen=True, slots=True)
class ArtifactEnvironment:
    """The files of the events in a bucket, the queues and secrets, and the sandbox."""

    aws_variables: dict[str, str]
    cellcast_url: str
    resources: ExampleResources

    def make_runtime(self, name: str, **variables: str) -> LambdaRuntime:
        """Return the runtime of a built function; it starts when it is entered. `variables` join its environment."""
        function = next(
            one
            for one in Template(build_template_values() | dict(self.resources.template_values)).read_functions()
            if one.name == name
        )
        environment = {**function.environment, **self.aws_variables, "CELLCAST_URL": self.cellcast_url, **variables}
        return LambdaRuntime(RUNTIME_PYTHON, BUILD_DIR / name, function.handler, environment)


@contextmanager
def start_artifact_environment() -> Iterator[ArtifactEnvironment]:
    """Start an AWS and a sandbox in which no function has run yet, and restore the environment variables at the end."""
    previous_environment = dict(os.environ)
    try:
        with start_embedded_aws() as aws, Sandbox(key=API_KEY) as sandbox:
            os.environ.update(aws)
            # The state of moto is global: an earlier server of this process left its objects.
            requests.post(f"{aws['AWS_ENDPOINT_URL']}/moto-api/reset", timeout=10).raise_for_status()
            yield ArtifactEnvironment(aws, sandbox.start(), create_resources(API_KEY))
    finally:
        os.environ.clear()
        os.environ.update(previous_environment)
