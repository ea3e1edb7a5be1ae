"""What comes in over HTTP is kept once, before it is answered, and its message waits in the queue."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import (
    away_key,
    decisions_key,
    left_behind_key,
    results_prefix,
    submission_id,
    submission_key,
    webhook_prefix,
)
from contact_import.errors import LedgerError
from contact_import.webhooks.queue_message import Message
from contact_import.webhooks.submission import Submission

_WINDOW = timedelta(minutes=10)  # in which equal bodies without a key of their own are one delivery


@dataclass(frozen=True, slots=True)
class Kept:
    """`submission` is the one in the bucket: of several that are the same, the first."""

    submission: Submission
    is_new: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """The content of an import's result.json, or what is known while it has none."""

    result: str
    known: dict[str, Any]


class Reception:
    """`send` puts a text into the queue, to be seen after so many seconds."""

    def __init__(self, bucket: Bucket, send: Callable[[str, int], None]) -> None:
        self._bucket, self._send = bucket, send

    def keep(self, submission: Submission) -> Kept:
        """Raise LedgerError when the bucket does not take it."""
        if self._bucket.put_over(submission_key(submission.import_id), submission.to_bytes(), ""):
            return Kept(submission, is_new=True)
        if there := self.find(submission.import_id):
            return Kept(there, is_new=False)
        raise LedgerError("The bucket does not take what it is given: a delivery could not be kept.")

    def find(self, import_id: str) -> Submission | None:
        kept = self._bucket.read(submission_key(import_id))
        return Submission.from_bytes(kept) if kept else None

    def find_since(self, import_id: str, now: datetime) -> Submission | None:
        """The same, when it came within the window in which equal bodies are one delivery."""
        there = self.find(import_id)
        return there if there and now - there.received_at < _WINDOW else None

    def result(self, submission: Submission) -> str:
        """The content of its result.json, "" while there is none."""
        return self._text(f"{webhook_prefix(submission.import_id, submission.received_at)}result.json")

    def progress(self, import_id: str) -> Progress | None:
        """How an import is getting on, whatever road it takes; None when nobody knows of it."""
        if submission := self.find(import_id):
            prefix = webhook_prefix(import_id, submission.received_at)
            known: dict[str, Any] = {"contacts": len(submission.people)}
            if waits := self._text(away_key(import_id)):
                known["reason"] = json.loads(waits)["why"]
        elif decided := self._text(decisions_key(import_id)):
            prefix, known = results_prefix(json.loads(decided)["upload"]["key"], import_id), {}
        else:
            return None
        if result := self._text(f"{prefix}result.json"):
            return Progress(result, {})
        so_far = json.loads(self._text(f"{prefix}progress.json") or "{}")
        return Progress("", {"import_id": import_id, "status": "running"} | known | so_far)

    def _text(self, key: str) -> str:
        kept = self._bucket.read(key)
        return kept.decode() if kept else ""

    def send_off(self, submission: Submission, delay: int = 0) -> None:
        """Raise what the queue raises; the sweep finds the delivery then, for a sender that never tries again."""
        try:
            self._send(Message(submission.import_id).to_text(), delay)
        except Exception:
            self._bucket.put(left_behind_key(submission.import_id, submission.received_at), b"{}")
            raise


def keyed(door: str, key: str) -> str:
    """The id of a delivery that has a key of its own."""
    return submission_id(door, f"key\0{key}")


def unkeyed(door: str, digest: str, now: datetime) -> tuple[str, str]:
    """The ids under which a delivery without a key may stand: by its body in this window, and in the one before."""
    window = int(now.timestamp() // _WINDOW.total_seconds())
    ours, before = (submission_id(door, f"body\0{digest}\0{number}") for number in (window, window - 1))
    return ours, before
