"""progress.json and the page of a running import."""

import json
import sys
from dataclasses import asdict
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.ledger.import_identity import ImportIdentity
from contact_import.ledger.records import BatchRecord
from contact_import.pipelines.inline import run
from contact_import.pipelines.large_file.plan import plan_import
from contact_import.pipelines.large_file.unit import send_unit
from contact_import.reports import progress
from contact_import.reports.html.running_page import RUNNING_MARKER
from contact_import.reports.progress import SENDING, ProgressReporter
from contact_import.sending.deliver import BatchResult
from tests.conftest import Importer, build_contacts_csv, set_batches_per_commit, set_unit_batches


class _Seen(Bucket):
    """A bucket that keeps every body that was written to a key."""

    def __init__(self, importer: Importer) -> None:
        super().__init__(importer.s3, "contacts")
        self.figures: list[dict[str, Any]] = []
        self.pages: list[str] = []

    def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:
        if key.startswith("results/") and key.endswith("progress.json"):
            self.figures.append(json.loads(body))
        elif key.endswith("report.html"):
            self.pages.append(body.decode())
        super().put(key, body, content_type)

    def put_if_match(self, key: str, body: bytes, etag: str) -> str:
        if key.endswith("report.html"):
            self.pages.append(body.decode())
        return super().put_if_match(key, body, etag)


def _run(importer: Importer, upload: Upload, bucket: Bucket) -> dict[str, Any]:
    """Import with a clock that advances by a second at each reading."""
    seconds = count()
    result = run(
        upload,
        bucket=bucket,
        settings=importer.build_settings(),
        client=importer.build_client(),
        now=lambda: importer.clock + timedelta(seconds=next(seconds)),
    )
    assert result is not None
    return result


