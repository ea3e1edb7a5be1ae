"""What an import costs, where it can be counted: requests to S3, and memory."""

import io
import tracemalloc
from collections import Counter
from datetime import date
from typing import Any

import pytest

from benchmarks.contact_files import HEADER, lines
from contact_import.contacts.normalize import Rules
from contact_import.contacts.validate import judge
from contact_import.files.table import open_table
from contact_import.handlers import dependencies
from contact_import.sending.batches import cut
from local.sandbox.endpoint import Sandbox
from tests.conftest import Office, people


def _requests(office: Office, rows: int) -> Counter[str]:
    asked: Counter[str] = Counter()

    def note(model: Any, **_: object) -> None:
        asked[model.name] += 1

    upload = office.upload(people(rows), f"incoming/{rows}.csv")
    office.s3.meta.events.register("before-call.s3", note)
    try:
        assert office.run(upload)["rows"]["read"] == rows
    finally:
        office.s3.meta.events.unregister("before-call.s3", note)
    return asked


def test_a_batch_takes_two_requests_to_s3_and_none_to_read_it_back(office: Office) -> None:
    office.settings["batch_max_contacts"] = 10
    few, many = _requests(office, 100), _requests(office, 300)

    assert many - few == Counter(PutObject=2 * 20)


def test_a_body_goes_along_with_its_request(deployed: Sandbox) -> None:
    bucket, asked = dependencies.bucket("contacts"), list[Any]()
    bucket._client.meta.events.register("before-send.s3.PutObject", lambda request, **_: asked.append(request))

    bucket.put("work/note.json", b"{}")

    assert [(request.method, "Expect" in request.headers) for request in asked] == [("PUT", False)]


@pytest.mark.parametrize("road", ["judged", "cut"])
def test_memory_does_not_grow_with_the_file(road: str) -> None:
    def peak(rows: int) -> int:
        table = open_table(io.BytesIO((HEADER + "".join(lines(rows))).encode()), region="AU")
        judged = judge(table.rows, table.columns, Rules(date(2026, 1, 1), day_first=True))
        tracemalloc.start()
        for _ in judged if road == "judged" else cut(judged, max_contacts=100, max_bytes=90_000):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    grown = peak(4_000) - peak(1_000)

    assert grown < 3_000 * 500
