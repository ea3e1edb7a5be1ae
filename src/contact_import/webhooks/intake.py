"""What comes in over HTTP is kept once, before it is answered, and its message waits in the queue."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.domain.ids import compute_submission_id
from contact_import.domain.object_keys import (
    make_config_key,
    make_orphaned_key,
    make_results_prefix,
    make_submission_key,
    make_unavailable_key,
    make_webhook_prefix,
)
from contact_import.errors import LedgerError
from contact_import.webhooks.queue_message import Message
from contact_import.webhooks.submission import Submission

_DEDUPE_PERIOD = timedelta(minutes=10)  # in which equal bodies without a key of their own are one delivery


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """`submission` is the one in the bucket: of several that are the same, the first."""

    submission: Submission
    is_new: bool


@dataclass(frozen=True, slots=True)
class ImportStatus:
    """The content of an import's result.json, or what is known while it has none."""

    result: str
    details: dict[str, Any]


class SubmissionStore:
    """`send` puts a text into the queue, to be seen after so many seconds."""

    def __init__(self, bucket: Bucket, send: Callable[[str, int], None]) -> None:
        self._bucket, self._send = bucket, send

    def save_once(self, submission: Submission) -> StoredSubmission:
        """Raise LedgerError when the bucket does not take it."""
        if self._bucket.put_if_match(make_submission_key(submission.import_id), submission.to_bytes(), ""):
            return StoredSubmission(submission, is_new=True)
        if existing := self.find(submission.import_id):
            return StoredSubmission(existing, is_new=False)
        raise LedgerError("The bucket does not take what it is given: a delivery could not be kept.")

    def find(self, import_id: str) -> Submission | None:
        data = self._bucket.read(make_submission_key(import_id))
        return Submission.from_bytes(data) if data else None

    def find_recent(self, import_id: str, now: datetime) -> Submission | None:
        """The same, when it came within the window in which equal bodies are one delivery."""
        existing = self.find(import_id)
        return existing if existing and now - existing.received_at < _DEDUPE_PERIOD else None

    def read_result(self, submission: Submission) -> str:
        """The content of its result.json, "" while there is none."""
        return self._read_text(f"{make_webhook_prefix(submission.import_id, submission.received_at)}result.json")

    def get_status(self, import_id: str) -> ImportStatus | None:
        """How an import is getting on, whatever road it takes; None when nobody knows of it."""
        if submission := self.find(import_id):
            prefix = make_webhook_prefix(import_id, submission.received_at)
            details: dict[str, Any] = {"contacts": len(submission.people)}
            if unavailable := self._read_text(make_unavailable_key(import_id)):
                details["reason"] = json.loads(unavailable)["reason"]
        elif import_config := self._read_text(make_config_key(import_id)):
            prefix, details = make_results_prefix(json.loads(import_config)["upload"]["key"], import_id), {}
        else:
            return None
        if result := self._read_text(f"{prefix}result.json"):
            return ImportStatus(result, {})
        progress = json.loads(self._read_text(f"{prefix}progress.json") or "{}")
        return ImportStatus("", {"import_id": import_id, "status": "running"} | details | progress)

    def _read_text(self, key: str) -> str:
        data = self._bucket.read(key)
        return data.decode() if data else ""

    def enqueue(self, submission: Submission, delay: int = 0) -> None:
        """Raise what the queue raises; the sweep finds the delivery then, for a sender that never tries again."""
        try:
            self._send(Message(submission.import_id).to_text(), delay)
        except Exception:
            self._bucket.put(make_orphaned_key(submission.import_id, submission.received_at), b"{}")
            raise


def compute_id_from_key(source: str, key: str) -> str:
    """The id of a delivery that has a key of its own."""
    return compute_submission_id(source, f"key\0{key}")


def compute_ids_from_digest(source: str, digest: str, now: datetime) -> tuple[str, str]:
    """The ids under which a delivery without a key may stand: by its body in this window, and in the one before."""
    period = int(now.timestamp() // _DEDUPE_PERIOD.total_seconds())
    current_id, previous_id = (
        compute_submission_id(source, f"body\0{digest}\0{number}") for number in (period, period - 1)
    )
    return current_id, previous_id
