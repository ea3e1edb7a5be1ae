"""The ledger to the four files of a finished import."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.cellcast.queries import Account, Unanswered
from contact_import.checks.arrival import Verified
from contact_import.domain import object_keys
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Accepted, Outcome, Status
from contact_import.errors import LedgerError
from contact_import.files.table import Reading
from contact_import.ledger.records import Part
from contact_import.reports import html_page
from contact_import.reports.counts import Tally, counted_reason
from contact_import.reports.csv_files import AcceptedSheet, FailedSheet
from contact_import.reports.sample_rows import Excerpt
from contact_import.reports.suggestions import Suggestions


@dataclass(slots=True)
class Import:
    """One whole run over one source, as far as it is known.

    `error` says why it could not be done as a whole; `gave_up` why nothing more was sent from some point on.
    `kind` is `s3` for a file, `webhook` for what came in over HTTP: then the key of the upload is the door.
    `remarks` are for the messages: what of the checks could not be done.
    """

    upload: Upload
    ident: str
    prefix: str
    dry_run: bool
    started_at: datetime
    labels: Labels = Labels()
    mapping: str = ""
    reading: Reading | None = None
    error: str = ""
    gave_up: str = ""
    tally: Tally = field(default_factory=Tally)
    kind: str = "s3"
    phone_region: str = ""
    account: Account | None = None
    verified: Verified | None = None
    remarks: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, upload: Upload, started_at: datetime) -> "Import":
        ident = object_keys.import_id(upload.bucket, upload.key, upload.version)
        prefix = object_keys.results_prefix(upload.key, ident)
        return cls(upload, ident, prefix, object_keys.is_dry_run(upload.key), started_at)

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.header for column in self.reading.columns) if self.reading else ()

    @property
    def result_key(self) -> str:
        return f"{self.prefix}result.json"

    def note_account(self, heard: Account | Unanswered | None) -> None:
        if isinstance(heard, Account):
            self.account = heard
        elif heard:
            self.remarks.append(f"The account could not be read: {heard.words}.")

    def note_verified(self, verified: Verified) -> None:
        self.verified = verified
        self.remarks.extend(verified.remarks)

    def note_stop(self, why: str, *, is_failure: bool) -> None:
        """Why nothing more was sent; as a failure it is why the import could not be done."""
        self.gave_up = why
        if is_failure:
            self.error = self.error or why


def kept_result(this: Import, bucket: Bucket) -> dict[str, Any] | None:
    """The content of result.json when there is one: then the import is over."""
    kept = bucket.read(this.result_key)
    return json.loads(kept) if kept else None


def write_results(
    this: Import,
    bucket: Bucket,
    parts: Iterable[Part],
    now: Callable[[], datetime],
    *,
    ending: Callable[[dict[str, Any]], None] = lambda _result: None,
) -> dict[str, Any]:
    """Write the outcomes of all batches into the files, in flat memory; result.json comes last, and once.

    The order in which the batches were sent does not matter: the same parts give the same files. `ending` is told
    the result before it is written: where there is one, nothing else is left to do.
    """
    excerpt = _write_sheets(this, bucket, parts)
    if this.reading:
        this.error = this.error or this.reading.error
    if not this.tally.rows[Status.ACCEPTED]:
        this.error = this.error or this.gave_up
    result = render(this, now())
    bucket.put(
        result["report_html"], html_page.render(result, excerpt).encode("utf-8", "replace"), "text/html; charset=utf-8"
    )
    ending(result)
    body = json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    if bucket.put_over(this.result_key, body, ""):
        return result
    # Another run of this import was first, or the answer got lost: what is there counts.
    if theirs := kept_result(this, bucket):
        return theirs
    raise LedgerError("The bucket does not take what it is given: the result could not be written.")


def _write_sheets(this: Import, bucket: Bucket, parts: Iterable[Part]) -> Excerpt:
    """Give the first failed rows, to be shown."""
    columns = this.reading.columns if this.reading else ()
    excerpt = Excerpt(columns)
    suggestions = Suggestions(columns, this.phone_region, this.started_at.date())
    kind = "text/csv; charset=utf-8"
    with (
        bucket.writer(f"{this.prefix}failed.csv", kind) as failed_file,
        bucket.writer(f"{this.prefix}accepted.csv", kind) as accepted_file,
    ):
        failed = FailedSheet(failed_file.write, this.header)
        accepted = AcceptedSheet(accepted_file.write, this.header)
        for outcomes, lines in in_file_order(_counted(parts, this.tally)):
            this.tally.count_all(outcomes, lines)
            accepted.take_all(outcomes, lines)
            for outcome in outcomes:
                if outcome.status is not Status.ACCEPTED:
                    suggestion = suggestions.for_row(outcome)
                    failed.take(outcome, suggestion)
                    excerpt.take(outcome, counted_reason(outcome), suggestion)
        failed.flush()
    return excerpt


def in_file_order(parts: Iterable[Part]) -> Iterator[tuple[list[Outcome], list[Accepted]]]:
    """The outcomes of one window after the other in the order of their rows, and the rows that have none."""
    for _, window in groupby(parts, key=lambda part: part.window):
        some = list(window)
        outcomes = [outcome for part in some for outcome in part.delivery.outcomes]
        yield sorted(outcomes, key=lambda outcome: outcome.row.number), [part.accepted for part in some]


def _counted(parts: Iterable[Part], tally: Tally) -> Iterator[Part]:
    for part in parts:
        tally.requests.update(part.delivery.requests)
        for message in part.delivery.messages:
            tally.say(message)
        yield part


def render(this: Import, finished_at: datetime) -> dict[str, Any]:
    """The content of result.json: docs/files.md tells what each key means."""
    upload, reading, tally = this.upload, this.reading, this.tally
    return {
        "import_id": this.ident,
        "status": _status(this),
        "dry_run": this.dry_run,
        "source": {
            "kind": this.kind,
            "bucket": upload.bucket,
            "key": upload.key,
            "etag": upload.etag,
            "version_id": upload.version_id or None,
            "size": upload.size,
        },
        "started_at": _stamp(this.started_at),
        "finished_at": _stamp(finished_at),
        "rows": tally.as_rows(),
        "requests": {name: tally.requests[name] for name in ("sent", "retried", "throttled", "possibly_repeated")},
        "format": reading.format if reading else {"encoding": None, "delimiter": None, "header_line": None},
        "columns": [
            {"header": column.header, "field": column.field} for column in (reading.columns if reading else ())
        ],
        "mapping": this.mapping or None,
        "tags": list(this.labels.tags),
        "list": list(this.labels.lists),
        "reasons": tally.as_reasons(),
        "warnings": [*(_of_the_file(reading) if reading else ()), *tally.as_warnings()],
        "messages": [*this.remarks, *tally.messages],
        "account": asdict(this.account) if this.account else None,
        "verified": this.verified.as_json() if this.verified else None,
        "failed_csv": f"{this.prefix}failed.csv",
        "report_html": f"{this.prefix}report.html",
        "error": this.error or None,
    }


def _of_the_file(reading: Reading) -> Iterator[dict[str, Any]]:
    for caution in reading.cautions:
        first_row = reading.format["header_line"] or 1
        yield {"field": caution.field, "reason": caution.reason, "count": 1, "first_row": first_row}


def _status(this: Import) -> str:
    if this.error:
        return "failed"
    return "completed" if this.tally.read == this.tally.rows[Status.ACCEPTED] else "completed_with_failures"


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
