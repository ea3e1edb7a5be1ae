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
_RESULT_FILES = ("accepted.csv", "failed.csv", "report.html", "result.json")


def test_a_delivery_takes_seven_writes_to_s3_and_two_reads(webhook_client: WebhookClient) -> None:
    asked = list[tuple[str, str]]()
    dependencies.get_bucket("contacts")._client.meta.events.register(
        "before-call.s3",
        lambda model, params, **_: asked.append((model.name, params["url_path"].rpartition("/")[2])),
    )

    for number in range(_DELIVERIES):
        webhook_client.post_hook({"name": f"Ann {number}", "mobile": f"049157015{number + 5}"})
    webhook_client.run_queue_function()

    # The submission, its claim and its commit, and the four files. A list would cost as much as a write.
    writes = ("submission.json", "00000001.json", "00000001.json", *_RESULT_FILES)
    each = Counter([("PutObject", name) for name in writes] + [("GetObject", "submission.json")] * 2)
    assert Counter(asked) == Counter({request: count * _DELIVERIES for request, count in each.items()})


def test_contacts_over_http_take_seven_writes_to_s3_and_one_read(webhook_client: WebhookClient) -> None:
    asked: Counter[str] = Counter()
    dependencies.get_bucket("contacts")._client.meta.events.register(
        "before-call.s3", lambda model, **_: asked.update([model.name])
    )

    assert webhook_client.post_contacts().status == 200

    # The failed rows that the response names are read from failed.csv.
    assert asked == Counter(PutObject=7, GetObject=1)


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
