"""Deliveries whose claims are in a DynamoDB table: copies, lost responses and deaths at each call to the table."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from contact_import.aws.dynamodb import Table
from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.domain.object_keys import make_webhook_prefix
from contact_import.pipelines.webhook.batch import SubmissionBatch
from contact_import.pipelines.webhook.submission import ProcessedSubmission
from contact_import.webhooks.intake import SubmissionStore
from contact_import.webhooks.submission import Submission
from local.aws.moto_server import create_table
from local.stack_values import DELIVERY_TABLE
from tests.conftest import Importer
from tests.make_submissions import make_person, make_submission, validate_plainly

ANN = "+61491570006"
_DIES_BEFORE, _DIES_AFTER, _LOST, _THROTTLED = "dies before", "dies after", "response lost", "throttled"
_CLAIM, _COMMIT = 1, 2  # the writes of a delivery
# Where it cannot be known whether the contact was sent: how often it is, with `resend` and with `hold`.
_IN_DOUBT = {(_CLAIM, _DIES_AFTER): (1, 0), (_COMMIT, _DIES_BEFORE): (2, 1)}


class FaultyTable(Table):
    """The table, in which one write has a fault."""

    def __init__(self, importer: Importer, at: int = 0, fault: str = "") -> None:
        self.writes = 0
        super().__init__(_FaultyClient(self, at, fault), DELIVERY_TABLE, lambda: importer.clock)  # type: ignore[arg-type]


class _FaultyClient:
    def __init__(self, table: FaultyTable, at: int, fault: str) -> None:
        self._client = boto3.client("dynamodb")
        self._table, self._at, self._fault = table, at, fault

    def get_item(self, **request: Any) -> Any:
        return self._client.get_item(**request)

    def put_item(self, **request: Any) -> Any:
        self._table.writes += 1
        fault = self._fault if self._table.writes == self._at else ""
        if fault == _DIES_BEFORE:
            raise KeyboardInterrupt
        if fault == _THROTTLED:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "PutItem")
        response = self._client.put_item(**request)
        if fault == _DIES_AFTER:
            raise KeyboardInterrupt
        if fault == _LOST:
            raise ReadTimeoutError(endpoint_url="https://dynamodb")
        return response


@pytest.fixture
def importer(importer: Importer) -> Importer:
    create_table(boto3.client("dynamodb"), DELIVERY_TABLE)
    return importer


def _store(importer: Importer, key: str) -> Submission:
    store = SubmissionStore(Bucket(importer.s3, "contacts"), lambda _text, _delay: None, DELIVERY_TABLE)
    return store.save_once(make_submission(key, make_person(ANN))).submission


def _run(
    importer: Importer, submission: Submission, table: Table | None = None, client: CellcastClient | None = None
) -> ProcessedSubmission:
    batch = SubmissionBatch(
        Bucket(importer.s3, "contacts"),
        client or importer.build_client(),
        4,
        lambda: importer.clock,
        validate=validate_plainly,
        get_table=lambda _name: table or FaultyTable(importer),
    )
    return batch.run([submission])[submission.import_id]


@pytest.mark.parametrize("policy", ["resend", "hold"])
@pytest.mark.parametrize("fault", [_DIES_BEFORE, _DIES_AFTER, _LOST, _THROTTLED])
@pytest.mark.parametrize("at", [_CLAIM, _COMMIT])
def test_a_delivery_that_is_cut_off_at_the_table_is_sent_once_or_its_repeat_is_reported(
    importer: Importer, at: int, fault: str, policy: str
) -> None:
    importer.settings["on_ambiguous"] = policy
    submission = _store(importer, "one")

    first = _run(importer, submission, FaultyTable(importer, at, fault))
    importer.clock += timedelta(minutes=2)
    last = _run(importer, submission)

    # A run that lives finds its own write, or writes again.
    assert bool(first.result) is (fault in (_LOST, _THROTTLED))
    assert last.result
    accepted, repeats = last.result["rows"]["accepted"], last.result["requests"]["possibly_repeated"]
    in_doubt = (at, fault) in _IN_DOUBT
    assert accepted == (0 if in_doubt and policy == "hold" else 1)
    assert repeats == (1 if in_doubt and policy == "resend" else 0)
    resent, held = _IN_DOUBT.get((at, fault), (1, 1))
    assert importer.sandbox.numbers == [ANN] * (resent if policy == "resend" else held)


def test_of_two_copies_of_a_message_one_sends(importer: Importer) -> None:
    submission, client = _store(importer, "one"), importer.build_client()
    post, copies = client.post, list[ProcessedSubmission]()

    def meanwhile(*arguments: Any) -> Any:
        copies.append(_run(importer, submission))
        return post(*arguments)

    client.post = meanwhile
    first = _run(importer, submission, client=client)
    again = _run(importer, submission)

    assert copies[0].result is None
    assert copies[0].retry_after > 0
    assert again.result == first.result
    assert importer.sandbox.numbers == [ANN]


def test_the_claims_are_in_the_table_and_the_results_in_the_bucket(importer: Importer) -> None:
    submission = _store(importer, "one")

    _run(importer, submission)

    keys = {one["Key"] for one in importer.s3.list_objects_v2(Bucket="contacts")["Contents"]}
    items = boto3.client("dynamodb").scan(TableName=DELIVERY_TABLE)["Items"]
    prefix = make_webhook_prefix(submission.import_id, submission.received_at)
    assert keys == {
        f"work/{submission.import_id}/submission.json", f"{prefix}accepted.csv", f"{prefix}result.json"
    }  # fmt: skip
    assert [one["id"] for one in items] == [{"S": f"work/{submission.import_id}/groups/00000001.json"}]


def test_a_delivery_whose_table_is_gone_waits_and_is_not_sent(importer: Importer) -> None:
    submission = _store(importer, "one")
    boto3.client("dynamodb").delete_table(TableName=DELIVERY_TABLE)

    ended = _run(importer, submission)

    assert isinstance(ended.error, ClientError)
    assert importer.sandbox.numbers == []
