"""Plays one function while a permission or a secret is missing, and observes what CloudWatch would count."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

import boto3
from moto.s3.models import s3_backends

from contact_import.aws.events import Upload, build_upload_message, parse_uploads
from contact_import.aws.s3 import Bucket
from contact_import.callbacks.callback_message import CallbackMessage
from contact_import.callbacks.callback_store import Callback, save_callback
from contact_import.domain.object_keys import SHARED_OPT_OUTS, SWEEP_CURSOR, make_orphaned_key
from local.aws.lambda_runtime import FunctionError, LambdaRuntime
from local.deployment.artifact import ArtifactEnvironment
from local.stack_values import BUCKET
from tests.artifact.granted_permissions import SETTINGS
from tests.artifact.recording_proxy import ACCOUNT, Need, start_recording_proxy

_SMALL_FILE = b"Name,Mobile\nAnn,0491570006\nBen,0491570156\n"
_LARGE_FILE = _SMALL_FILE + b"Cat,0491570157\n" * 20
# Too large for one request to S3 where it is written whole: above 8 MiB, in few rows, none of which can be imported.
HUGE_FILE = b"Name,Mobile,Notes\n" + b"".join(b"Ann,1%03d,%s\n" % (row, b"x" * 100_000) for row in range(100))
_VARIABLES = SETTINGS | {"INLINE_MAX_BYTES": "200", "PUBLIC_URL": "https://api.example.com"}
_UNKNOWN_ID = "0" * 24
_CALLBACK = Callback("https://receiver.example/done", "https://api.example.com")


@dataclass
class Observation:
    """What CloudWatch would count: `metrics` of ours, Lambda's errors by function, server errors of the API.

    `denied` are the calls that the proxy denied.
    """

    metrics: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    server_errors: int = 0
    denied: set[Need] = field(default_factory=set)
    results: list[Any] = field(default_factory=list)


class FaultPlayer:
    """Plays functions in one environment, each time with another file, delivery and call.

    What comes before or after the played function is done by functions without a fault, which stay up.
    """

    def __init__(self, environment: ArtifactEnvironment) -> None:
        self._environment = environment
        self._numbers = count()
        self._helpers: dict[str, LambdaRuntime] = {}
        self._has_huge_file = False
        # Made once: a test forgets the address of the simulated AWS.
        self._s3, self._sqs = boto3.client("s3"), boto3.client("sqs")
        self.secrets = boto3.client("secretsmanager")
        os.environ["SF_EXECUTION_HISTORY_TYPE"] = "FAILURE"  # moto: each execution has failed
        boto3.client("stepfunctions").create_state_machine(
            name="local-large-file", definition="{}", roleArn=f"arn:aws:iam::{ACCOUNT}:role/r"
        )

    def close(self) -> None:
        for runtime in self._helpers.values():
            runtime.__exit__()

    def play(
        self, name: str, *, taken_away: Need | None = None, variables: Mapping[str, str] | None = None
    ) -> Observation:
        """Let a function do all that it does, without one permission or with other environment variables."""
        prepare: Callable[[int], Iterable[Any]] = getattr(self, f"_prepare_{name.removesuffix('Function').lower()}")
        # Its upload in parts breaks in the proxy, which is another fault.
        self._has_huge_file = taken_away is not None and taken_away[0] == "s3:AbortMultipartUpload"
        events, seen = list(prepare(next(self._numbers))), Observation()
        with start_recording_proxy(self._environment.aws_variables["AWS_ENDPOINT_URL"], taken_away) as proxy:
            everything = {"AWS_ENDPOINT_URL": proxy.url, **_VARIABLES, **(variables or {})}
            with self._environment.make_runtime(name, **everything) as runtime:
                for event in events:
                    try:
                        seen.results.append(runtime.invoke(event))
                    except FunctionError:
                        seen.errors[name] += 1
        seen.denied = proxy.denied
        _read_metrics(runtime.log, seen)
        seen.server_errors = sum(one.get("statusCode", 200) >= 500 for one in seen.results if isinstance(one, dict))
        return seen

    def _help(self, name: str, event: Any) -> Any:
        if name not in self._helpers:
            self._helpers[name] = self._environment.make_runtime(name, **_VARIABLES).__enter__()
        return self._helpers[name].invoke(event)

    def _upload(self, key: str, body: bytes = _SMALL_FILE, size: int = 0) -> Any:
        """Put a file and return its event, with another size if one is given."""
        put = self._s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        upload = Upload(BUCKET, key, put["ETag"].strip('"'), put["VersionId"], size or len(body))
        return json.loads(build_upload_message(upload))

    def _prepare_upload(self, number: int) -> Iterable[Any]:
        for name in (f"incoming/{number}.csv", f"validate/{number}.csv"):
            yield _make_message(self._upload(name))
        large = _make_message(self._upload(f"incoming/large-{number}.csv", _LARGE_FILE))
        yield large
        yield large  # its execution has failed: it is redriven
        if self._has_huge_file:  # and is imported without the state machine, since its event says that it is small
            yield _make_message(self._upload(f"incoming/huge-{number}.csv", HUGE_FILE, size=100))
        yield _make_message("of others")

    def _start_large_file(self, name: str, body: bytes = _LARGE_FILE) -> dict[str, Any]:
        event = self._upload(name, body)
        self._help("UploadFunction", _make_message(event))
        (upload,) = parse_uploads(event)
        return {"import_id": upload.import_id, **asdict(upload)}

    def _prepare_plan(self, number: int) -> Iterable[Any]:
        for prefix in ("incoming", "validate"):
            yield self._start_large_file(f"{prefix}/large-{number}.csv")

    def _prepare_batch(self, number: int) -> Iterable[Any]:
        order = self._start_large_file(f"incoming/large-{number}.csv")
        self._help("PlanFunction", order)
        unit = {"bucket": order["bucket"], "import_id": order["import_id"], "unit": 1}
        yield unit
        yield unit | {"unit": 0}

    def _prepare_finish(self, number: int) -> Iterable[Any]:
        order = self._start_large_file(f"incoming/large-{number}.csv")
        self._help("PlanFunction", order)
        self._help("BatchFunction", {"bucket": order["bucket"], "import_id": order["import_id"], "unit": 1})
        yield order
        if self._has_huge_file:
            huge = self._start_large_file(f"incoming/huge-{number}.csv", HUGE_FILE)
            self._help("PlanFunction", huge)
            yield huge

    def _request(self, method: str, path: str, body: Any = None) -> Any:
        name = "webhook_hook.json" if path.startswith("/hooks") else "webhook_import.json"
        event = json.loads(json.dumps(self._environment.resources.load_event(name)))
        event |= {"rawPath": path, "body": json.dumps(body or {}), "isBase64Encoded": False}
        event["requestContext"]["http"] |= {"method": method, "path": path}
        event["headers"] |= {"content-type": "application/json"}
        return event

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        return json.loads(self._help("WebhookFunction", self._request(method, path, body))["body"])

    def _post_delivery(self, number: int) -> Any:
        return self._request("POST", "/hooks/website", {"name": f"Ann {number}", "mobile": "0491570006"})

    def _prepare_webhook(self, number: int) -> Iterable[Any]:
        contact = {"phone_number": "0491570006", "first_name": f"Ann{number}"}
        new, started = (self._start_upload(f"page-{number}-{one}.csv") for one in range(2))
        stopped = self._ask("POST", f"/uploads/{started}/import")["import_id"]
        known = self._ask("POST", "/contacts", {"contacts": [contact]})["import_id"]
        self._s3.delete_object(Bucket=BUCKET, Key=SHARED_OPT_OUTS)  # which this call has read
        yield self._post_delivery(number)
        yield self._request("POST", "/contacts", {"contacts": [contact]})
        for path in (f"/imports/{known}", f"/imports/{known}/report.html", f"/imports/{_UNKNOWN_ID}", "/imports"):
            yield self._request("GET", path)
        yield self._request("POST", "/uploads", {"name": "page.csv", "size": 50})
        yield self._request("POST", f"/uploads/{new}/preview")
        for _ in range(2):
            yield self._request("POST", f"/uploads/{new}/import", {"dry_run": True})
            yield self._request("POST", f"/uploads/{new}/import", {"callback_url": _CALLBACK.url})
        yield self._request("DELETE", f"/imports/{stopped}")
        if self._has_huge_file:
            huge = self._start_upload(f"huge-{number}.csv", HUGE_FILE)
            for is_dry_run in (True, False):
                yield self._request("POST", f"/uploads/{huge}/import", {"dry_run": is_dry_run})
        signed = self._request("GET", f"/imports/{known}/failed.csv")
        yield signed | {"rawQueryString": "expires=1&signature=x", "queryStringParameters": {"signature": "x"}}

    def _start_upload(self, name: str, body: bytes = _SMALL_FILE) -> str:
        made = self._ask("POST", "/uploads", {"name": name, "size": len(body)})
        self._upload(made["post"]["fields"]["key"], body)
        return str(made["upload_id"])

    def _prepare_queue(self, number: int) -> Iterable[Any]:
        import_id = json.loads(self._help("WebhookFunction", self._post_delivery(number))["body"])["import_id"]
        self._s3.delete_object(Bucket=BUCKET, Key=SHARED_OPT_OUTS)
        for _ in range(2):
            yield _make_message(json.dumps({"import_id": import_id, "attempt": 0}))
        yield _make_message("of others")

    def _prepare_notify(self, number: int) -> Iterable[Any]:
        event = self._upload(f"incoming/told-{number}.csv")
        self._help("UploadFunction", event)
        (upload,) = parse_uploads(event)
        save_callback(Bucket(self._s3, BUCKET), upload.import_id, _CALLBACK)
        prefix = f"results/told-{number}.csv/{upload.import_id}/"
        for key in (f"{prefix}result.json", "results/gone/1/result.json"):
            yield _make_message(build_upload_message(Upload(BUCKET, key, "x")))

    def _prepare_callback(self, number: int) -> Iterable[Any]:
        body = json.dumps({"number": number})
        yield _make_message(CallbackMessage(_UNKNOWN_ID, "https://127.0.0.1:9/done", body).to_text())

    def _prepare_sweep(self, number: int) -> Iterable[Any]:
        self._upload(f"incoming/orphaned-{number}.csv")
        for _, versions in s3_backends[ACCOUNT]["aws"].buckets[BUCKET].keys.lists():
            for version in versions:
                version.last_modified -= timedelta(minutes=30)
        # Nothing is swept while the queue has messages that wait, as those of an earlier sweep would.
        url = self._environment.resources.template_values["Uploads"]
        while self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=3600).get("Messages"):
            pass
        self._s3.put_object(Bucket=BUCKET, Key=make_orphaned_key(_UNKNOWN_ID, date(2026, 11, 23)), Body=b"{}")
        self._s3.put_object(Bucket=BUCKET, Key=SWEEP_CURSOR, Body=b'{"start_after": "incoming/a"}')
        yield self._environment.resources.load_event("sweep.json")


def _read_metrics(log: str, seen: Observation) -> None:
    """Add what the lines in CloudWatch's embedded metric format count."""
    for line in map(json.loads, log.splitlines()):
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
            for metric in directive["Metrics"]:
                value = line[metric["Name"]]
                seen.metrics[metric["Name"]] += sum(value) if isinstance(value, list) else value


def _make_message(body: Any) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    record = {"messageId": "1", "receiptHandle": "handle", "body": text, "eventSource": "aws:sqs"}
    return {"Records": [record | {"attributes": {"ApproximateReceiveCount": "1"}}]}
