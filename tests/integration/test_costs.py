"""The requests to S3 and the memory of an import."""

import io
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


def _post_deliveries(webhook_client: WebhookClient, *people: dict[str, str]) -> Counter[tuple[str, str]]:
    """Return the requests to S3, each with the last part of its key, of one delivery for each of the people."""
    asked = Counter[tuple[str, str]]()
    dependencies.get_bucket("contacts")._client.meta.events.register(
        "before-call.s3",
        lambda model, params, **_: asked.update([(model.name, params["url_path"].rpartition("/")[2])]),
    )
    for person in people:
        webhook_client.post_hook(person)
    webhook_client.run_queue_function()
    return asked


def _count(writes: tuple[str, ...], times: int) -> Counter[tuple[str, str]]:
    return Counter(
        {request: times * count for request, count in Counter(("PutObject", name) for name in writes).items()}
    )


def test_a_delivery_takes_five_writes_to_s3_and_two_reads(webhook_client: WebhookClient) -> None:
    people = [{"name": f"Ann {number}", "mobile": f"049157015{number + 5}"} for number in range(_DELIVERIES)]

    asked = _post_deliveries(webhook_client, *people)

    # The submission, its claim and its commit, and two files. A list would cost as much as a write.
    writes = ("submission.json", "00000001.json", "00000001.json", "accepted.csv", "result.json")
    reads = Counter({("GetObject", "submission.json"): 2 * _DELIVERIES})
    assert asked == _count(writes, _DELIVERIES) + reads


def test_a_delivery_that_fails_takes_six_writes_to_s3(webhook_client: WebhookClient) -> None:
    asked = _post_deliveries(webhook_client, {"name": "Ann", "mobile": "12"})

    writes = ("submission.json", "00000001.json", "00000001.json", *_REPORTED_FILES)
    assert asked == _count(writes, 1) + Counter({("GetObject", "submission.json"): 2})


def test_a_delivery_without_a_contact_takes_three_writes_to_s3(webhook_client: WebhookClient) -> None:
    asked = _post_deliveries(webhook_client, {"event": "ping"})

    assert asked == _count(("submission.json", "delivery.json", "result.json"), 1) + Counter(
        {("GetObject", "submission.json"): 2}
    )


@pytest.mark.parametrize(
    ("contacts", "expected"),
    [(["0491570006"], Counter(PutObject=5)), (["0491570006", "12"], Counter(PutObject=7, GetObject=1))],
    ids=["accepted", "one failed"],  # the failed contacts that the response names are read from failed.csv
)
def test_contacts_over_http_take_five_writes_to_s3_and_seven_when_one_fails(
    webhook_client: WebhookClient, contacts: list[str], expected: Counter[str]
) -> None:
    asked: Counter[str] = Counter()
    dependencies.get_bucket("contacts")._client.meta.events.register(
        "before-call.s3", lambda model, **_: asked.update([model.name])
    )

    body = {"contacts": [{"phone_number": number} for number in contacts]}
    assert webhook_client.post_contacts(body).status == 200

    assert asked == expected


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
