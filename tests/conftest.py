"""The fixtures of all tests: an AWS in memory, the Cellcast sandbox on a socket, and ways to import."""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.loaders
import moto.core.models
import moto.s3.models
import moto.s3.urls
import pytest
from hypothesis import settings
from moto import mock_aws

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

from contact_import.aws import events
from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.credentials import ApiKey
from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.cellcast.transport import Transport
from contact_import.domain.object_keys import make_results_prefix
from contact_import.pipelines.inline import run
from contact_import.pipelines.large_file.finish import finish_import
from contact_import.pipelines.large_file.plan import plan_import
from contact_import.pipelines.large_file.unit import send_unit
from contact_import.settings import Settings
from local.aws.moto_server import lock_conditional_writes
from local.aws.state_machine import StateMachineInterpreter, TaskFailure, load_definition
from local.sandbox.endpoint import Sandbox

# Without a deadline, since a busy machine is no finding. In CI the same commit has the same result; elsewhere each run
# tries new examples.
settings.register_profile("any machine", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("any machine")

STATE_MACHINE_PATH = Path(__file__).parents[1] / "statemachine" / "large_file.asl.yaml"
STAGES = ("Plan", "Batch", "Finish")
API_KEY = "cc-test-key-91af"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="play the long enumerations whole, not a sample of each")


@pytest.fixture(scope="session")
def is_whole(request: pytest.FixtureRequest) -> bool:
    """Return whether to play all of the enumerations that take minutes: `make check` does, `make test` does not."""
    return bool(request.config.getoption("--whole"))


@pytest.fixture(autouse=True)
def block_real_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "ap-southeast-2",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "POWERTOOLS_TRACE_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session", autouse=True)
def cache_aws_setup() -> Iterator[None]:
    """Share the parts of the AWS in memory that are always the same: making them takes longer than most tests.

    - Each session of boto3 would read the descriptions of the services again.
    - moto would register patterns for callers of AWS that use `requests`, and nothing here does.
    - moto would load the module with the addresses of S3 twice for each request.
    """
    read: dict[Any, Any] = {}
    make = botocore.loaders.Loader.__init__

    def share(loader: botocore.loaders.Loader, *args: Any, **kwargs: Any) -> None:
        make(loader, *args, **kwargs)
        loader._cache = read  # type: ignore[attr-defined]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.loaders.Loader, "__init__", share)
        patch.setattr(moto.core.models, "RESPONSES_METHODS", [])
        patch.setattr(moto.s3.models.S3Backend, "_url_module", moto.s3.urls)
        yield


