"""The ledger to the four files of a finished import."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.cellcast.queries import QueryFailed
from contact_import.checks.account import Account
from contact_import.checks.arrival import VerificationResult
from contact_import.domain import object_keys
from contact_import.domain.ids import compute_import_id
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import AcceptedLines, Outcome, Status
from contact_import.errors import LedgerError
from contact_import.files.table import ReadSummary
from contact_import.ledger.records import BatchRecord
from contact_import.reports.accepted_csv import AcceptedCsv
from contact_import.reports.counts import Counts, normalize_reason
from contact_import.reports.failed_csv import FailedCsv
from contact_import.reports.html import report_page
from contact_import.reports.html.sample_rows import SampleRows
from contact_import.reports.suggestions import Suggestions


@dataclass(slots=True)
class ImportState:
    """One whole run over one source, as far as it is known.

    `error` says why it could not be done as a whole; `gave_up` why nothing more was sent from some point on.
    `kind` is `s3` for a file, `webhook` for what came in over HTTP: then the key of the upload is the door.
    `remarks` are for the messages: what of the checks could not be done.
    """

    upload: Upload
    import_id: str
    prefix: str
    dry_run: bool
    started_at: datetime
    labels: Labels = Labels()
    mapping: str = ""
    reading: ReadSummary | None = None
    error: str = ""
    stop_reason: str = ""
    counts: Counts = field(default_factory=Counts)
    kind: str = "s3"
    phone_region: str = ""
    account: Account | None = None
    verification: VerificationResult | None = None
    messages: list[str] = field(default_factory=list)

    @classmethod
    def from_upload(cls, upload: Upload, started_at: datetime) -> "ImportState":
        import_id = compute_import_id(upload.bucket, upload.key, upload.version)
        prefix = object_keys.make_results_prefix(upload.key, import_id)
        return cls(upload, import_id, prefix, object_keys.is_dry_run(upload.key), started_at)

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.header for column in self.reading.columns) if self.reading else ()

    @property
    def result_key(self) -> str:
        return f"{self.prefix}result.json"

    def set_account(self, account: Account | QueryFailed | None) -> None:
        if isinstance(account, Account):
            self.account = account
        elif account:
            self.messages.append(f"The account could not be read: {account.reason}.")

    def set_verification(self, verification: VerificationResult) -> None:
        self.verification = verification
        self.messages.extend(verification.messages)

    def set_stop_reason(self, reason: str, *, is_failure: bool) -> None:
        """Why nothing more was sent; as a failure it is why the import could not be done."""
        self.stop_reason = reason
        if is_failure:
            self.error = self.error or reason


def load_result(state: ImportState, bucket: Bucket) -> dict[str, Any] | None:
    """The content of result.json when there is one: then the import is over."""
    body = bucket.read(state.result_key)
    return json.loads(body) if body else None


def write_results(
    state: ImportState,
    bucket: Bucket,
    records: Iterable[BatchRecord],
    now: Callable[[], datetime],
    *,
    on_result: Callable[[dict[str, Any]], None] = lambda _result: None,
) -> dict[str, Any]:
    """Write the outcomes of all batches into the files, in flat memory; result.json comes last, and once.

    The order in which the batches were sent does not matter: the same parts give the same files. `ending` is told
    the result before it is written: where there is one, nothing else is left to do.
    """
    sample_rows = _write_csv_files(state, bucket, records)
    if state.reading:
        state.error = state.error or state.reading.error
    if not state.counts.rows[Status.ACCEPTED]:
        state.error = state.error or state.stop_reason
    result = build_result(state, now())
    bucket.put(
        result["report_html"],
        report_page.render_report(result, sample_rows).encode("utf-8", "replace"),
        "text/html; charset=utf-8",
    )
    on_result(result)
    body = json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    if bucket.put_if_match(state.result_key, body, ""):
        return result
    # Another run of this import was first, or the answer got lost: what is there counts.
    if existing := load_result(state, bucket):
        return existing
    raise LedgerError("The bucket does not take what it is given: the result could not be written.")


def _write_csv_files(state: ImportState, bucket: Bucket, records: Iterable[BatchRecord]) -> SampleRows:
    """Give the first failed rows, to be shown."""
    columns = state.reading.columns if state.reading else ()
    sample_rows = SampleRows(columns)
    suggestions = Suggestions(columns, state.phone_region, state.started_at.date())
    content_type = "text/csv; charset=utf-8"
    with (
        bucket.open_writer(f"{state.prefix}failed.csv", content_type) as failed_file,
        bucket.open_writer(f"{state.prefix}accepted.csv", content_type) as accepted_file,
    ):
        failed = FailedCsv(failed_file.write, state.header)
        accepted = AcceptedCsv(accepted_file.write, state.header)
        for outcomes, lines in merge_in_file_order(_count_requests(records, state.counts)):
            state.counts.add_all(outcomes, lines)
            accepted.write_rows(outcomes, lines)
            for outcome in outcomes:
                if outcome.status is not Status.ACCEPTED:
                    suggestion = suggestions.suggest(outcome)
                    failed.write_row(outcome, suggestion)
                    sample_rows.add(outcome, normalize_reason(outcome), suggestion)
        failed.flush()
    return sample_rows


def merge_in_file_order(records: Iterable[BatchRecord]) -> Iterator[tuple[list[Outcome], list[AcceptedLines]]]:
    """The outcomes of one window after the other in the order of their rows, and the rows that have none."""
    for _, row_group in groupby(records, key=lambda record: record.row_group):
        group_records = list(row_group)
        outcomes = [outcome for record in group_records for outcome in record.result.outcomes]
        yield sorted(outcomes, key=lambda outcome: outcome.row.number), [record.accepted for record in group_records]


def _count_requests(records: Iterable[BatchRecord], counts: Counts) -> Iterator[BatchRecord]:
    for record in records:
        counts.requests.update(record.result.requests)
        for message in record.result.messages:
            counts.add_message(message)
        yield record


def build_result(state: ImportState, finished_at: datetime) -> dict[str, Any]:
    """The content of result.json: docs/files.md tells what each key means."""
    upload, reading, counts = state.upload, state.reading, state.counts
    return {
        "import_id": state.import_id,
        "status": _compute_status(state),
        "dry_run": state.dry_run,
        "source": {
            "kind": state.kind,
            "bucket": upload.bucket,
            "key": upload.key,
            "etag": upload.etag,
            "version_id": upload.version_id or None,
            "size": upload.size,
        },
        "started_at": _format_timestamp(state.started_at),
        "finished_at": _format_timestamp(finished_at),
        "rows": counts.build_rows(),
        "requests": {name: counts.requests[name] for name in ("sent", "retried", "throttled", "possibly_repeated")},
        "format": reading.format if reading else {"encoding": None, "delimiter": None, "header_line": None},
        "columns": [
            {"header": column.header, "field": column.field} for column in (reading.columns if reading else ())
        ],
        "mapping": state.mapping or None,
        "tags": list(state.labels.tags),
        "list": list(state.labels.lists),
        "reasons": counts.build_reasons(),
        "warnings": [*(_build_file_warnings(reading) if reading else ()), *counts.build_warnings()],
        "messages": [*state.messages, *counts.messages],
        "account": asdict(state.account) if state.account else None,
        "verified": state.verification.to_json() if state.verification else None,
        "failed_csv": f"{state.prefix}failed.csv",
        "report_html": f"{state.prefix}report.html",
        "error": state.error or None,
    }


def _build_file_warnings(reading: ReadSummary) -> Iterator[dict[str, Any]]:
    for warning in reading.warnings:
        first_row = reading.format["header_line"] or 1
        yield {"field": warning.field, "reason": warning.reason, "count": 1, "first_row": first_row}


def _compute_status(state: ImportState) -> str:
    if state.error:
        return "failed"
    return "completed" if state.counts.rows_read == state.counts.rows[Status.ACCEPTED] else "completed_with_failures"


def _format_timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
