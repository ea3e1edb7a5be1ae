"""After the deadline no call to AWS begins, and none that failed is repeated."""

import io
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from contact_import.aws.request_deadline import OutOfTimeError, RequestDeadline
from contact_import.aws.s3_streams import ObjectStream

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def deadline(clock: _Clock) -> RequestDeadline:
    return RequestDeadline(clock)


@pytest.fixture
def client(s3: "S3Client", deadline: RequestDeadline) -> "S3Client":
    made = boto3.client("s3", config=Config(retries={"mode": "standard", "max_attempts": 4}))
    deadline.watch(made)
    return made


def test_a_call_begins_until_the_deadline_and_again_with_the_next_request(
    client: "S3Client", deadline: RequestDeadline, clock: _Clock
) -> None:
    with deadline.limit(5.0):
        clock.now = 4.9
        client.put_object(Bucket="contacts", Key="a", Body=b"1")
        clock.now = 5.0
        with pytest.raises(OutOfTimeError):
            client.put_object(Bucket="contacts", Key="a", Body=b"2")

    assert client.get_object(Bucket="contacts", Key="a")["Body"].read() == b"1"


def _let_calls_time_out(client: "S3Client", clock: _Clock, seconds: float) -> list[float]:
    """Let each attempt take so long and fail. Return when each one began."""
    began: list[float] = []

    def time_out(**_: Any) -> None:
        began.append(clock.now)
        clock.now += seconds
        raise ReadTimeoutError(endpoint_url="https://s3.example")

    client.meta.events.register_last("before-send", time_out)
    return began


def test_an_attempt_that_ends_after_the_deadline_is_followed_by_no_pause_and_no_other(
    client: "S3Client", deadline: RequestDeadline, clock: _Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = list[float]()
    monkeypatch.setattr("botocore.endpoint.time.sleep", pauses.append)
    began = _let_calls_time_out(client, clock, 3.0)

    with deadline.limit(5.0), pytest.raises(ReadTimeoutError):
        client.head_object(Bucket="contacts", Key="a")

    assert began == [0.0, 3.0]
    assert len(pauses) == 1


def test_a_stream_does_not_wait_for_a_call_that_cannot_begin(
    client: "S3Client", deadline: RequestDeadline, clock: _Clock
) -> None:
    client.put_object(Bucket="contacts", Key="a", Body=b"12")
    pauses = list[float]()
    stream = ObjectStream(client, {"Bucket": "contacts", "Key": "a"}, pauses.append)

    class Broken(io.RawIOBase):
        def read(self, _size: int = -1) -> bytes:
            clock.now = 9.0
            raise OSError("cut")

    stream._body = Broken()
    with deadline.limit(5.0), pytest.raises(OutOfTimeError):
        stream.read(2)

    assert len(pauses) == 1
