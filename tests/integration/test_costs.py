"""The requests to S3 and DynamoDB and the memory of an import."""

import base64
import io
import json
import tracemalloc
from collections import Counter
from datetime import date
from typing import Any

import pytest

from benchmarks.contact_files import HEADER, generate_lines
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import validate_rows
from contact_import.fields.birthday import DateOrder
from contact_import.files.table import open_table
from contact_import.handlers import dependencies
from contact_import.sending.batches import COMMIT_GROUP_BATCHES, split_batches
from local.sandbox.endpoint import Sandbox
from local.stack_values import DELIVERY_TABLE
from tests.conftest import Importer, build_contacts_csv
from tests.integration.webhook_client import WebhookClient


def _requests(importer: Importer, rows: int) -> Counter[str]:
    asked: Counter[str] = Counter()

    def note(model: Any, **_: object) -> None:
        asked[model.name] += 1

    upload = importer.upload(build_contacts_csv(rows), f"incoming/{rows}.csv")
    importer.s3.meta.events.register("before-call.s3", note)
    try:
        assert importer.run(upload)["rows"]["read"] == rows
    finally:
        importer.s3.meta.events.unregister("before-call.s3", note)
    return asked


def test_a_commit_group_takes_two_requests_to_s3_and_none_to_read_it_back(importer: Importer) -> None:
    importer.settings["batch_max_contacts"] = 5
    group = 5 * COMMIT_GROUP_BATCHES
    few, many = _requests(importer, group), _requests(importer, 4 * group)

    assert many - few == Counter(PutObject=2 * 3)


_DELIVERIES = 5
_REPORTED_FILES = ("failed.csv", "report.html", "result.json")
_CLAIM_AND_COMMIT = Counter({("PutItem", "deliveries"): 2})
_READ_TWICE = Counter({("GetObject", "submission.json"): 2})


def _note_requests() -> Counter[tuple[str, str]]:
    """Return what counts the requests from now on: to S3 with the last part of the key, to DynamoDB with the table."""
    asked = Counter[tuple[str, str]]()
    clients = (
        dependencies.get_bucket("contacts")._client,
        vars(dependencies.get_delivery_table(DELIVERY_TABLE))["_client"],
    )
    clients[0].meta.events.register(
        "before-call.s3",
        lambda model, params, **_: asked.update([(model.name, params["url_path"].rpartition("/")[2])]),
    )
    clients[1].meta.events.register(
        "before-call.dynamodb",
        lambda model, params, **_: asked.update([(model.name, json.loads(params["body"])["TableName"])]),
    )
    return asked


def _post_deliveries(webhook_client: WebhookClient, *people: dict[str, str]) -> Counter[tuple[str, str]]:
    """Return the requests of one delivery for each of the people, until it has its results."""
    asked = _note_requests()
    for person in people:
        webhook_client.post_hook(person)
    webhook_client.run_queue_function()
    return asked


def _count(writes: tuple[str, ...]) -> Counter[tuple[str, str]]:
    return Counter(("PutObject", name) for name in writes)


def test_a_delivery_takes_three_writes_to_s3_and_two_to_the_table(webhook_client: WebhookClient) -> None:
    people = [{"name": f"Ann {number}", "mobile": f"049157015{number + 5}"} for number in range(_DELIVERIES)]

    asked = _post_deliveries(webhook_client, *people)

    # A list would cost as much as a write.
    each = _count(("submission.json", "accepted.csv", "result.json")) + _CLAIM_AND_COMMIT + _READ_TWICE
    assert asked == Counter({request: _DELIVERIES * count for request, count in each.items()})


def test_a_delivery_that_fails_takes_four_writes_to_s3(webhook_client: WebhookClient) -> None:
    asked = _post_deliveries(webhook_client, {"name": "Ann", "mobile": "12"})

    assert asked == _count(("submission.json", *_REPORTED_FILES)) + _CLAIM_AND_COMMIT + _READ_TWICE


