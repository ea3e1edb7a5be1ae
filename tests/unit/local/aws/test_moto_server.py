"""The embedded AWS keeps the conditions that the ledger lives by, however many threads write and read at once."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests
from moto.s3.models import FakeKey

from contact_import.aws.s3 import Bucket
from local.aws.moto_server import lock_conditional_writes, start_embedded_aws

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_ROUNDS = 40
_THREADS = 4


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Each gets its turn after so little time that another one is in the middle of something."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager_threads")
def test_of_several_that_claim_a_batch_at_once_one_wins(s3: "S3Client") -> None:
    bucket = Bucket(s3, "contacts")

    with ThreadPoolExecutor(_THREADS) as pool:
        tags = [
            [pool.submit(bucket.put_if_match, f"work/{number}", body, "") for body in (b"1", b"2", b"3", b"4")]
            for number in range(_ROUNDS)
        ]

    assert [sum(bool(tag.result()) for tag in some) for some in tags] == [1] * _ROUNDS


@pytest.mark.usefixtures("eager_threads")
def test_an_object_that_is_read_while_its_tag_is_made_has_the_tag_of_all_its_content() -> None:
    lock_conditional_writes()
    read: set[bytes] = set()
    tags: set[str] = set()

    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in range(_ROUNDS * 10):
            one = FakeKey("work/1", b"one", "123456789012", "ap-southeast-2")
            reading = [pool.submit(_read_often, one) for _ in range(2)]
            tags.add(pool.submit(_tag, one).result())
            read.update(body for some in reading for body in some.result())

    assert tags == {'"f97c5d29941bfb1b2fdab0874906ab82"'}
    assert read == {b"one"}


@pytest.mark.parametrize(("sent", "status"), [("AKIAEXAMPLE", 403), ("", 403), ("KEY1", 200)])
def test_with_an_access_key_every_other_key_is_refused(sent: str, status: int) -> None:
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={sent}/20260101/ap-southeast-2/s3/aws4_request"}

    with start_embedded_aws(access_key="KEY1") as variables:
        response = requests.get(variables["AWS_ENDPOINT_URL"], headers=headers if sent else {}, timeout=10)

    assert response.status_code == status
    assert variables["AWS_ACCESS_KEY_ID"] == "KEY1"


def _tag(one: FakeKey) -> str:
    return str(one.etag)


def _read_often(one: FakeKey) -> list[bytes]:
    return [one.value for _ in range(20)]
