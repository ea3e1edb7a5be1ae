"""docs/result.md has every status with its sentence, and every key of the files that come back."""

import re
from datetime import UTC, datetime
from pathlib import Path

from contact_import.aws.events import Upload
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Status
from contact_import.ledger.import_identity import ImportIdentity
from contact_import.reports import progress
from contact_import.reports.counts import Counts
from contact_import.reports.result import build_result
from contact_import.reports.summary import STATUS_MEANINGS
from contact_import.resubmission.report_columns import CONSENT, FAILED_COLUMNS, IMPORTER
from tests.unit.fakes import IN_MEMORY_PREFIX, make_bucket

PAGE = (Path(__file__).parents[2] / "docs" / "result.md").read_text("utf-8")
IDENTITY = ImportIdentity(Upload("contacts", "incoming/a.csv", size=9), "0" * 24, IN_MEMORY_PREFIX)
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def _read_table(title: str) -> dict[str, str]:
    """Return the tables of a section: the text of the second column by each name in the first."""
    (section,) = re.findall(rf"^## {re.escape(title)}\n(.+?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\| (`[^|]+`) \| ([^|]+) \|", section, re.MULTILINE)
    return {name: text for cell, text in rows for name in re.findall(r"`(\w+)`", cell)}


def test_each_status_has_the_sentence_of_the_report() -> None:
    assert _read_table("Statuses") == {status.value: STATUS_MEANINGS[status] for status in Status}


def test_every_key_of_the_result_is_described_and_no_other() -> None:
    result = build_result(IDENTITY, Counts(), started_at=NOW, finished_at=NOW, labels=Labels())

    assert set(_read_table("result.json")) == set(result)


def test_every_key_of_the_progress_is_described_and_no_other() -> None:
    bucket = make_bucket()
    progress.ProgressReporter(IDENTITY, NOW, bucket, lambda: NOW).start_stage(progress.READING)
    document = progress.load_progress(bucket, IN_MEMORY_PREFIX)
    table = _read_table("progress.json")

    assert set(table) == set(document or ())
    stages = {progress.WAITING, progress.READING, progress.SENDING, progress.WRITING, progress.FINISHED}
    assert set(re.findall(r"`(\w+)`", table["stage"])) == stages


def test_every_column_that_is_added_is_described() -> None:
    assert set(_read_table("failed.csv and accepted.csv")) == {*FAILED_COLUMNS, CONSENT, IMPORTER}
