"""Build the content of result.json; docs/result.md describes each key."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from contact_import.checks.account import Account
from contact_import.checks.arrival import VerificationResult
from contact_import.domain.consent import Consent
from contact_import.domain.consent_tally import ConsentTally
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Status
from contact_import.domain.roles import NAME_ROLES
from contact_import.files.table import ReadSummary
from contact_import.ledger.import_identity import ImportIdentity
from contact_import.reports.advice import Todo, count_todos
from contact_import.reports.counts import Counts
from contact_import.reports.masking import mask
from contact_import.resubmission.report_columns import find_report_column

_UNKNOWN_FORMAT = {"encoding": None, "delimiter": None, "header_line": None}
_MAX_PLAIN_CHARS = 30  # of a value of consent that occurs once
_NOTHING_IMPORTED = "Nothing was imported: no row could be sent. The reasons are in failed.csv."
_NOTHING_VALID = "Nothing would be imported: no row can be sent. The reasons are in failed.csv."
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
    consent: ConsentTally | None = None,
    is_consent_required: bool = False,
    is_sandbox: bool = False,
    started_by: str = "",
    messages: Sequence[str] = (),
    error: str = "",
) -> dict[str, Any]:
    """Return the content of result.json, in which the statuses of `rows` sum up to `read`.

    `error` is why the import failed, "" if it did not. With `is_sandbox` the contacts went to a simulated Cellcast.
    `started_by` is the name of a token, "" for none. `mapping_source` is `metadata` or the key of a mapping.json.
    """
    error = error or _describe_failure(identity, counts)
    return {
        "import_id": identity.import_id,
        "status": _compute_status(counts, error),
        "dry_run": identity.is_dry_run,
        "sandbox": is_sandbox,
        **_describe_origin(identity, started_by),
        "started_at": format_timestamp(started_at),
        "finished_at": format_timestamp(finished_at),
        "rows": counts.build_rows(),
        "requests": {name: counts.requests[name] for name in _REQUEST_COUNTS},
        "format": reading.format if reading else _UNKNOWN_FORMAT,
        "columns": [
            {"header": column.header, "field": column.field}
            for column in (reading.columns if reading else ())
            if not find_report_column(column.header)
        ],
        "mapping": mapping_source or None,
        "tags": list(labels.tags),
        "list": list(labels.lists),
        "consent": build_consent(consent, counts.rows_read, is_required=is_consent_required),
        "reasons": counts.build_reasons(),
        "warnings": [*_build_file_warnings(reading), *_name_columns(counts.build_warnings(), reading)],
        "messages": [*messages, *counts.messages],
        "account": asdict(account) if account else None,
        "verified": verification.to_json() if verification else None,
        **_describe_files(identity, counts),
        "error": error or None,
    }


def format_timestamp(moment: datetime) -> str:
    """Return a time in UTC as ISO 8601, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _describe_origin(identity: ImportIdentity, started_by: str) -> dict[str, Any]:
    upload = identity.upload
    source = {
        "kind": identity.source_kind,
        "bucket": upload.bucket,
        "key": upload.key,
        "etag": upload.etag,
        "version_id": upload.version_id or None,
        "size": upload.size,
    }
    return {"source": source, "started_by": started_by or None}


def _describe_files(identity: ImportIdentity, counts: Counts) -> dict[str, str | None]:
    """Return the keys of the files about failed rows; a delivery without one has none, which saves two writes to S3."""
    is_stored = identity.source_kind == "s3" or counts.rows_read > counts.rows[Status.ACCEPTED]
    names = {"failed_csv": "failed.csv", "report_html": "report.html"}
    return {key: f"{identity.results_prefix}{name}" if is_stored else None for key, name in names.items()}


def _build_file_warnings(reading: ReadSummary | None) -> Iterator[dict[str, Any]]:
    first_row = (reading.format["header_line"] if reading else None) or 1
    for warning in reading.warnings if reading else ():
        yield {"field": warning.field, "reason": warning.reason, "count": 1, "first_row": first_row}


def _name_columns(warnings: Iterable[dict[str, Any]], reading: ReadSummary | None) -> Iterator[dict[str, Any]]:
    """Yield warnings with the header of the column that each is about, None if it is about no column."""
    headers = {column.field: column.header for column in reversed(reading.columns if reading else ())}
    for warning in warnings:
        field = warning["field"]
        header = headers.get(field) or (headers.get("name") if field in NAME_ROLES else None)
        yield {"field": field, "column": header} | warning


def _compute_status(counts: Counts, error: str) -> str:
    if error:
        return "failed"
    return "completed" if counts.rows_read == counts.rows[Status.ACCEPTED] else "completed_with_failures"


def _describe_failure(identity: ImportIdentity, counts: Counts) -> str:
    """Return why a file that could be read counts as failed, else "".

    No contact of it was imported, and its owner has something to do: a file of nothing but duplicates did not fail.
    """
    is_file = identity.source_kind == "s3"
    if not is_file or counts.rows[Status.ACCEPTED] or counts.rows[Status.UNKNOWN]:
        return ""
    if not count_todos(counts.build_reasons()).keys() - {Todo.NOTHING}:
        return ""
    return _NOTHING_VALID if identity.is_dry_run else _NOTHING_IMPORTED


def build_consent(tally: ConsentTally | None, rows_read: int, *, is_required: bool = False) -> dict[str, Any]:
    """Return `consent` of result.json, whose counts sum up to `rows_read`. `tally` is None without a consent column.

    With `is_required`, rows that say nothing were held back.
    """
    tally = tally or ConsentTally()
    # A value that occurs once may be a remark about a person, and is masked. One that repeats is a choice of a form.
    unclear = Counter[str]()
    for value, count in tally.unclear.most_common():
        unclear[value if count > 1 or _is_plain(value) else mask(value)] += count
    yes, no = tally.verdicts[Consent.YES], tally.verdicts[Consent.NO]
    return {
        "yes": yes,
        "silent": max(0, rows_read - yes - no - unclear.total()),
        "no": no,
        "unclear": dict(unclear),
        "required": is_required,
        "columns": [
            {
                "header": header,
                "values": [
                    {
                        "value": value if count > 1 or _is_word(value) else mask(value),
                        "taken_for": verdict.value,
                        "count": count,
                    }
                    for (value, verdict), count in values.most_common()
                ],
            }
            for header, values in tally.columns.items()
        ],
    }


def _is_plain(value: str) -> bool:
    """Return whether a value that occurs once may be shown: it is short and has no digit and no @."""
    return len(value) <= _MAX_PLAIN_CHARS and not any(letter.isdecimal() or letter == "@" for letter in value)


def _is_word(value: str) -> bool:
    """Return whether a value is one plain word: two words in a column may be a person's name."""
    return _is_plain(value) and " " not in value
