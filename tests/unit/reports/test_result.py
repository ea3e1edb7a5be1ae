from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from contact_import.aws.events import Upload
from contact_import.checks.account import Account
from contact_import.checks.arrival import VerificationResult
from contact_import.columns.detect import Column
from contact_import.domain.consent import Consent, ConsentEvidence
from contact_import.domain.consent_tally import ConsentTally
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import RowWarning, Status
from contact_import.files.table import ReadSummary
from contact_import.ledger.import_identity import ImportIdentity
from contact_import.reports.counts import Counts
from contact_import.reports.result import build_consent, build_result, format_timestamp

START = datetime(2026, 11, 23, 1, 2, 3, 999_999, tzinfo=UTC)
IDENTITY = ImportIdentity(Upload("contacts", "incoming/a.csv", "etag", "", 7), "0" * 24, "results/a.csv/0/")
READING = ReadSummary(
    {"encoding": "utf-8", "delimiter": ",", "header_line": 3},
    (Column("Mobile", "phone_number"), Column("Notes", None)),
    (RowWarning("file", "odd bytes"),),
)


def _build(counts: Counts | None = None, identity: ImportIdentity = IDENTITY, **more: Any) -> dict[str, Any]:
    return build_result(
        identity,
        counts or Counts(),
        started_at=START,
        finished_at=START + timedelta(seconds=1),
        labels=more.pop("labels", Labels()),
        **more,
    )


def test_an_import_is_completed_when_every_row_was_accepted() -> None:
    accepted, mixed = Counts(rows=Counter({Status.ACCEPTED: 2})), Counts(rows=Counter({Status.ACCEPTED: 2}))
    mixed.rows[Status.DUPLICATE] = 1

    assert _build(accepted)["status"] == "completed"
    assert _build(mixed)["status"] == "completed_with_failures"
    assert _build(accepted, error="cut short")["status"] == "failed"
    assert _build()["status"] == "completed"


def test_a_file_that_was_not_read_has_no_format_and_no_columns() -> None:
    result = _build(error="The file is empty.")

    assert result["format"] == {"encoding": None, "delimiter": None, "header_line": None}
    assert (result["columns"], result["warnings"], result["mapping"]) == ([], [], None)


def test_a_warning_about_the_file_names_the_line_of_its_header() -> None:
    result = _build(reading=READING)

    assert result["columns"] == [{"header": "Mobile", "field": "phone_number"}, {"header": "Notes", "field": None}]
    assert result["warnings"] == [{"field": "file", "reason": "odd bytes", "count": 1, "first_row": 3}]


def test_messages_of_the_import_come_before_those_of_its_requests() -> None:
    counts = Counts()
    counts.add_message("of a request")

    assert _build(counts, messages=["of the import"])["messages"] == ["of the import", "of a request"]


def test_what_was_checked_is_in_the_result() -> None:
    result = _build(account=Account("Shop", "12.50"), verification=VerificationResult(3), labels=Labels(("a",), ("b",)))

    assert result["account"] == {"name": "Shop", "balance": "12.50"}
    assert result["verified"]["found"] == 3
    assert (result["tags"], result["list"]) == (["a"], ["b"])


def test_the_source_says_where_the_import_came_from() -> None:
    versioned = replace(IDENTITY, upload=replace(IDENTITY.upload, version_id="v1"), source_kind="webhook")

    assert _build()["source"] == {
        "kind": "s3", "bucket": "contacts", "key": "incoming/a.csv", "etag": "etag", "version_id": None, "size": 7
    }  # fmt: skip
    assert (_build(identity=versioned)["source"]["kind"], _build(identity=versioned)["source"]["version_id"]) == (
        "webhook",
        "v1",
    )


def test_times_are_in_whole_seconds() -> None:
    assert format_timestamp(START) == "2026-11-23T01:02:03Z"


def test_the_counts_sum_up_to_the_rows_that_were_read() -> None:
    tally = ConsentTally()
    tally.add_rows([ConsentEvidence(Consent.UNCLEAR, "SMS consent", "Pending")] * 12)
    tally.add_rows([ConsentEvidence(Consent.YES), ConsentEvidence(Consent.NO), ConsentEvidence()])

    consent = build_consent(tally, 20)

    assert {name: consent[name] for name in ("yes", "silent", "no", "unclear")} == {
        "yes": 1,
        "silent": 6,
        "no": 1,
        "unclear": {"Pending": 12},
    }


def test_a_file_without_consent_is_silent() -> None:
    assert build_consent(None, 3) == {
        "yes": 0,
        "silent": 3,
        "no": 0,
        "unclear": {},
        "required": False,
        "columns": [],
    }


def test_a_value_that_occurs_once_is_masked_where_it_may_be_personal() -> None:
    tally = ConsentTally()
    for value, count in (("Bo Lee asked", 1), ("see notes", 2), ("Pending", 1)):
        tally.add_value("Opted out", value, Consent.NO, count)
    tally.add_rows([ConsentEvidence(Consent.UNCLEAR, "SMS", "call 0491 570 006")])

    consent = build_consent(tally, 4)

    shown = [one["value"] for one in consent["columns"][0]["values"]]
    assert sorted(shown) == ["B• ••• •••••", "Pending", "see notes"]
    assert "0491" not in next(iter(consent["unclear"]))


def test_the_tally_is_bounded() -> None:
    tally = ConsentTally()
    for number in range(200):
        tally.add_rows([ConsentEvidence(Consent.UNCLEAR, "SMS", f"maybe {number}")])
        tally.add_value("SMS", f"maybe {number}", Consent.UNCLEAR, 1)

    assert len(tally.unclear) == len(tally.columns["SMS"]) == 51
    assert tally.unclear.total() == tally.columns["SMS"].total() == 200