def test_an_import_tells_how_far_it_is_from_its_first_second_to_its_last(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_batches_per_commit(monkeypatch, 2)  # else there are two groups, which may end together
    importer.settings |= {"batch_max_contacts": 100, "concurrency": 1}
    seen = _Seen(importer)

    body = build_contacts_csv(3000).replace("\n", f",{'x' * 1000}\n") + "Nobody,At all,\n"  # S3 is read by the megabyte

    result = _run(importer, importer.upload(body), seen)

    first, *_, last = seen.figures
    assert first["rows"] == {"read": 0, "accepted": 0, "failed": 0}
    assert (last["stage"], last["status"], last["percent"]) == ("finished", "finished", 100)
    assert last["rows"] == {"read": 3001, "accepted": 3000, "failed": 1}
    assert last["calls"] == result["requests"]["sent"]
    between = [one for one in seen.figures if 0 < one["rows"]["accepted"] < 3000 and 0 < one["percent"] < 100]
    assert between
    percents = [one["percent"] for one in seen.figures]
    assert percents == sorted(percents)
    assert RUNNING_MARKER in seen.pages[0]
    assert RUNNING_MARKER not in seen.pages[-1]


def test_nothing_is_called_done_that_is_only_read(importer: Importer) -> None:
    importer.settings |= {"batch_max_contacts": 2, "concurrency": 4, "canary_contacts": 2}
    seen = _Seen(importer)

    _run(importer, importer.upload(build_contacts_csv(40)), seen)

    running = [one for one in seen.figures if one["status"] == "running"]
    settled = [one["rows"]["accepted"] for one in running]
    assert [
        one["percent"] for one, rows in zip(running, settled, strict=True) if one["percent"] > rows / 40 * 100
    ] == []


def test_the_large_path_tells_the_same_of_its_units(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    set_unit_batches(monkeypatch, 2)
    importer.settings["batch_max_contacts"] = 10
    upload = importer.upload(build_contacts_csv(100))
    bucket, prefix = Bucket(importer.s3, "contacts"), ImportIdentity.from_upload(upload).results_prefix
    event = {"import_id": upload.import_id, **asdict(upload)}

    importer.run_stage("Plan", event)
    planned = progress.load_progress(bucket, prefix)
    for unit in (1, 2, 2):  # a unit that comes twice counts once
        importer.run_stage("Batch", {"import_id": event["import_id"], "unit": unit})
    half = progress.load_progress(bucket, prefix)
    page = importer.read_report_file_of(upload, "report.html")
    for unit in (3, 4, 5):
        importer.run_stage("Batch", {"import_id": event["import_id"], "unit": unit})
    importer.run_stage("Finish", event)
    last = progress.load_progress(bucket, prefix)

    assert planned is not None
    assert half is not None
    assert last is not None
    assert (planned["stage"], planned["rows"]["read"], planned["percent"]) == ("sending", 100, 0)
    assert (half["rows"], half["percent"], half["calls"]) == ({"read": 100, "accepted": 40, "failed": 0}, 40, 4)
    assert RUNNING_MARKER in page
    assert (last["stage"], last["rows"]["accepted"]) == ("finished", 100)
    assert RUNNING_MARKER not in importer.read_report_file_of(upload, "report.html")


def test_planning_that_is_continued_does_not_fall_back_to_zero(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_unit_batches(monkeypatch, 1)
    monkeypatch.setattr(progress, "READ_AHEAD_BYTES", 1)
    importer.settings["batch_max_contacts"] = 100
    seen, upload = _Seen(importer), importer.upload(build_contacts_csv(1000))
    seconds = count(0, 10)

    while not plan_import(
        upload,
        bucket=seen,
        settings=importer.build_settings(),
        has_time=lambda: False,
        now=lambda: importer.clock + timedelta(seconds=next(seconds)),
    ):
        pass

    reading = [one for one in seen.figures if one["stage"] == "reading"]
    assert len(reading) > 10
    assert [one["rows"]["read"] for one in reading] == sorted(one["rows"]["read"] for one in reading)
    assert [one["percent"] for one in reading] == sorted(one["percent"] for one in reading)
    assert seen.figures[-1]["rows"]["read"] == 1000


def test_a_unit_that_takes_its_time_tells_how_far_it_is(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    set_unit_batches(monkeypatch, 10)
    importer.settings |= {"batch_max_contacts": 1, "concurrency": 1}
    upload = importer.upload(build_contacts_csv(20))
    seen, seconds = _Seen(importer), count()
    event = {"import_id": upload.import_id, **asdict(upload)}
    importer.run_stage("Plan", event)

    for unit in (1, 2):
        send_unit(
            event["import_id"],
            unit,
            bucket=seen,
            settings=importer.build_settings(),
            client=importer.build_client(),
            now=lambda: importer.clock + timedelta(seconds=next(seconds)),
        )

    accepted = [one["rows"]["accepted"] for one in seen.figures]
    assert accepted == sorted(accepted)
    assert any(0 < one < 10 for one in accepted)
    assert any(10 < one < 20 for one in accepted)
    assert all(one["percent"] <= one["rows"]["accepted"] * 5 for one in seen.figures)
    assert (accepted[-1], seen.figures[-1]["percent"], seen.figures[-1]["calls"]) == (20, 100, 20)


def test_progress_that_cannot_be_written_fails_no_import(importer: Importer) -> None:
    class Denied(Bucket):
        def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:
            if key.endswith("progress.json"):
                importer.s3.put_object(Bucket="somebody-elses", Key=key, Body=body)
            super().put(key, body, content_type)

    result = _run(importer, importer.upload(build_contacts_csv(3)), Denied(importer.s3, "contacts"))

    assert result["rows"]["accepted"] == 3


def test_a_run_that_is_late_never_puts_its_page_over_a_result(importer: Importer) -> None:
    upload = importer.upload(build_contacts_csv(3))
    importer.run(upload)
    before = importer.read_report_file_of(upload, "report.html")

    bucket = Bucket(importer.s3, "contacts")
    ProgressReporter(ImportIdentity.from_upload(upload), importer.clock, bucket, lambda: importer.clock).start_stage(
        SENDING
    )

    assert importer.read_report_file_of(upload, "report.html") == before


def test_what_is_counted_is_not_kept_until_the_next_report(importer: Importer) -> None:
    """A quick import would hold seconds of its rows in memory: a quarter of a million of them."""
    identity = ImportIdentity.from_upload(importer.upload(build_contacts_csv(1)))
    row = Row(2, ("Ann", "0491 570 006"))
    outcomes = (Outcome(row, Status.ACCEPTED), Outcome(row, Status.REFUSED, "no"))
    seen = ProgressReporter(identity, importer.clock, Bucket(importer.s3, "contacts"), lambda: importer.clock)
    held = sys.getrefcount(outcomes)

    seen.add_record(BatchRecord(1, 1, BatchResult(outcomes, {"sent": 1})))

    assert sys.getrefcount(outcomes) == held
    seen.start_stage(SENDING)
    figures = progress.load_progress(Bucket(importer.s3, "contacts"), identity.results_prefix)
    assert figures is not None
    assert (figures["rows"]["accepted"], figures["rows"]["failed"], figures["calls"]) == (1, 1, 1)


def test_of_an_import_that_no_one_knows_there_is_nothing_to_read(importer: Importer) -> None:
    assert progress.load_progress(Bucket(importer.s3, "contacts"), "results/nothing/") is None


def test_a_small_unit_moves_the_percent_by_its_rows(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    set_unit_batches(monkeypatch, 9)
    importer.settings |= {"canary_contacts": 5}
    upload = importer.upload(build_contacts_csv(100))
    event = {"import_id": upload.import_id, **asdict(upload)}

    importer.run_stage("Plan", event)
    importer.run_stage("Batch", {"import_id": event["import_id"], "unit": 1})

    reported = progress.load_progress(
        Bucket(importer.s3, "contacts"), ImportIdentity.from_upload(upload).results_prefix
    )
    assert reported is not None
    assert (reported["rows"]["accepted"], reported["percent"]) == (5, 5)
