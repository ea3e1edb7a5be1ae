"""Replace an item of a DynamoDB table that several functions share, by conditional writes."""

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contact_import.errors import StoreUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


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
            condition = {
                "ConditionExpression": "version = :version",
                "ExpressionAttributeValues": {":version": {"N": str(expected_version)}},
            }
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


def _read_date(response: dict[str, Any]) -> float | None:
    try:
        return parsedate_to_datetime(response["ResponseMetadata"]["HTTPHeaders"]["date"]).timestamp()
    except (KeyError, ValueError):
        return None
