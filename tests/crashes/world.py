"""What a run finds around it, on real sockets: an embedded AWS and the Cellcast sandbox. And the laws."""

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import boto3
import requests

from contact_import.events import Upload
from contact_import.keys import import_id, results_prefix
from local.aws import embedded_aws
from local.sandbox import Sandbox
from tests.crashes.child import DIED

KEY = "cc-crash-key-17c0"
ROWS = 5
BODY = "Name,Mobile\n" + "".join(f"Ann,04000000{n:02d}\n" for n in range(4)) + "Bob,12\n"
_LATER = 120.0  # seconds after which every claim of a run that died has ended


@dataclass
class World:
    s3: Any
    sandbox: Sandbox
    environment: dict[str, str]
    folder: Path
    child: "subprocess.Popen[str]"
    _uploads: int = field(default=0)

    def upload(self) -> Upload:
        """The same five rows under a key of their own, two contacts a batch, and an account without anybody."""
        self._uploads += 1
        self.sandbox.contacts.clear()
        self.sandbox.log.clear()
        key = f"incoming/{self._uploads}.csv"
        put = self.s3.put_object(Bucket="contacts", Key=key, Body=BODY.encode())
        return Upload("contacts", key, put["ETag"].strip('"'), put["VersionId"], len(BODY))

    def run(
        self, upload: Upload, road: str, policy: str, *, point: int = 0, kind: str = "", later: float = 0.0
    ) -> dict[str, Any] | None:
        """What the run reports of itself, None when it died."""
        report = self._order(upload, road, policy, point=point, kind=kind, later=later)
        assert self.child.stdout
        status = json.loads(self.child.stdout.readline())
        assert status in (0, DIED), status
        return None if status else dict(json.loads(report.read_text("utf-8")))

    def run_beside(self, upload: Upload, road: str, policy: str, *, copies: int) -> list[dict[str, Any]]:
        """Several runs of the same import at once."""
        reports = [self._order(upload, road, policy, point=0, kind="", later=0.0, beside=n) for n in range(copies)]
        assert self.child.stdout
        for _ in range(copies):
            assert json.loads(self.child.stdout.readline()) == 0
        return [dict(json.loads(report.read_text("utf-8"))) for report in reports]

    def again(self, upload: Upload, road: str, policy: str) -> dict[str, Any] | None:
        """The same event once more, when the claims of whoever died have ended."""
        return self.run(upload, road, policy, later=_LATER)

    def _order(self, upload: Upload, road: str, policy: str, **more: Any) -> Path:
        report = self.folder / f"{self._uploads}-{more.get('beside', '')}.json"
        report.unlink(missing_ok=True)
        order = {
            "road": road,
            "environment": self.environment | {"ON_AMBIGUOUS": policy},
            "upload": asdict(upload),
            "report": str(report),
            **more,
        }
        assert self.child.stdin
        self.child.stdin.write(json.dumps(order) + "\n")
        self.child.stdin.flush()
        return report

    def result(self, upload: Upload) -> dict[str, Any]:
        return dict(json.loads(self._read(upload, "result.json")))

    def statuses(self, upload: Upload) -> dict[str, str]:
        """What the two sheets say of each number."""
        failed = csv.DictReader(io.StringIO(self._read(upload, "failed.csv"), newline=""))
        accepted = csv.DictReader(io.StringIO(self._read(upload, "accepted.csv"), newline=""))
        rows = [(row["Mobile"], row["_status"]) for row in failed] + [(row["Mobile"], "accepted") for row in accepted]
        assert len(rows) == ROWS, "a row stands twice in the sheets, or in none"
        return dict(rows)

    def _read(self, upload: Upload, name: str) -> str:
        key = results_prefix(upload.key, import_id(upload.bucket, upload.key, upload.version)) + name
        return str(self.s3.get_object(Bucket="contacts", Key=key)["Body"].read().decode("utf-8-sig"))

    def check(self, upload: Upload, policy: str) -> str:
        """The laws, read off the endpoint's own log; give in a word what the import came to."""
        result = self.result(upload)
        counts = dict(result["rows"])
        assert counts.pop("read") == sum(counts.values()) == ROWS
        arrivals = Counter(self.sandbox.numbers)
        for number, status in self.statuses(upload).items():
            arrived = arrivals[f"+61{number.removeprefix('0')}"]
            if status == "accepted":
                assert arrived, "a contact is told to be in and is not"
            if status in ("unsent", "invalid"):
                assert not arrived, f"a contact is {status} and in"
        repeats = max(arrivals.values(), default=0) - 1
        assert repeats <= result["requests"]["possibly_repeated"], "a contact was sent again in silence"
        if policy == "hold":
            assert repeats <= 0
        return _in_a_word(result)


def _in_a_word(result: dict[str, Any]) -> str:
    """`told` is a repeat that need not have been one."""
    rows = result["rows"]
    if rows["unknown"] or rows["unsent"]:
        return ", ".join(f"{rows[name]} {name}" for name in ("unknown", "unsent") if rows[name])
    return "repeat told" if result["requests"]["possibly_repeated"] else "clean"


@contextmanager
def a_world(folder: Path) -> Iterator[World]:
    with embedded_aws() as found, Sandbox(key=KEY) as sandbox:
        settings = {
            "BUCKET": "contacts",
            "CELLCAST_SECRET": "cellcast",
            "CELLCAST_URL": sandbox.start(),
            "BATCH_MAX_CONTACTS": "2",
            "CONCURRENCY": "1",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }
        # moto keeps what it has for as long as the process lives.
        requests.post(f"{found['AWS_ENDPOINT_URL']}/moto-api/reset", timeout=10)
        session = boto3.Session("embedded", "embedded", region_name=found["AWS_REGION"])
        s3 = session.client("s3", endpoint_url=found["AWS_ENDPOINT_URL"])
        place = {"LocationConstraint": found["AWS_REGION"]}
        s3.create_bucket(Bucket="contacts", CreateBucketConfiguration=place)  # type: ignore[arg-type]
        s3.put_bucket_versioning(Bucket="contacts", VersioningConfiguration={"Status": "Enabled"})
        session.client("secretsmanager", endpoint_url=found["AWS_ENDPOINT_URL"]).create_secret(
            Name="cellcast", SecretString=KEY
        )
        command = [sys.executable, "-m", "tests.crashes.child"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | found | settings
        ) as child:
            try:
                yield World(s3, sandbox, found | settings, folder, child)
            finally:
                assert child.stdin
                child.stdin.close()
                child.wait()