def test_a_delivery_without_a_contact_takes_three_writes_to_s3(webhook_client: WebhookClient) -> None:
    asked = _post_deliveries(webhook_client, {"event": "ping"})

    assert asked == _count(("submission.json", "delivery.json", "result.json")) + _READ_TWICE


@pytest.mark.parametrize(
    ("contacts", "files", "reads"),
    [
        (["0491570006"], ("accepted.csv", "result.json"), ()),
        # The failed contacts that the response names are read from failed.csv.
        (["0491570006", "12"], ("accepted.csv", *_REPORTED_FILES), (("GetObject", "failed.csv"),)),
    ],
    ids=["accepted", "one failed"],
)
def test_contacts_over_http_take_three_writes_to_s3_and_five_when_one_fails(
    webhook_client: WebhookClient, contacts: list[str], files: tuple[str, ...], reads: tuple[tuple[str, str], ...]
) -> None:
    asked = _note_requests()

    body = {"contacts": [{"phone_number": number} for number in contacts]}
    assert webhook_client.post_contacts(body).status == 200

    assert asked == _count(("submission.json", *files)) + _CLAIM_AND_COMMIT + Counter(reads)


def test_a_large_delivery_takes_five_writes_to_s3(webhook_client: WebhookClient) -> None:
    """A write to the table is charged for each KB."""
    answers = {f"Question {number}": "a long answer " * 20 for number in range(20)}

    asked = _post_deliveries(webhook_client, {"name": "Ann", "mobile": "0491570006", **answers})

    writes = ("submission.json", "00000001.json", "00000001.json", "accepted.csv", "result.json")
    assert asked == _count(writes) + _READ_TWICE


@pytest.mark.parametrize("number", ["0491570006", "12"])
def test_a_usual_delivery_is_charged_for_two_writes_to_the_table(webhook_client: WebhookClient, number: str) -> None:
    """For one KB each (docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html)."""
    sizes: list[int] = []
    table = dependencies.get_delivery_table(DELIVERY_TABLE)
    vars(table)["_client"].meta.events.register(
        "before-call.dynamodb.PutItem", lambda params, **_: sizes.append(_measure_item(json.loads(params["body"])))
    )

    webhook_client.post_hook(
        {
            "name": "Zebedee Quartermain",
            "mobile": number,
            "email": "zebedee@quartermain.example",
            "company": "Quartermain & Daughters Pty Ltd",
            "address": "12 Example Street, Marrickville NSW 2204",
            "message": "Please call me back on Thursday about the quote for the kitchen. I am out until noon.",
            "page": "https://www.example.com/contact?utm_source=newsletter&utm_medium=email&utm_campaign=june",
            "Accepts SMS marketing": "yes",
        }
    )
    webhook_client.run_queue_function()

    assert len(sizes) == 2
    assert max(sizes) <= 1024


def _measure_item(request: Any) -> int:
    """Return the bytes of an item: the names and values of its attributes."""
    return sum(
        len(name) + len(base64.b64decode(text) if kind == "B" else text)
        for name, value in request["Item"].items()
        for kind, text in value.items()
    )


def test_a_body_goes_along_with_its_request(deployed_sandbox: Sandbox) -> None:
    bucket, asked = dependencies.get_bucket("contacts"), list[Any]()
    bucket._client.meta.events.register("before-send.s3.PutObject", lambda request, **_: asked.append(request))

    bucket.put("work/note.json", b"{}")

    assert [(request.method, "Expect" in request.headers) for request in asked] == [("PUT", False)]


@pytest.mark.parametrize("stage", ["validated", "split"])
def test_memory_does_not_grow_with_the_file(stage: str) -> None:
    def peak(rows: int) -> int:
        table = open_table(io.BytesIO((HEADER + "".join(generate_lines(rows))).encode()), region="AU")
        judged = validate_rows(
            table.rows, table.columns, ValidationRules(date(2026, 1, 1), date_order=DateOrder.DAY_FIRST)
        )
        tracemalloc.start()
        for _ in judged if stage == "validated" else split_batches(judged, max_contacts=100, max_bytes=90_000):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    grown = peak(4_000) - peak(1_000)

    assert grown < 3_000 * 500
