"""Create in the embedded AWS what the files of `events/` refer to: a bucket, tables, queues, a topic and secrets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any

import boto3

from contact_import.aws.s3 import Bucket
from contact_import.domain.http import HttpRequest
from contact_import.domain.ids import compute_import_id
from contact_import.domain.labels import Labels
from contact_import.domain.person import Person, PersonField
from contact_import.domain.roles import Role
from contact_import.webhooks.intake import SubmissionStore
from contact_import.webhooks.submission import BatchSettings, Submission
from local.aws.moto_server import REGION, create_table
from local.stack_values import (
    API_KEY_SECRET,
    BUCKET,
    CALLBACK_SECRET,
    DELIVERY_TABLE,
    HOOKS_SECRET,
    LINKS_SECRET,
    RATE_TABLE,
)

EVENTS_DIR = Path(__file__).parents[2] / "events"
API_TOKEN = "example-api-token"
HOOK_TOKEN = "example-hook-secret"
SENDER_CONFIG: Any = {
    "tokens": [API_TOKEN],
    "senders": {"website": {"scheme": "token", "secrets": [HOOK_TOKEN]}},
}
# The ids in the examples: `load_event` replaces the first, and the second is the id of a stored delivery.
DELIVERY_ID = "9b1f0c2d3e4a5b6c7d8e9f00"
_IMPORT_ID = "3f2a9c0d1e4b5a6978877665"
_BUCKET = "contacts-example-bucket"
_LARGE_FILE_KEY = "incoming/list=Newsletter/tag=VIP/june contacts + friends.csv"
_VERSIONS = {
    _LARGE_FILE_KEY: "096fKKXTRTtl3on89fVO.nfljtsv6qko",
    "validate/café.csv": "jGN2dGnfAbkO6vwkQK3EIK_j4jPcfCvs",
}
_CONTACTS_CSV = "Name,Mobile\nAnn,0491570006\nBen,0491570156\n"


@dataclass(frozen=True, slots=True)
class ExampleResources:
    """The resources of `create_resources`: values for `!Ref` by resource name, and the version id of each file."""

    template_values: Mapping[str, str]
    versions: Mapping[str, str]

    def load_event(self, name: str, delivery_id: str = DELIVERY_ID) -> Any:
        """Return an event of `events/` with the bucket, ids and versions of these resources."""
        text = (EVENTS_DIR / name).read_text("utf-8").replace(_BUCKET, BUCKET)
        text = text.replace(_IMPORT_ID, compute_import_id(BUCKET, _LARGE_FILE_KEY, self.versions[_LARGE_FILE_KEY]))
        for key, example in _VERSIONS.items():
            text = text.replace(example, self.versions[key])
        return json.loads(text.replace(DELIVERY_ID, delivery_id))


def create_resources(api_key: str) -> ExampleResources:
    """Create the bucket with its files, the tables, queues, topic and secrets with boto3's current settings."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name=API_KEY_SECRET, SecretString=api_key)
    secrets.create_secret(Name=HOOKS_SECRET, SecretString=json.dumps(SENDER_CONFIG))
    secrets.create_secret(Name=LINKS_SECRET, SecretString=token_urlsafe(48))
    secrets.create_secret(Name=CALLBACK_SECRET, SecretString=token_hex(32))
    sqs = boto3.client("sqs")
    queues = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("Uploads", "Deliveries", "Callbacks")}
    topic_arn = boto3.client("sns").create_topic(Name="News")["TopicArn"]
    for name in (RATE_TABLE, DELIVERY_TABLE):
        create_table(boto3.client("dynamodb"), name)
    versions = {
        key: s3.put_object(Bucket=BUCKET, Key=key, Body=_CONTACTS_CSV.encode())["VersionId"] for key in _VERSIONS
    }
    return ExampleResources(queues | {"NotificationTopic": topic_arn}, versions)


def store_example_delivery() -> None:
    """Store the delivery that `queue_deliveries.json` and `webhook_import.json` name, as WebhookFunction would."""
    submission = Submission(
        import_id=DELIVERY_ID,
        source="hooks/website",
        received_at=datetime.now(UTC),
        labels=Labels(),
        people=(
            Person(
                (PersonField("Name", Role.FULL_NAME, "Ann Example"), PersonField("Mobile", Role.PHONE, "0491 570 006"))
            ),
        ),
        reason="",
        batch_settings=BatchSettings("AU", mobile_only=True, max_contacts=400, max_bytes=90_000),
        request=HttpRequest("POST", "/hooks/website", url="", headers={}, query={}),
    )
    SubmissionStore(Bucket(boto3.client("s3"), BUCKET), lambda _text, _delay: None).save_once(submission)
