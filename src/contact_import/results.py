"""The ledger to the four files of a finished import."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from contact_import import page
from contact_import.bucket import Bucket
from contact_import.events import Upload
from contact_import.labels import Labels
from contact_import.ledger import Ledger, Part
from contact_import.outcomes import Outcome, Status
from contact_import.sheets import AcceptedSheet, FailedSheet
from contact_import.tables import Table
from contact_import.tally import Tally


@dataclass(slots=True)
class Import:
    """One whole run over one source, as far as it is known.

    `error` says why it could not be done as a whole; `gave_up` why nothing more was sent from some point on.
    """

    upload: Upload
    ident: str
    prefix: str
    dry_run: bool
    started_at: datetime
    labels: Labels = Labels()
    table: Table | None = None
    error: str = ""
    gave_up: str = ""
    tally: Tally = field(default_factory=Tally)

    @property
    def header(self) -> tuple[str, ...]:
        return self.table.columns.header if self.table else ()


def write_results(this: Import, bucket: Bucket, ledger: Ledger, now: Callable[[], datetime]) -> dict[str, Any]:
    """Collect the outcomes from the ledger, in flat memory, and write the files; result.json comes last.

    The order in which the batches were sent does not matter: the same ledger gives the same files.
    """
    _write_sheets(this, bucket, ledger)
    if not this.tally.rows[Status.ACCEPTED]:
        this.error = this.error or this.gave_up
    result = render(this, now())
    bucket.put(result["report_html"], page.render(result).encode("utf-8", "replace"), "text/html; charset=utf-8")
    bucket.put_json(f"{this.prefix}result.json", result)
    return result


def _write_sheets(this: Import, bucket: Bucket, ledger: Ledger) -> None:
    kind = "text/csv; charset=utf-8"
    with (
        bucket.writer(f"{this.prefix}failed.csv", kind) as failed_file,
        bucket.writer(f"{this.prefix}accepted.csv", kind) as accepted_file,
    ):
        failed = FailedSheet(failed_file.write, this.header)
        accepted = AcceptedSheet(accepted_file.write, this.header)
        for outcome in in_file_order(_counted(ledger.parts(), this.tally)):
            this.tally.count(outcome)
            (accepted if outcome.status is Status.ACCEPTED else failed).take(outcome)
        failed.flush()
        accepted.flush()


def in_file_order(parts: Iterable[Part]) -> Iterator[Outcome]:
    """The outcomes of batches in the order of their rows: those of one window are put together."""
    for _, window in groupby(parts, key=lambda part: part.window):
        outcomes = [outcome for part in window for outcome in part.delivery.outcomes]
        yield from sorted(outcomes, key=lambda outcome: outcome.row.number)


def _counted(parts: Iterable[Part], tally: Tally) -> Iterator[Part]:
    for part in parts:
        tally.requests.update(part.delivery.requests)
        for message in part.delivery.messages:
            tally.say(message)
        yield part


def render(this: Import, finished_at: datetime) -> dict[str, Any]:
    """The content of result.json: docs/files.md tells what each key means."""
    upload, table, tally = this.upload, this.table, this.tally
    return {
        "import_id": this.ident,
        "status": _status(this),
        "dry_run": this.dry_run,
        "source": {
            "kind": "s3",
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
        "format": table.format if table else {"encoding": None, "delimiter": None, "header_line": None},
        "columns": [
            {"header": column.header, "field": column.field} for column in (table.columns.columns if table else ())
        ],
        "tags": list(this.labels.tags),
        "list": list(this.labels.lists),
        "reasons": tally.as_reasons(),
        "warnings": [*(_of_the_file(table) if table else ()), *tally.as_warnings()],
        "messages": list(tally.messages),
        "failed_csv": f"{this.prefix}failed.csv",
        "report_html": f"{this.prefix}report.html",
        "error": this.error or None,
    }


def _of_the_file(table: Table) -> Iterator[dict[str, Any]]:
    for caution in table.cautions():
        first_row = table.columns.header_line or 1
        yield {"field": caution.field, "reason": caution.reason, "count": 1, "first_row": first_row}


def _status(this: Import) -> str:
    if this.error:
        return "failed"
    return "completed" if this.tally.read == this.tally.rows[Status.ACCEPTED] else "completed_with_failures"


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
