"""What the tests of the whole share: an AWS in memory, the Cellcast sandbox on a real socket, and ways to import."""

import json
import os
import time
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

from contact_import import events, stages
from contact_import.bucket import Bucket
from contact_import.events import Upload
from contact_import.importer import run
from contact_import.keys import import_id, results_prefix
from contact_import.line import Key, Line
from contact_import.pace import Pace
from contact_import.sender import Sender
from contact_import.settings import Settings
from local.aws import lock_conditional_writes
from local.machine import Failure, Machine, load
from local.sandbox import Sandbox

# A busy machine is no finding; and in CI the same commit has the same result. `make test` explores.
settings.register_profile("any machine", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("any machine")

DEFINITION = Path(__file__).parents[1] / "statemachine" / "large_file.asl.yaml"
STAGES = ("Plan", "Batch", "Finish")
KEY = "cc-test-key-91af"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="play the long enumerations whole, not a sample of each")


@pytest.fixture(scope="session")
def is_whole(request: pytest.FixtureRequest) -> bool:
    """Whether an enumeration that takes minutes is played whole: in `make check` it is, in `make test` not."""
    return bool(request.config.getoption("--whole"))


@pytest.fixture(autouse=True)
def no_real_aws(monkeypatch: pytest.MonkeyPatch) -> None:
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
def aws_is_made_quickly() -> Iterator[None]:
    """Keep what is the same for every AWS in memory and takes longer to make than most tests take.

    These are the descriptions of the services, which each session of boto3 would read again, the patterns that
    moto lays in wait for those who call AWS with `requests`, as nothing here does, and the addresses of S3, a module
    that moto loads again twice for each request.
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
    with Sandbox(key=KEY) as sandbox:
        yield sandbox


@dataclass
class Office:
    """A marketer's desk: drop a file, read what came back."""

    s3: "S3Client"
    sandbox: Sandbox
    url: str
    settings: dict[str, Any] = field(default_factory=lambda: {"first_sip": 0})  # so that a test's batches are even
    keys: list[str] = field(default_factory=lambda: [KEY])
    seconds: float = 30.0
    patience: float = 1.0
    clock: datetime = datetime(2026, 11, 23, tzinfo=UTC)

    def upload(self, body: bytes | str, key: str = "incoming/june.csv", **metadata: str) -> Upload:
        data = body.encode() if isinstance(body, str) else body
        put = self.s3.put_object(Bucket="contacts", Key=key, Body=data, Metadata=metadata)
        return Upload("contacts", key, put["ETag"].strip('"'), put["VersionId"], len(data))

    def line(self) -> Line:
        stored = iter(self.keys)
        return Line(
            post=(way := Sender(self.url)).post,
            get=way.get,
            key=Key(lambda _fresh: next(stored, self.keys[-1])),
            pace=Pace(1000),
            until=time.monotonic() + self.seconds,
            on_ambiguous=str(self.settings.get("on_ambiguous", "resend")),
            patience=self.patience,
            sleep=lambda seconds: time.sleep(min(seconds, 0.01)),
        )

    def run(self, upload: Upload, line: Line | None = None) -> dict[str, Any]:
        result = self.try_run(upload, None, line)
        assert result is not None
        return result

    def try_run(
        self, upload: Upload, hand_over: Callable[[Upload], None] | None, line: Line | None = None
    ) -> dict[str, Any] | None:
        return run(
            upload,
            bucket=Bucket(self.s3, "contacts"),
            settings=self.set(),
            line=line or self.line(),
            hand_over=hand_over,
            now=lambda: self.clock,
        )

    def run_large(self, upload: Upload) -> dict[str, Any]:
        """The same over the state machine as it is deployed."""
        states = load(DEFINITION, {f"{name}FunctionArn": name for name in STAGES} | {"Partition": "aws"})
        ident = import_id(upload.bucket, upload.key, upload.version)

        def invoke(name: str, payload: Any) -> Any:
            try:
                return self.stage(name, payload)
            except Exception as error:
                raise Failure(type(error).__name__) from error

        machine = Machine(
            states,
            invoke=invoke,
            read=lambda bucket, key: json.loads(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()),
            sleep=lambda _seconds, _ending: self._let_pass(),
            chance=lambda: 1.0,
        )
        ended = machine.run({"import_id": ident, **asdict(upload)})
        assert ended.succeeded, ended
        result = json.loads(self.read_of(upload, "result.json"))
        counts = dict(result["rows"])
        assert counts.pop("read") == sum(counts.values())
        return dict(result)

    def stage(self, name: str, payload: Any) -> Any:
        """What the function of a state does, with this desk's settings."""
        bucket = Bucket(self.s3, "contacts")
        shared: dict[str, Any] = {"bucket": bucket, "settings": self.set(), "now": lambda: self.clock}
        if name == "Batch":
            return stages.deliver(payload["import_id"], payload["unit"], line=self.line(), **shared)
        upload = events.from_execution(payload)
        if name == "Plan":
            return {"manifest": stages.plan(upload, **shared)}
        return stages.finish(upload, line=self.line(), has_failed="failure" in payload, **shared)

    def _let_pass(self) -> None:
        self.clock += timedelta(seconds=10)

    def set(self) -> Settings:
        return Settings(bucket="contacts", cellcast_secret="cellcast", cellcast_url=self.url, **self.settings)

    def drop(self, body: bytes | str, key: str = "incoming/june.csv", **metadata: str) -> dict[str, Any]:
        result = self.run(self.upload(body, key, **metadata))
        counts = dict(result["rows"])
        assert counts.pop("read") == sum(counts.values())
        return result

    def read(self, result: dict[str, Any], name: str) -> str:
        source = result["source"]
        upload = Upload(source["bucket"], source["key"], source["etag"], source["version_id"] or "")
        return self.read_of(upload, name)

    def read_of(self, upload: Upload, name: str) -> str:
        key = results_prefix(upload.key, import_id(upload.bucket, upload.key, upload.version)) + name
        return self.s3.get_object(Bucket="contacts", Key=key)["Body"].read().decode("utf-8-sig")


@pytest.fixture
def office(s3: "S3Client", sandbox: Sandbox) -> Office:
    return Office(s3, sandbox, sandbox.start())


def people(count: int, start: int = 0) -> str:
    """A file of so many people with numbers of their own, all valid and none of anybody's: the mobiles 0400 0…"""
    rows = (f"Person,Number{n},04000{n:05d}" for n in range(start, start + count))
    return "First name,Last name,Mobile\n" + "\n".join(rows) + "\n"
