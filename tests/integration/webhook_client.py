"""A client of the deployed HTTP API, which reads the response, the bucket and the queue."""

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from contact_import.domain.object_keys import make_submission_key, make_webhook_prefix
from contact_import.handlers.http import on_webhook
from contact_import.handlers.webhook_queue import on_queue
from contact_import.webhooks.submission import Submission
from local.aws.http_api import build_event
from local.lambda_context import LambdaContext
from local.sandbox.endpoint import Sandbox
from tests import openapi_check

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

API_TOKEN, SURVEY_SECRET, WEBSITE_SECRET = "api-token-4b1d", "typeform-secret-77", "website-secret-08"
LINK_KEY = "a-key-that-signs-the-links-of-the-tests"
SENDER_CONFIG = {
    "tokens": [API_TOKEN],
    "senders": {
        "website": {"scheme": "token", "secrets": [WEBSITE_SECRET], "list": ["Site"]},
        "survey": {"scheme": "typeform", "secrets": [SURVEY_SECRET], "tags": ["Survey"]},
        "broken": {"scheme": "no such scheme", "secrets": ["x"]},
    },
}
PERSON = {"name": "Zebedee Quartermain", "mobile": "0491 570 006", "email": "zebedee@quartermain.example"}
CONTACTS = {"contacts": [{"first_name": "Ann", "phone_number": "0491570006"}, {"phone_number": "12"}], "tags": ["VIP"]}


@dataclass
class HttpResult:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class WebhookClient:
    """The HTTP API of a deployed stack, with the bucket and the queue behind it."""

    s3: "S3Client"
    sandbox: Sandbox
    url: str
    seconds: float = 29.0

    def send_request(self, method: str, target: str, body: bytes | object = b"", **headers: str) -> HttpResult:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        all_headers = [("Host", "api.example"), ("Content-Type", "application/json")]
        all_headers += [(name.replace("_", "-"), value) for name, value in headers.items()]
        event = build_event(method, target, dict(all_headers).items(), data)
        response = on_webhook(event, self.make_context("WebhookFunction"))
        openapi_check.check_response(method, target, response["statusCode"], response["headers"], response["body"])
        return HttpResult(response["statusCode"], response["headers"], response["body"])

    def post_hook(self, body: object = PERSON, **headers: str) -> HttpResult:
        return self.send_request("POST", f"/hooks/website?token={WEBSITE_SECRET}", body, **headers)

    def post_contacts(self, body: object = CONTACTS, **headers: str) -> HttpResult:
        return self.send_request("POST", "/contacts", body, Authorization=f"Bearer {API_TOKEN}", **headers)

    def get_import(self, import_id: str) -> HttpResult:
        return self.send_request("GET", f"/imports/{import_id}", Authorization=f"Bearer {API_TOKEN}")

    def get_file(self, import_id: str, name: str, **headers: str) -> HttpResult:
        return self.send_request("GET", f"/imports/{import_id}/{name}", Authorization=f"Bearer {API_TOKEN}", **headers)

    def make_context(self, name: str) -> Any:
        return LambdaContext(name, time.monotonic() + (self.seconds if name == "WebhookFunction" else 290.0))

    def read_submission(self, import_id: str) -> Submission:
        body = self.s3.get_object(Bucket="contacts", Key=make_submission_key(import_id))["Body"].read()
        return Submission.from_bytes(body)

    def list_result_files(self, import_id: str) -> dict[str, str]:
        """Return the key of each object in the results of a delivery or call, by its name."""
        prefix = make_webhook_prefix(import_id, self.read_submission(import_id).received_at)
        found = self.s3.list_objects_v2(Bucket="contacts", Prefix=prefix).get("Contents", [])
        return {one["Key"].removeprefix(prefix): one["Key"] for one in found}

    def read_result_file(self, import_id: str, name: str) -> str:
        key = self.list_result_files(import_id)[name]
        return self.s3.get_object(Bucket="contacts", Key=key)["Body"].read().decode("utf-8-sig")

    def peek_messages(self) -> list[Any]:
        """Return the messages of the queue, delayed ones too."""
        sqs = boto3.client("sqs")
        found = sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [json.loads(message["Body"]) for message in found.get("Messages", [])]

    def run_queue_function(self, *, waiting: int = 0) -> None:
        """Receive the visible messages and invoke the function of the queue with them: `waiting` of them stay."""
        sqs = boto3.client("sqs")
        messages = sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["ApproximateReceiveCount"]
        ).get("Messages", [])
        records = [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "eventSource": "aws:sqs",
            }
            for message in messages
        ]
        response = on_queue({"Records": records}, self.make_context("QueueFunction"))
        kept = {one["itemIdentifier"] for one in response["batchItemFailures"]}
        assert len(kept) == waiting
        for message in messages:
            if message["MessageId"] not in kept:
                sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
