"""The functions that `sam build` made, and the AWS resources that the events of `events/` name.

Each function runs in the real Lambda runtime client, with only the environment variables that the template gives to
it, in a process that cannot import this project's sources.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import requests

from contact_import.domain.ids import compute_import_id
from local.aws.lambda_runtime import LambdaRuntime
from local.aws.moto_server import REGION, start_embedded_aws
from local.aws.template import Template
from local.sandbox.endpoint import Sandbox
from local.stack import API_KEY_SECRET, BUCKET, build_template_values

ROOT = Path(__file__).parents[1]
BUILD_DIR = ROOT / ".aws-sam" / "build"
RUNTIME_PYTHON = ROOT / ".venvs" / "runtime" / "bin" / "python"
API_KEY = "cc-artifact-key-5e21"
SENDER_CONFIG: Any = {
    "tokens": ["example-api-token"],
    "senders": {"website": {"scheme": "token", "secrets": ["example-hook-secret"]}},
}
_CONTACTS_CSV = "Name,Mobile\nAnn,0491570006\nBen,0491570156\n"

# The examples in events/, which `load_event` replaces with what is in the bucket of the test.
_EXAMPLE_BUCKET = "contacts-example-bucket"
_EXAMPLE_IMPORT_ID = "3f2a9c0d1e4b5a6978877665"
_EXAMPLE_DELIVERY_ID = "9b1f0c2d3e4a5b6c7d8e9f00"
_LARGE_FILE_KEY = "incoming/list=Newsletter/tag=VIP/june contacts + friends.csv"
_EXAMPLE_VERSIONS = {
    _LARGE_FILE_KEY: "096fKKXTRTtl3on89fVO.nfljtsv6qko",
    "validate/café.csv": "jGN2dGnfAbkO6vwkQK3EIK_j4jPcfCvs",
}


@dataclass(frozen=True, slots=True)
class ArtifactEnvironment:
    """The files of the events in a bucket, the queues and secrets, and the sandbox."""

    aws_variables: dict[str, str]
    cellcast_url: str
    template_values: dict[str, str]
    versions: dict[str, str]

    def load_event(self, name: str, delivery_id: str = _EXAMPLE_DELIVERY_ID) -> Any:
        """Return an event of `events/` with the names, ids and versions of the embedded AWS."""
        text = (ROOT / "events" / name).read_text("utf-8").replace(_EXAMPLE_BUCKET, BUCKET)
        text = text.replace(
            _EXAMPLE_IMPORT_ID, compute_import_id(BUCKET, _LARGE_FILE_KEY, self.versions[_LARGE_FILE_KEY])
        )
        for key, example in _EXAMPLE_VERSIONS.items():
            text = text.replace(example, self.versions[key])
        return json.loads(text.replace(_EXAMPLE_DELIVERY_ID, delivery_id))

    def make_runtime(self, name: str) -> LambdaRuntime:
        """Return the runtime of a built function; it starts when it is entered."""
        function = next(one for one in Template(self.template_values).read_functions() if one.name == name)
        environment = {**function.environment, **self.aws_variables, "CELLCAST_URL": self.cellcast_url}
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
            resource_values, versions = _create_resources()
            yield ArtifactEnvironment(aws, sandbox.start(), build_template_values() | resource_values, versions)
    finally:
        os.environ.clear()
        os.environ.update(previous_environment)


def _create_resources() -> tuple[dict[str, str], dict[str, str]]:
    """Return the URLs of the queues and the ARN of the topic by resource name, and the version of each file."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name=API_KEY_SECRET, SecretString=API_KEY)
    secrets.create_secret(Name="cellcast/hooks", SecretString=json.dumps(SENDER_CONFIG))
    sqs = boto3.client("sqs")
    queues = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("Uploads", "Deliveries")}
    topic_arn = boto3.client("sns").create_topic(Name="News")["TopicArn"]
    versions = {
        key: s3.put_object(Bucket=BUCKET, Key=key, Body=_CONTACTS_CSV.encode())["VersionId"]
        for key in _EXAMPLE_VERSIONS
    }
    return queues | {"NotificationTopic": topic_arn}, versions
