"""Read and write items of DynamoDB tables that several functions share, by conditional writes."""

import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contact_import.aws.s3_errors import get_error_code, is_server_error
from contact_import.errors import LedgerError, StoreUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

# An item may have 400 KB, names and values of its attributes together
# (docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html). The other attributes have some hundred.
MAX_BODY_BYTES = 400_000
# A day longer than S3 keeps `work/`, where it deletes at a midnight: no delivery must outlive its claims.
_KEPT = timedelta(days=15)
# The table did certainly not write. As after a write without a response, the caller reads the item and writes again.
_THROTTLED = ("ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException")


class Table:
    """The bodies of one DynamoDB table, by key. It has the conditional writes of `aws.s3.Bucket`.

    The ETag of an item is its version, which begins at 1. DynamoDB deletes an item 15 days after its last write, or
    some days later. `now` returns the time of day.
    """

    def __init__(self, client: "DynamoDBClient", name: str, now: Callable[[], datetime]) -> None:
        self._client, self._name, self._now = client, name, now

    def read_with_etag(self, key: str) -> tuple[bytes, str] | None:
        """Return the body and the ETag for `put_if_match`, None when there is no item."""
        # Without ConsistentRead, the response may be older than this run's own write.
        found = self._client.get_item(TableName=self._name, Key={"id": {"S": key}}, ConsistentRead=True)
        if "Item" not in found:
            return None
        item: Any = found["Item"]
        return zlib.decompress(item["body"]["B"]), item["version"]["N"]

    def put_if_match(self, key: str, body: bytes, etag: str) -> str:
        """Write a body only if the stored item has this ETag ("": if there is no item). Return the new ETag.

        Return "" when the stored item is another one, and also when the outcome of the write is unknown: read the item
        to find out. Raise LedgerError for a body that is too large for an item.
        """
        # A write is charged for each KB that begins.
        packed = zlib.compress(body)
        if len(packed) > MAX_BODY_BYTES:
            raise LedgerError("The outcomes of a delivery are too large for an item of DynamoDB.")
        version = str(int(etag or 0) + 1)
        item: dict[str, Any] = {
            "id": {"S": key},
            "version": {"N": version},
            "body": {"B": packed},
            "expires_at": {"N": str(int((self._now() + _KEPT).timestamp()))},
        }
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(id)"}
        if etag:
            condition = _build_version_condition(etag)
        try:
            self._client.put_item(TableName=self._name, Item=item, **condition)
        except ClientError as error:
            code = get_error_code(error)
            if code == "ConditionalCheckFailedException" or code in _THROTTLED or is_server_error(error):
                return ""
            raise
        except BotoCoreError:  # no response: the table may have written the item
            return ""
        return version


class VersionedItem:
    """One item with a text and a version, 0 when there is no item.

    Each write is conditional on the version, so two functions never overwrite each other
    (docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html). It takes one write unit.
    """

    def __init__(self, client: "DynamoDBClient", table: str, name: str) -> None:
        self._client, self._table, self._name = client, table, name

    def replace(self, text: str, expected_version: int) -> tuple[tuple[str, int] | None, float | None]:
        """Store the text with the next version if the stored one has `expected_version`.

        Return two values. The first is None after a write, or the stored text and version when that is another one.
        The second is the server's time in whole seconds since the epoch, None if the response has none. Raise
        StoreUnavailableError when the table cannot be used.
        """
        item = {"id": {"S": self._name}, "version": {"N": str(expected_version + 1)}, "text": {"S": text}}
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(id)"}
        if expected_version:
            condition = _build_version_condition(str(expected_version))
        try:
            # A rejected write returns the stored item, so no read is needed before the next attempt.
            response: Any = self._client.put_item(
                TableName=self._table, Item=item, ReturnValuesOnConditionCheckFailure="ALL_OLD", **condition
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            refused: Any = error.response
            stored = refused.get("Item")
            return (stored["text"]["S"], int(stored["version"]["N"])) if stored else ("", 0), _read_date(refused)
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailableError(type(error).__name__) from error
        return None, _read_date(response)


def _build_version_condition(version: str) -> dict[str, Any]:
    return {
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": {":version": {"N": version}},
    }


def _read_date(response: dict[str, Any]) -> float | None:
    try:
        return parsedate_to_datetime(response["ResponseMetadata"]["HTTPHeaders"]["date"]).timestamp()
    except (KeyError, ValueError):
        return None
