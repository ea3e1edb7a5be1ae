"""The environment of a run, on real sockets: an embedded AWS and the Cellcast sandbox; and the laws it must keep."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import requests

from contact_import.aws.events import Upload
from contact_import.domain.http import HttpRequest
from contact_import.domain.ids import compute_import_id
from contact_import.domain.labels import Labels
from contact_import.domain.object_keys import make_results_prefix, make_submission_key, make_webhook_prefix
from contact_import.domain.person import Person, PersonField
from contact_import.domain.roles import Role
from contact_import.webhooks.submission import BatchSettings, Submission
from local.aws.moto_server import create_table, start_embedded_aws
from local.sandbox.endpoint import Sandbox
from local.stack_values import DELIVERY_TABLE
from tests.crashes.runner import CRASH_EXIT_CODE, make_delivery_id

API_KEY = "cc-crash-key-17c0"
CONTACT_COUNT = 6  # the canary batch, and two batches of one commit group
_RECEIVED_AT = datetime(2026, 11, 23, tzinfo=UTC)
_CLAIM_EXPIRY_SECONDS = 120.0  # seconds after which every claim of a run that died has ended


@dataclass
class Environment:
    s3: Any
    sandbox: Sandbox
    variables: dict[str, str]
    folder: Path
    child: "subprocess.Popen[str]"
    _uploads: int = field(default=0)
    _rows: int = field(default=0)
    _runs: int = field(default=0)
    _delivery_prefixes: dict[str, str] = field(default_factory=dict)  # of the results, by the key of the file

    def upload_file(self, contacts: int = CONTACT_COUNT) -> Upload:
        """Upload a number of contacts and one invalid row under a new key, and empty the account."""
        self._uploads += 1
        self._rows = contacts + 1
        self.sandbox.contacts.clear()
        self.sandbox.log.clear()
        key = f"incoming/{self._uploads}.csv"
        rows = "".join(f"Ann,0400{n:06d}\n" for n in range(contacts))
        body = f"Name,Mobile\n{rows}Bob,12\n".encode()
        put = self.s3.put_object(Bucket="contacts", Key=key, Body=body)
        return Upload("contacts", key, put["ETag"].strip('"'), put["VersionId"], len(body))

    def run_import(self, upload: Upload, import_path: str, policy: str, **more: Any) -> dict[str, Any] | None:
        """Return what the run reports, None when it died. `more` is for `_send_request`."""
        return self.run_concurrently(upload, import_path, policy, [more])[0]

    def run_concurrently(
        self, upload: Upload, import_path: str, policy: str, run_options: Sequence[dict[str, Any]]
    ) -> list[dict[str, Any] | None]:
        """Run the same import several times side by side."""
        if import_path == "delivery":
            self._store_delivery(upload)
        report_paths = [
            self._send_request(upload, import_path, policy, has_more=number < len(run_options), **more)
            for number, more in enumerate(run_options, start=1)
        ]
        assert self.child.stdout
        statuses = [json.loads(self.child.stdout.readline()) for _ in report_paths]
        assert set(statuses) <= {0, CRASH_EXIT_CODE, -signal.SIGKILL}, statuses
        return [
            None if status else dict(json.loads(report.read_text("utf-8")))
            for status, report in zip(statuses, report_paths, strict=True)
        ]

    def rerun(
        self, upload: Upload, import_path: str, policy: str, clock_offset: float = _CLAIM_EXPIRY_SECONDS
    ) -> dict[str, Any] | None:
        """Run the same event again, after the claims of dead runs have expired."""
        return self.run_import(upload, import_path, policy, clock_offset=clock_offset)

    def _send_request(
        self,
        upload: Upload,
        import_path: str,
        policy: str,
        *,
        point: int = 0,
        kind: str = "",
        clock_offset: float = 0.0,
        lease: float = 0.0,
        kill_after: float = 0.0,
        has_more: bool = False,
    ) -> Path:
        self._runs += 1
        report = self.folder / f"{self._runs}.json"
        request = {
            "import_path": import_path,
            "environment": self.variables | {"ON_AMBIGUOUS": policy},
            "upload": asdict(upload),
            "report": str(report),
            "point": point,
            "kind": kind,
            "clock_offset": clock_offset,
            "lease": lease,
            "kill_after": kill_after,
            "has_more": has_more,
        }
        assert self.child.stdin
        self.child.stdin.write(json.dumps(request) + "\n")
        self.child.stdin.flush()
        return report

    def _store_delivery(self, upload: Upload) -> None:
        """Store a delivery with the people of the file, as WebhookFunction does before it answers."""
        import_id = make_delivery_id(upload.key)
        self._delivery_prefixes[upload.key] = make_webhook_prefix(import_id, _RECEIVED_AT)
        lines = self.s3.get_object(Bucket="contacts", Key=upload.key)["Body"].read().decode().splitlines()
        names = [(name, Role.FULL_NAME if name == "Name" else Role.PHONE) for name in lines[0].split(",")]
        submission = Submission(
            import_id, "hooks/website", _RECEIVED_AT, Labels(),
            tuple(
                Person(tuple(PersonField(*name, cell) for name, cell in zip(names, line.split(","), strict=True)))
                for line in lines[1:]
            ),
            "", BatchSettings("AU", mobile_only=True, max_contacts=400, max_bytes=90_000),
            HttpRequest("POST", "/hooks/website", "", {}, {}), delivery_table=DELIVERY_TABLE,
        )  # fmt: skip
        self.s3.put_object(Bucket="contacts", Key=make_submission_key(import_id), Body=submission.to_bytes())

    def read_result(self, upload: Upload) -> dict[str, Any]:
        return dict(json.loads(self._read_report_file(upload, "result.json")))

    def read_statuses(self, upload: Upload) -> dict[str, str]:
        """Return the status of each number in failed.csv and accepted.csv."""
        failed = csv.DictReader(io.StringIO(self._read_report_file(upload, "failed.csv"), newline=""))
        accepted = csv.DictReader(io.StringIO(self._read_report_file(upload, "accepted.csv"), newline=""))
        rows = [(row["Mobile"], row["_status"]) for row in failed] + [(row["Mobile"], "accepted") for row in accepted]
        assert len(rows) == self._rows, "a row is in accepted.csv and failed.csv twice, or in neither"
        return dict(rows)

    def _read_report_file(self, upload: Upload, name: str) -> str:
        prefix = self._delivery_prefixes.get(upload.key) or make_results_prefix(
            upload.key, compute_import_id(upload.bucket, upload.key, upload.version)
        )
        if prefix + name not in self._list_keys(prefix):
            assert upload.key in self._delivery_prefixes, "a file has all its results"
            return ""  # a delivery stores no file that would be empty
        return str(self.s3.get_object(Bucket="contacts", Key=prefix + name)["Body"].read().decode("utf-8-sig"))

    def _list_keys(self, prefix: str) -> list[str]:
        return [one["Key"] for one in self.s3.list_objects_v2(Bucket="contacts", Prefix=prefix).get("Contents", [])]

    def check_invariants(self, upload: Upload, policy: str) -> str:
        """Check the laws against the endpoint's own log. Return the outcome of the import in a word."""
        result = self.read_result(upload)
        counts = dict(result["rows"])
        assert counts.pop("read") == sum(counts.values()) == self._rows
        arrivals = Counter(self.sandbox.numbers)
        for number, status in self.read_statuses(upload).items():
            arrived = arrivals[f"+61{number.removeprefix('0')}"]
            if status == "accepted":
                assert arrived, "a contact is reported as accepted and is not in the account"
            if status in ("unsent", "invalid"):
                assert not arrived, f"a contact is {status} and in"
        repeats = self._count_repeats()
        assert repeats <= result["requests"]["possibly_repeated"], "a contact was sent again in silence"
        if policy == "hold":
            assert not repeats
        return _summarize(result)

    def _count_repeats(self) -> int:
        """Return how many requests contained a contact that was accepted before."""
        seen: set[str] = set()
        repeats = 0
        for request in self.sandbox.log:
            numbers = {contact["phone_number"] for contact in request.contacts}
            repeats += not numbers.isdisjoint(seen)
            seen |= numbers
        return repeats


