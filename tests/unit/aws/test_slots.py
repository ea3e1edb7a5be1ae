"""The slots of the functions that send for large files."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from contact_import.aws.s3 import Bucket
from contact_import.aws.slots import hold_slot
from contact_import.errors import SlotsTakenError
from local.aws.moto_server import lock_conditional_writes

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)


@pytest.fixture
def bucket(s3: "S3Client") -> Bucket:
    lock_conditional_writes()
    return Bucket(s3, "contacts")


def _try(bucket: Bucket, owner: str, now: datetime = NOW) -> bool:
    try:
        with hold_slot(bucket, owner, now, 900):
            return True
    except SlotsTakenError:
        return False


def test_two_hold_a_slot_and_the_third_waits_until_one_is_free(bucket: Bucket) -> None:
    with hold_slot(bucket, "a", NOW, 900):
        with hold_slot(bucket, "b", NOW, 900):
            assert not _try(bucket, "c")
        assert _try(bucket, "c")


def test_a_function_that_was_killed_frees_its_slot_with_the_end_of_its_time(bucket: Bucket) -> None:
    killed = ExitStack()
    for owner in "ab":
        killed.enter_context(hold_slot(bucket, owner, NOW, 900))

    assert not _try(bucket, "c", NOW + timedelta(seconds=899))
    assert _try(bucket, "c", NOW + timedelta(seconds=901))
    killed.pop_all()


def test_a_unit_that_comes_again_takes_over_its_slot(bucket: Bucket) -> None:
    killed = ExitStack()
    for owner in "ab":
        killed.enter_context(hold_slot(bucket, owner, NOW, 900))

    assert _try(bucket, "b")
    killed.pop_all()


def test_of_many_at_once_no_more_than_two_hold_a_slot(bucket: Bucket) -> None:
    holding, most, barrier = set[str](), [0], Barrier(8)

    def take(owner: str) -> None:
        barrier.wait()
        for _ in range(5):
            try:
                with hold_slot(bucket, owner, NOW, 900):
                    holding.add(owner)
                    most[0] = max(most[0], len(holding))
                    holding.discard(owner)
            except SlotsTakenError:
                continue

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take, "abcdefgh"))

    assert 1 <= most[0] <= 2


def test_a_write_whose_response_was_lost_is_recognised(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    put = bucket.put_if_match

    def lose_response(*args: Any) -> str:
        put(*args)
        return ""

    with monkeypatch.context() as broken:
        broken.setattr(bucket, "put_if_match", lose_response)
        assert _try(bucket, "a")