@pytest.fixture
def s3() -> "Iterator[S3Client]":
    import boto3  # noqa: PLC0415  after the environment is safe

    lock_conditional_writes()
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="contacts", CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"})
        client.put_bucket_versioning(Bucket="contacts", VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(key=API_KEY) as sandbox:
        yield sandbox


def set_unit_batches(monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
    """Set the number of batches in a unit of a large file; each batch is claimed alone."""
    monkeypatch.setattr("contact_import.pipelines.large_file.plan.UNIT_GROUPS", batches)
    set_batches_per_commit(monkeypatch, 1)


def set_batches_per_commit(monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
    """Set the number of batches that are claimed and committed together."""
    monkeypatch.setattr("contact_import.pipelines.prepare.COMMIT_GROUP_BATCHES", batches)


@dataclass
class Importer:
    """Uploads files, imports them into the sandbox and reads the results."""

    s3: "S3Client"
    sandbox: Sandbox
    url: str
    # Without a canary batch, so that a test's batches are even.
    settings: dict[str, Any] = field(default_factory=lambda: {"canary_contacts": 0})
    api_keys: list[str] = field(default_factory=lambda: [API_KEY])
    seconds: float = 30.0
    outage_timeout: float = 1.0
    clock: datetime = datetime(2026, 11, 23, tzinfo=UTC)
    plan_has_time: Callable[[], bool] = lambda: True
    stages: Counter[str] = field(default_factory=Counter)

    def upload(self, body: bytes | str, key: str = "incoming/june.csv", **metadata: str) -> Upload:
        data = body.encode() if isinstance(body, str) else body
        put = self.s3.put_object(Bucket="contacts", Key=key, Body=data, Metadata=metadata)
        return Upload("contacts", key, put["ETag"].strip('"'), put["VersionId"], len(data))

    def build_client(self) -> CellcastClient:
        remaining_keys = iter(self.api_keys)
        return CellcastClient(
            post=(transport := Transport(self.url)).post,
            get=transport.get,
            api_key=ApiKey(lambda _fresh: next(remaining_keys, self.api_keys[-1])),
            rate_limiter=RateLimiter(1000),
            deadline=time.monotonic() + self.seconds,
            on_ambiguous=str(self.settings.get("on_ambiguous", "resend")),
            outage_timeout=self.outage_timeout,
            sleep=lambda seconds: time.sleep(min(seconds, 0.01)),
        )

    def run(self, upload: Upload, client: CellcastClient | None = None) -> dict[str, Any]:
        result = self.run_or_hand_over(upload, None, client)
        assert result is not None
        return result

    def run_or_hand_over(
        self, upload: Upload, hand_over: Callable[[Upload], None] | None, client: CellcastClient | None = None
    ) -> dict[str, Any] | None:
        return run(
            upload,
            bucket=Bucket(self.s3, "contacts"),
            settings=self.build_settings(),
            client=client or self.build_client(),
            hand_over=hand_over,
            now=lambda: self.clock,
        )

    def run_large(self, upload: Upload) -> dict[str, Any]:
        """Import the upload over the deployed state machine and return its result.json."""
        definition = load_definition(
            STATE_MACHINE_PATH, {f"{name}FunctionArn": name for name in STAGES} | {"Partition": "aws"}
        )

        def invoke(name: str, payload: Any) -> Any:
            try:
                return self.run_stage(name, payload)
            except Exception as error:
                raise TaskFailure(type(error).__name__) from error

        interpreter = StateMachineInterpreter(
            definition,
            invoke=invoke,
            read_object=lambda bucket, key: json.loads(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()),
            sleep=lambda _seconds, _ending: self._advance_clock(),
            jitter=lambda: 1.0,
        )
        execution = interpreter.run({"import_id": upload.import_id, **asdict(upload)})
        assert execution.succeeded, execution
        result = json.loads(self.read_report_file_of(upload, "result.json"))
        counts = dict(result["rows"])
        assert counts.pop("read") == sum(counts.values())
        return dict(result)

    def run_stage(self, name: str, payload: Any) -> Any:
        """Do what the function of a state does, with the settings of this importer."""
        bucket = Bucket(self.s3, "contacts")
        self.stages[name] += 1
        shared: dict[str, Any] = {"bucket": bucket, "settings": self.build_settings(), "now": lambda: self.clock}
        if name == "Batch":
            return send_unit(payload["import_id"], payload["unit"], client=self.build_client(), **shared)
        upload = events.parse_execution_input(payload)
        if name == "Plan":
            manifest = plan_import(upload, has_time=self.plan_has_time, **shared)
            return {"manifest": manifest, "verify": shared["settings"].verify, "is_complete": bool(manifest)}
        return finish_import(upload, client=self.build_client(), has_failed="failure" in payload, **shared)

    def _advance_clock(self) -> None:
        self.clock += timedelta(seconds=10)

    def build_settings(self) -> Settings:
        return Settings(bucket="contacts", cellcast_secret="cellcast", cellcast_url=self.url, **self.settings)

    def import_file(self, body: bytes | str, key: str = "incoming/june.csv", **metadata: str) -> dict[str, Any]:
        result = self.run(self.upload(body, key, **metadata))
        counts = dict(result["rows"])
        assert counts.pop("read") == sum(counts.values())
        return result

    def read_report_file(self, result: dict[str, Any], name: str) -> str:
        source = result["source"]
        upload = Upload(source["bucket"], source["key"], source["etag"], source["version_id"] or "")
        return self.read_report_file_of(upload, name)

    def read_report_file_of(self, upload: Upload, name: str) -> str:
        key = make_results_prefix(upload.key, upload.import_id) + name
        return self.s3.get_object(Bucket="contacts", Key=key)["Body"].read().decode("utf-8-sig")


@pytest.fixture
def importer(s3: "S3Client", sandbox: Sandbox) -> Importer:
    return Importer(s3, sandbox, sandbox.start())


def build_contacts_csv(count: int, start: int = 0) -> str:
    """Return a file of `count` people with different valid mobiles, from 0400 000 000 plus `start`."""
    rows = (f"Person,Number{n},04000{n:05d}" for n in range(start, start + count))
    return "First name,Last name,Mobile\n" + "\n".join(rows) + "\n"