def _summarize(result: dict[str, Any]) -> str:
    """Return the outcome of a run by its result; a repeat may be reported that did not happen."""
    rows = result["rows"]
    if rows["unknown"] or rows["unsent"]:
        return ", ".join(f"{rows[name]} {name}" for name in ("unknown", "unsent") if rows[name])
    return "repeat reported" if result["requests"]["possibly_repeated"] else "clean"


@contextmanager
def start_environment(folder: Path) -> Iterator[Environment]:
    with start_embedded_aws() as aws_variables, Sandbox(key=API_KEY) as sandbox:
        settings = {
            "BUCKET": "contacts",
            "CELLCAST_SECRET": "cellcast",
            "CELLCAST_URL": sandbox.start(),
            "BATCH_MAX_CONTACTS": "2",
            "CONCURRENCY": "1",
            "CANARY_CONTACTS": "2",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }
        # moto keeps what it has for as long as the process lives.
        requests.post(f"{aws_variables['AWS_ENDPOINT_URL']}/moto-api/reset", timeout=10)
        session = boto3.Session("embedded", "embedded", region_name=aws_variables["AWS_REGION"])
        s3 = session.client("s3", endpoint_url=aws_variables["AWS_ENDPOINT_URL"])
        bucket_location = {"LocationConstraint": aws_variables["AWS_REGION"]}
        s3.create_bucket(Bucket="contacts", CreateBucketConfiguration=bucket_location)  # type: ignore[arg-type]
        s3.put_bucket_versioning(Bucket="contacts", VersioningConfiguration={"Status": "Enabled"})
        session.client("secretsmanager", endpoint_url=aws_variables["AWS_ENDPOINT_URL"]).create_secret(
            Name="cellcast", SecretString=API_KEY
        )
        create_table(session.client("dynamodb", endpoint_url=aws_variables["AWS_ENDPOINT_URL"]), DELIVERY_TABLE)
        command = [sys.executable, "-m", "tests.crashes.runner"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | aws_variables | settings
        ) as child:
            try:
                yield Environment(s3, sandbox, aws_variables | settings, folder, child)
            finally:
                assert child.stdin
                child.stdin.close()
                child.wait()
