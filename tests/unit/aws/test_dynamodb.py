import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from contact_import.aws.dynamodb import MAX_BODY_BYTES, Table, VersionedItem
from contact_import.errors import LedgerError, StoreUnavailableError
from local.aws.moto_server import create_table, lock_conditional_writes

KEY = "work/1/groups/00000001.json"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def client() -> Iterator[Any]:
    lock_conditional_writes()
    with mock_aws():
        client = boto3.client("dynamodb")
        create_table(client, "rates")
        yield client


def test_a_writer_that_knows_the_version_replaces_the_item(client: Any) -> None:
    item = VersionedItem(client, "rates", "account")

    assert item.replace("one", 0)[0] is None
    assert item.replace("two", 1)[0] is None
    assert VersionedItem(client, "rates", "account").replace("three", 0)[0] == ("two", 2)


def test_a_writer_with_an_old_version_gets_the_item_and_changes_nothing(client: Any) -> None:
    item = VersionedItem(client, "rates", "account")
    item.replace("one", 0)

    assert item.replace("late", 7)[0] == ("one", 1)
    assert item.replace("late", 0)[0] == ("one", 1)


def test_an_item_that_was_deleted_is_version_zero(client: Any) -> None:
    assert VersionedItem(client, "rates", "account").replace("late", 3)[0] == ("", 0)


def test_a_table_that_is_not_there_or_does_not_answer_is_unavailable(client: Any) -> None:
    with pytest.raises(StoreUnavailableError):
        VersionedItem(client, "another", "account").replace("one", 0)


def test_an_address_that_no_one_listens_at_is_unavailable() -> None:
    away = boto3.client("dynamodb", endpoint_url="http://127.0.0.1:9", config=Config(retries={"max_attempts": 1}))

    with pytest.raises(StoreUnavailableError):
        VersionedItem(away, "rates", "account").replace("one", 0)


def _open(client: Any, name: str = "rates") -> Table:
    return Table(client, name, lambda: NOW)


def test_the_table_has_the_conditional_writes_of_the_bucket(client: Any) -> None:
    table = _open(client)

    assert table.read_with_etag(KEY) is None
    assert table.put_if_match(KEY, b"late", "1") == ""
    first = table.put_if_match(KEY, b"one", "")
    assert table.read_with_etag(KEY) == (b"one", first)
    assert table.put_if_match(KEY, b"two", "") == ""
    second = table.put_if_match(KEY, b"two", first)
    assert second not in ("", first)
    assert table.put_if_match(KEY, b"three", first) == ""
    assert _open(client).read_with_etag(KEY) == (b"two", second)
    assert table.read_with_etag("work/2/groups/00000001.json") is None


def test_of_many_that_write_at_once_one_wins(client: Any) -> None:
    table = _open(client)

    with ThreadPoolExecutor(16) as pool:
        tags = list(pool.map(lambda number: table.put_if_match(KEY, str(number).encode(), ""), range(100)))

    assert len([tag for tag in tags if tag]) == 1


def test_an_item_is_deleted_a_day_after_the_working_files_of_its_delivery(client: Any) -> None:
    _open(client).put_if_match(KEY, b"one", "")

    item = client.get_item(TableName="rates", Key={"id": {"S": KEY}})["Item"]
    assert item["expires_at"] == {"N": str(int((NOW + timedelta(days=15)).timestamp()))}


def test_a_read_is_consistent(client: Any) -> None:
    asked: list[Any] = []
    client.meta.events.register("before-parameter-build.dynamodb.GetItem", lambda params, **_: asked.append(params))

    _open(client).read_with_etag(KEY)

    assert [one["ConsistentRead"] for one in asked] == [True]


class _Failing:
    """A client whose writes raise an error, after they are done or instead of that."""

    def __init__(self, client: Any, error: Exception, *, is_done: bool) -> None:
        self._client, self._error, self._is_done = client, error, is_done

    def put_item(self, **request: Any) -> None:
        if self._is_done:
            self._client.put_item(**request)
        raise self._error


def _make_error(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutItem")  # type: ignore[typeddict-item]


@pytest.mark.parametrize("is_done", [True, False])
@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://dynamodb"),
        _make_error("InternalServerError", 500),
        _make_error("ThrottlingException", 400),
        _make_error("ProvisionedThroughputExceededException", 400),
    ],
)
def test_after_a_write_without_a_response_the_item_shows_whose_it_is(
    client: Any, error: Exception, is_done: bool
) -> None:
    assert _open(_Failing(client, error, is_done=is_done)).put_if_match(KEY, b"mine", "") == ""

    assert _open(client).read_with_etag(KEY) == ((b"mine", "1") if is_done else None)


@pytest.mark.parametrize(("code", "status"), [("AccessDeniedException", 400), ("ResourceNotFoundException", 400)])
def test_a_table_that_cannot_be_used_is_an_error(client: Any, code: str, status: int) -> None:
    with pytest.raises(ClientError):
        _open(_Failing(client, _make_error(code, status), is_done=False)).put_if_match(KEY, b"x", "")


def test_a_body_that_no_item_can_hold_is_an_error_and_changes_nothing(client: Any) -> None:
    table = _open(client)
    tag = table.put_if_match(KEY, os.urandom(MAX_BODY_BYTES - 1000), "")
    assert tag

    with pytest.raises(LedgerError):
        table.put_if_match(KEY, os.urandom(MAX_BODY_BYTES + 1), tag)

    found = table.read_with_etag(KEY)
    assert found
    assert (len(found[0]), found[1]) == (MAX_BODY_BYTES - 1000, tag)
