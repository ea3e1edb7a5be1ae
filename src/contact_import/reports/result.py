"""The content of result.json: docs/files.md describes each key."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from contact_import.checks.account import Account
from contact_import.checks.arrival import VerificationResult
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Status
from contact_import.files.table import ReadSummary
from contact_import.ledger.import_identity import ImportIdentity
from contact_import.reports.counts import Counts

_UNKNOWN_FORMAT = {"encoding": None, "delimiter": None, "header_line": None}
_REQUEST_COUNTS = ("sent", "retried", "throttled", "possibly_repeated")


def build_result(
    identity: ImportIdentity,
    counts: Counts,
    *,
    started_at: datetime,
    finished_at: datetime,
    labels: Labels,
    mapping_source: str = "",
    reading: ReadSummary | None = None,
    account: Account | None = None,
    verification: VerificationResult | None = None,
    messages: Sequence[str] = (),
    error: str = "",
) -> dict[str, Any]:
    """Return the content of result.json. `error` is why the import failed, "" when it did not."""
    return {
        "import_id": identity.import_id,
        "status": _compute_status(counts, error),
        "dry_run": identity.is_dry_run,
        "source": _describe_source(identity),
        "started_at": format_timestamp(started_at),
        "finished_at": format_timestamp(finished_at),
        "rows": counts.build_rows(),
        "requests": {name: counts.requests[name] for name in _REQUEST_COUNTS},
        "format": reading.format if reading else _UNKNOWN_FORMAT,
        "columns": [
            {"header": column.header, "field": column.field} for column in (reading.columns if reading else ())
        ],
        "mapping": mapping_source or None,
        "tags": list(labels.tags),
        "list": list(labels.lists),
        "reasons": counts.build_reasons(),
        "warnings": [*(_build_file_warnings(reading) if reading else ()), *counts.build_warnings()],
        "messages": [*messages, *counts.messages],
        "account": asdict(account) if account else None,
        "verified": verification.to_json() if verification else None,
        "failed_csv": f"{identity.results_prefix}failed.csv",
        "report_html": f"{identity.results_prefix}report.html",
        "error": error or None,
    }


def format_timestamp(moment: datetime) -> str:
    """Return a time in UTC as ISO 8601, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _describe_source(identity: ImportIdentity) -> dict[str, Any]:
    upload = identity.upload
    return {
        "kind": identity.source_kind,
        "bucket": upload.bucket,
        "key": upload.key,
        "etag": upload.etag,
        "version_id": upload.version_id or None,
        "size": upload.size,
    }


def _build_file_warnings(reading: ReadSummary) -> Iterator[dict[str, Any]]:
    first_row = reading.format["header_line"] or 1
    for warning in reading.warnings:
        yield {"field": warning.field, "reason": warning.reason, "count": 1, "first_row": first_row}


def _compute_status(counts: Counts, error: str) -> str:
    if error:
        return "failed"
    return "completed" if counts.rows_read == counts.rows[Status.ACCEPTED] else "completed_with_failures"
