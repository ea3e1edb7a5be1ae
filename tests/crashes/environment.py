"""What a run finds around it, on real sockets: an embedded AWS and the Cellcast sandbox. And the laws."""

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
from pathlib import Path
from typing import Any

import boto3
import requests

from contact_import.aws.events import Upload
from contact_import.domain.object_keys import import_id, results_prefix
from local.aws.moto_server import embedded_aws
from local.sandbox.endpoint import Sandbox
from tests.crashes.runner import DIED

KEY = "cc-crash-key-17c0"
CONTACTS = 4
_LATER = 120.0  # seconds after which every claim of a run that died has ended


@dataclass
class World:
    s3: Any
    sandbox: Sandbox
    environment: dict[str, str]
    folder: Path
    child: "subprocess.Popen[str]"
    _uploads: int = field(default=0)
    _rows: int = field(default=0)
    _runs: int = field(default=0)

    def upload(self, contacts: int = CONTACTS) -> Upload:
        """So many contacts and a row that is none, under a key of their own, and an account without anybody."""
        self._uploads += 1
        self._rows = contacts + 1
        self.sandbox.contacts.clear()
        self.sandbox.log.clear()
        key = f"incoming/{self._uploads}.csv"
        rows = "".join(f"Ann,0400{n:06d}\n" for n in range(contacts))
        body = f"Name,Mobile\n{rows}Bob,12\n".encode()
        put = self.s3.put_object(Bucket="contacts", Key=key, Body=body)
        return Upload("contacts", key, put["ETag"].strip('"'), put["VersionId"], len(body))

    def run(self, upload: Upload, road: str, policy: str, **more: Any) -> dict[str, Any] | None:
        """What the run reports of itself, None when it died. `more` is for `_order`."""
        return self.run_beside(upload, road, policy, [more])[0]

    def run_beside(
        self, upload: Upload, road: str, policy: str, each: Sequence[dict[str, Any]]
    ) -> list[dict[str, Any] | None]:
        """Runs of the same import at once."""
        orders = [
            self._order(upload, road, policy, beside=number < len(each), **more)
            for number, more in enumerate(each, start=1)
        ]
        assert self.child.stdout
        statuses = [json.loads(self.child.stdout.readline()) for _ in orders]
        assert set(statuses) <= {0, DIED, -signal.SIGKILL}, statuses
        return [
            None if status else dict(json.loads(report.read_text("utf-8")))
            for status, report in zip(statuses, orders, strict=True)
        ]

    def again(self, upload: Upload, road: str, policy: str, later: float = _LATER) -> dict[str, Any] | None:
        """The same event once more, when the claims of whoever died have ended."""
        return self.run(upload, road, policy, later=later)

    def _order(
        self,
        upload: Upload,
        road: str,
        policy: str,
        *,
        point: int = 0,
        kind: str = "",
        later: float = 0.0,
        lease: float = 0.0,
        kill_after: float = 0.0,
        beside: bool = False,
    ) -> Path:
        self._runs += 1
        report = self.folder / f"{self._runs}.json"
        order = {
            "road": road,
            "environment": self.environment | {"ON_AMBIGUOUS": policy},
            "upload": asdict(upload),
            "report": str(report),
            "point": point,
            "kind": kind,
            "later": later,
            "lease": lease,
            "kill_after": kill_after,
            "beside": beside,
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
        assert len(rows) == self._rows, "a row stands twice in the sheets, or in none"
        return dict(rows)

    def _read(self, upload: Upload, name: str) -> str:
        key = results_prefix(upload.key, import_id(upload.bucket, upload.key, upload.version)) + name
        return str(self.s3.get_object(Bucket="contacts", Key=key)["Body"].read().decode("utf-8-sig"))

    def check(self, upload: Upload, policy: str) -> str:
        """The laws, read off the endpoint's own log; give in a word what the import came to."""
        result = self.result(upload)
        counts = dict(result["rows"])
        assert counts.pop("read") == sum(counts.values()) == self._rows
        arrivals = Counter(self.sandbox.numbers)
        for number, status in self.statuses(upload).items():
            arrived = arrivals[f"+61{number.removeprefix('0')}"]
            if status == "accepted":
                assert arrived, "a contact is told to be in and is not"
            if status in ("unsent", "invalid"):
                assert not arrived, f"a contact is {status} and in"
        repeats = self._repeats()
        assert repeats <= result["requests"]["possibly_repeated"], "a contact was sent again in silence"
        if policy == "hold":
            assert not repeats
        return _in_a_word(result)

    def _repeats(self) -> int:
        """How many requests had a contact that was in already."""
        seen: set[str] = set()
        repeats = 0
        for request in self.sandbox.log:
            numbers = {contact["phone_number"] for contact in request.contacts}
            repeats += not numbers.isdisjoint(seen)
            seen |= numbers
        return repeats


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
            "FIRST_SIP": "2",
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
        command = [sys.executable, "-m", "tests.crashes.runner"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | found | settings
        ) as child:
            try:
                yield World(s3, sandbox, found | settings, folder, child)
            finally:
                assert child.stdin
                child.stdin.close()
                child.wait()
