from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from contact_import.aws.dynamodb import VersionedItem
from contact_import.errors import StoreUnavailableError


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("dynamodb")
        client.create_table(
            TableName="rates",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
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
