"""Write the results of an import from the ledger's records: accepted.csv, failed.csv, report.html and result.json."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from types import TracebackType
from typing import Any, Self

from contact_import.aws.s3 import Bucket
from contact_import.aws.s3_streams import ObjectWriter
from contact_import.cellcast.response_body import is_routine
from contact_import.checks.arrival import build_import_tag
from contact_import.columns.detect import Columns
from contact_import.contacts.failed_row_marker import FailedRowMarker
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.errors import LedgerError
from contact_import.ledger.compaction import AcceptedLines
from contact_import.ledger.import_identity import ImportIdentity
from contact_import.ledger.records import BatchRecord
from contact_import.pipelines.import_state import ImportState
from contact_import.reports.accepted_csv import AcceptedCsv, build_describer
from contact_import.reports.counts import Counts
from contact_import.reports.failed_csv import FailedCsv
from contact_import.reports.html.embedded_csv import EmbeddedCsv
from contact_import.reports.html.report_page import render_report
from contact_import.reports.html.sample_rows import SampleRows
from contact_import.reports.result import build_result
from contact_import.reports.suggestions import Suggestions
from contact_import.resubmission.stored_layout import format_importer_header

_HTML_TYPE = "text/html; charset=utf-8"
_CSV_TYPE = "text/csv; charset=utf-8"


class _FileWithRows:
    """A context manager around the writer of a CSV file that is stored only when lines follow the header."""

    def __init__(self, open_writer: Callable[[], ObjectWriter]) -> None:
        self._open_writer = open_writer
        self._header = ""
        self._writer: ObjectWriter | None = None

    def write(self, text: str) -> None:
        """Write the header first, then lines; "" writes nothing."""
        if not self._header:
            self._header = text
        elif text and not self._writer:
            self._writer = self._open_writer().__enter__()
            self._writer.write(self._header + text)
        elif text and self._writer:
            self._writer.write(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer:
            self._writer.__exit__(kind, error, trace)


def load_result(identity: ImportIdentity, bucket: Bucket) -> dict[str, Any] | None:
    """Return the content of result.json, None if the import is not finished."""
    result: dict[str, Any] | None = bucket.read_json(identity.result_key)
    return result


def write_results(
    state: ImportState,
    bucket: Bucket,
    records: Iterable[BatchRecord],
    now: Callable[[], datetime],
    *,
    on_result: Callable[[dict[str, Any]], None] = lambda _result: None,
) -> dict[str, Any]:
    """Write the result files in flat memory, result.json last and once, and return its content.

    Those of a file are four. A delivery has no CSV file without a line, and a report only when one of its rows failed.
    The order in which the batches were sent does not matter: the same records give the same files. `on_result` is
    called with the result just before result.json is written, because a run that finds result.json does nothing more.
    """
    counts = Counts()
    file_records = merge_in_file_order(_count_requests(records, counts))
    sample_rows = _write_csv_files(state, bucket, file_records, counts)
    result = _build_result(state, counts, now())
    if result["report_html"]:
        bucket.put(result["report_html"], _encode_report(state, result, sample_rows), _HTML_TYPE)
    on_result(result)
    # Not `encode_json`: people read this file, so letters beyond ASCII are written as they are.
    body = json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    if bucket.put_if_match(state.identity.result_key, body, ""):
        return result
    # Another run of this import was first, or the response of S3 was lost: the stored result counts.
    if existing := load_result(state.identity, bucket):
        return existing
    raise LedgerError("The result could not be written to the bucket.")


def _build_result(state: ImportState, counts: Counts, finished_at: datetime) -> dict[str, Any]:
    return build_result(
        state.identity,
        counts,
        started_at=state.started_at,
        finished_at=finished_at,
        labels=state.labels,
        mapping_source=state.mapping_source,
        reading=state.reading,
        account=state.account,
        verification=state.verification,
        consent=state.consent,
        is_consent_required=state.is_consent_required,
        is_sandbox=state.is_sandbox,
        started_by=state.started_by,
        messages=state.messages,
        error=state.find_error(has_rows=counts.rows_read > 0, has_accepted_rows=counts.rows[Status.ACCEPTED] > 0),
    )


def _write_csv_files(
    state: ImportState,
    bucket: Bucket,
    row_groups: Iterable[tuple[list[Outcome], list[AcceptedLines]]],
    counts: Counts,
) -> SampleRows:
    """Write accepted.csv and failed.csv and count their rows. Return the first failed rows, for the page."""
    columns = state.reading.columns if state.reading else ()
    sample_rows = SampleRows(columns)
    suggestions = Suggestions(columns, state.phone_region, state.started_at.date())
    with (
        EmbeddedCsv(_open_file(state, bucket, "failed.csv")) as failed_file,
        _open_file(state, bucket, "accepted.csv") as accepted_file,
    ):
        failed, accepted = _build_failed_csv(failed_file.write, state), _build_accepted_csv(accepted_file.write, state)
        for outcomes, lines in row_groups:
            counts.add_all(outcomes, lines)
            accepted.write_rows(outcomes, lines)
            for outcome in outcomes:
                if outcome.status is not Status.ACCEPTED:
                    suggestion = suggestions.suggest(outcome)
                    failed.write_row(outcome, suggestion)
                    sample_rows.add(outcome, suggestion)
        failed.flush()
        sample_rows.failed_csv = failed_file.content
    return sample_rows


def write_left_out_file(state: ImportState, result: Mapping[str, Any], bucket: Bucket, name: str) -> bool:
    """Write a file that the results of a delivery do without. Return whether it is one of those."""
    key, rows = f"{state.identity.results_prefix}{name}", result["rows"]
    if name == "report.html" and not result["report_html"]:
        bucket.put(key, _encode_report(state, result, SampleRows()), _HTML_TYPE)
    elif name == "failed.csv" and not result["failed_csv"]:
        with bucket.open_writer(key, _CSV_TYPE) as file:
            _build_failed_csv(file.write, state)
    elif name == "accepted.csv" and not rows["accepted"]:
        with bucket.open_writer(key, _CSV_TYPE) as file:
            _build_accepted_csv(file.write, state)
    else:
        return False
    return True


def _encode_report(state: ImportState, result: Mapping[str, Any], sample_rows: SampleRows) -> bytes:
    page = render_report(result, sample_rows, page_address=state.page_address)
    return page.encode("utf-8", "replace")


def _open_file(state: ImportState, bucket: Bucket, name: str) -> ObjectWriter | _FileWithRows:
    key = f"{state.identity.results_prefix}{name}"
    if state.identity.source_kind == "s3":
        return bucket.open_writer(key, _CSV_TYPE)
    return _FileWithRows(lambda: bucket.open_writer(key, _CSV_TYPE))


def _build_accepted_csv(write: Callable[[str], None], state: ImportState) -> AcceptedCsv:
    return AcceptedCsv(write, state.header, build_describer(state.columns, state.consent_origin))


def _build_failed_csv(write: Callable[[str], None], state: ImportState) -> FailedCsv:
    columns = state.columns or Columns(None, (), {})
    # The tag by which this import verifies its arrival must not be a tag of the next import.
    own_tag = build_import_tag(state.identity.import_id)
    labels = Labels(tuple(tag for tag in state.labels.tags if tag != own_tag), state.labels.lists)
    today = state.started_at.date()
    marker = FailedRowMarker(columns, labels, today, phone_region=state.phone_region, mobile_only=state.mobile_only)
    return FailedCsv(write, state.header, format_importer_header(columns, state.date_order), marker.describe)


def merge_in_file_order(records: Iterable[BatchRecord]) -> Iterator[tuple[list[Outcome], list[AcceptedLines]]]:
    """Yield for each row group its outcomes in the order of their rows, and its rows that are stored as lines.

    `records` come in the order of their batch numbers, so only one row group is in memory at a time.
    """
    for _, row_group in groupby(records, key=lambda record: record.row_group):
        group_records = list(row_group)
        outcomes = [outcome for record in group_records for outcome in record.result.outcomes]
        yield sorted(outcomes, key=lambda outcome: outcome.row.number), [record.accepted for record in group_records]


def _count_requests(records: Iterable[BatchRecord], counts: Counts) -> Iterator[BatchRecord]:
    for record in records:
        counts.requests.update(record.result.requests)
        is_unclear = any(outcome.status is Status.UNKNOWN for outcome in record.result.outcomes)
        for message in record.result.messages:
            # "success" says nothing to people, unless the rest of the response contradicts it.
            if is_unclear or not is_routine(message):
                counts.add_message(message)
        yield record
