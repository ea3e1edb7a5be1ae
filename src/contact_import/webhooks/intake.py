"""Store each submission once, before its request is answered, and enqueue its import.

Storing first means that an answer of 200 is true: whatever fails later, the submission is in the bucket and its import
is run from there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.callbacks.callback_store import Callback, save_callback
from contact_import.domain.ids import compute_submission_id
from contact_import.domain.object_keys import (
    make_config_key,
    make_orphaned_key,
    make_request_key,
    make_results_prefix,
    make_stop_key,
    make_submission_key,
    make_unavailable_key,
    make_webhook_prefix,
)
from contact_import.errors import LedgerError
from contact_import.webhooks.queue_message import Message
from contact_import.webhooks.submission import Submission

# Without an event id, equal bodies within this period are one delivery. Senders repeat within minutes; a form that the
# same person fills in again later is another delivery.
_DEDUPE_PERIOD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """The submission in the bucket: the first of those with its id. `is_new` is False if it was there before."""

    submission: Submission
    is_new: bool


@dataclass(frozen=True, slots=True)
class ImportStatus:
    """The status of an import: the content of its result.json, or "" and the answer (`details`) while it runs.

    `submission` is None for the import of a file.
    """

    result: str
    details: dict[str, Any]
    results_prefix: str
    submission: Submission | None


class SubmissionStore:
    """The submissions in the bucket. `send` puts a text into the queue, visible after a number of seconds.

    `delivery_table` is the DynamoDB table for the claims and commits of new submissions, "" for none.
    """

    def __init__(self, bucket: Bucket, send: Callable[[str, int], None], delivery_table: str = "") -> None:
        self._bucket, self._send, self._delivery_table = bucket, send, delivery_table

    def save_once(self, submission: Submission) -> StoredSubmission:
        """Store a submission unless its id is stored already. Raise LedgerError if the bucket refuses it."""
        if self._delivery_table and submission.fits_table:
            submission = replace(submission, delivery_table=self._delivery_table)
        # An empty ETag means: only if there is no object yet. Of two deliveries at the same time, one is stored.
        if self._bucket.put_if_match(make_submission_key(submission.import_id), submission.to_bytes(), ""):
            return StoredSubmission(submission, is_new=True)
        if existing := self.find(submission.import_id):
            return StoredSubmission(existing, is_new=False)
        raise LedgerError("A delivery could not be stored in the bucket.")

    def find(self, import_id: str) -> Submission | None:
        """Return a stored submission, None if there is none."""
        return load_submission(self._bucket, import_id)

    def find_recent(self, import_id: str, now: datetime) -> Submission | None:
        """Return a stored submission if it is so recent that an equal body is the same delivery, else None."""
        existing = self.find(import_id)
        return existing if existing and now - existing.received_at < _DEDUPE_PERIOD else None

    def read_result(self, submission: Submission) -> str:
        """Return the content of a submission's result.json, "" while it has none."""
        return self._read_text(f"{make_webhook_prefix(submission.import_id, submission.received_at)}result.json")

    def get_status(self, import_id: str) -> ImportStatus | None:
        """Return the status of an import, of a submission or of an uploaded file; None for an unknown id."""
        submission = self.find(import_id)
        if submission:
            prefix = make_webhook_prefix(import_id, submission.received_at)
            details: dict[str, Any] = {"contacts": len(submission.people)}
            if unavailable := self._bucket.read_json(make_unavailable_key(import_id)):
                details["reason"] = unavailable["reason"]
        elif import_config := self._bucket.read_json(make_config_key(import_id)):
            prefix, details = make_results_prefix(import_config["upload"]["key"], import_id), {}
        elif started := self._bucket.read_json(make_request_key(import_id)):
            prefix, details = make_results_prefix(started["key"], import_id), {"stage": "waiting"}
        else:
            return None
        if result := self._read_text(f"{prefix}result.json"):
            return ImportStatus(result, {}, prefix, submission)
        progress = self._bucket.read_json(f"{prefix}progress.json") or {}
        # The status comes last: progress.json may say "finished" a moment after result.json was looked for.
        details = details | progress | {"import_id": import_id, "status": "running"}
        return ImportStatus("", details, prefix, submission)

    def _read_text(self, key: str) -> str:
        data = self._bucket.read(key)
        return data.decode() if data else ""

    def read_file(self, key: str) -> bytes | None:
        """Return a small file of the results by its key, None if it does not exist."""
        return self._bucket.read(key)

    def mark_stopped(self, import_id: str, reason: str) -> None:
        """Store the mark at which a file's import stops sending. Each run looks for it every few seconds."""
        self._bucket.put_json(make_stop_key(import_id), {"reason": reason, "by_user": True})

    def save_callback(self, import_id: str, callback: Callback) -> None:
        """Write whom to call when an import is finished, before it begins."""
        save_callback(self._bucket, import_id, callback)

    def make_download_url(self, key: str, seconds: int, *, disposition: str, is_head: bool) -> str:
        """Return the URL of a file of the results, valid for some seconds; "" if the file does not exist."""
        if not self._bucket.has_object(key):
            return ""
        return self._bucket.make_download_url(key, seconds, disposition=disposition, is_head=is_head)

    def enqueue(self, submission: Submission, delay: int = 0) -> None:
        """Enqueue the import of a submission. If the queue does not take it, mark it for the sweep function.

        Either way it is imported, and no error is raised: a sender without event ids that repeats a delivery an hour
        after an error would send these people twice. Raise the error of the bucket if it does not take the mark.
        """
        try:
            self._send(Message(submission.import_id).to_text(), delay)
        except Exception:  # noqa: BLE001  of boto3, a dozen kinds
            self._bucket.put(make_orphaned_key(submission.import_id, submission.received_at), b"{}")


def load_submission(bucket: Bucket, import_id: str) -> Submission | None:
    """Return the stored submission of an import, None if there is none."""
    data = bucket.read(make_submission_key(import_id))
    return Submission.from_bytes(data) if data else None


def compute_id_from_key(source: str, key: str) -> str:
    """Return the import id of a delivery or call with a key: the sender's event id, or an Idempotency-Key."""
    return compute_submission_id(source, f"key\0{key}")


def compute_ids_from_digest(source: str, digest: str, now: datetime) -> tuple[str, str]:
    """Return the import ids of a delivery without an event id: of its body in this period, and in the previous one."""
    period = int(now.timestamp() // _DEDUPE_PERIOD.total_seconds())
    current_id, previous_id = (
        compute_submission_id(source, f"body\0{digest}\0{number}") for number in (period, period - 1)
    )
    return current_id, previous_id
