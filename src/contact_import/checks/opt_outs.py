"""Cellcast's opt-out list: fetched before an import of a file, and saved for all runs of that import.

Australia's Spam Act allows SMS only to people who consented, so without the list nothing is sent.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.pagination import find_phone_number, read_all_pages
from contact_import.cellcast.queries import QueryFailed
from contact_import.domain.object_keys import make_opt_outs_key
from contact_import.errors import EndpointUnavailableError, LedgerError

_PATH = "/api/v1/apiClient/getOptout?page={}&size={}"
_PAGE_SIZE = 100  # the size in Cellcast's docs; the API may silently reduce a larger one
_NUMBER_KEYS = ("number", "Number", "phone_number", "phone", "mobile")
_MAX_ATTEMPTS = 3  # runs; SQS delivers an upload five times
_NEVER_READ_MESSAGE = (
    "Cellcast's opt-out list was not read before the import, so that nothing was sent; drop the file again"
)
_UNREADABLE_MESSAGE = "Cellcast's opt-out list has {} entries without a number that can be read."
_UNAVAILABLE_MESSAGE = "Cellcast's opt-out list could not be read, so that nothing was sent: {}"
_RETRY_LATER_MESSAGE = "Cellcast's opt-out list could not be read by now."


@dataclass(frozen=True, slots=True)
class OptOuts:
    """The numbers in E.164 form, and how many entries had none. `objection` says why there is no list."""

    numbers: frozenset[str] = frozenset()
    unreadable: int = 0
    blocking_error: str = ""

    @property
    def messages(self) -> tuple[str, ...]:
        return (_UNREADABLE_MESSAGE.format(self.unreadable),) if self.unreadable else ()

    def to_json(self) -> dict[str, Any]:
        return {"numbers": sorted(self.numbers), "unreadable": self.unreadable, "blocking_error": self.blocking_error}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "OptOuts":
        return cls(frozenset(value["numbers"]), value["unreadable"], value["blocking_error"])


def ensure_opt_outs(bucket: Bucket, import_id: str, client: CellcastClient, *, can_retry: bool) -> None:
    """Fetch Cellcast's opt-out list and save it with the import, unless an earlier run did.

    Raise EndpointUnavailableError when the list cannot be read, so that the event is retried. After the third attempt,
    or immediately when the run cannot retry, save the reason as `blocking_error`: the import then sends nothing.
    """
    attempts = load_attempts(bucket, import_id)
    if attempts is None:
        return
    found = fetch_opt_outs(client)
    if isinstance(found, OptOuts):
        save_opt_outs(bucket, import_id, found)
    elif can_retry and attempts + 1 < _MAX_ATTEMPTS and not found.is_denied:
        save_attempts(bucket, import_id, attempts + 1)
        raise EndpointUnavailableError(_RETRY_LATER_MESSAGE)  # without Cellcast's words: what is raised is logged
    else:
        save_opt_outs(bucket, import_id, OptOuts(blocking_error=explain_failure(found)))


def explain_failure(failure: QueryFailed) -> str:
    """Why nothing is sent, for people."""
    return failure.reason if failure.is_denied else _UNAVAILABLE_MESSAGE.format(failure.reason)


def fetch_opt_outs(client: CellcastClient) -> OptOuts | QueryFailed:
    """All of the list, or why it could not be read to its end."""
    numbers: set[str] = set()
    unreadable = 0

    def add_entry(entry: object) -> None:
        nonlocal unreadable
        if number := find_phone_number(entry, _NUMBER_KEYS):
            numbers.add(number)
        else:
            unreadable += 1

    failure = read_all_pages(client, lambda page: _PATH.format(page, _PAGE_SIZE), _PAGE_SIZE, add_entry)
    return failure or OptOuts(frozenset(numbers), unreadable)


def save_opt_outs(bucket: Bucket, import_id: str, opt_outs: OptOuts) -> None:
    _save_value(bucket, import_id, opt_outs.to_json())


def load_opt_outs(bucket: Bucket, import_id: str) -> OptOuts:
    """What was read; an objection when nothing was."""
    value = _load_value(bucket, import_id)
    if "numbers" not in value:
        return OptOuts(blocking_error=_NEVER_READ_MESSAGE)
    return OptOuts.from_json(value)


def load_opt_out_numbers(bucket: Bucket, import_id: str) -> frozenset[str]:
    """Raise LedgerError when the list is not there any more."""
    found = load_opt_outs(bucket, import_id)
    if found.blocking_error:
        raise LedgerError("The bucket does not keep the opt-out list of the import.")
    return found.numbers


def load_attempts(bucket: Bucket, import_id: str) -> int | None:
    """How many runs could not read it so far; None when it is settled."""
    value = _load_value(bucket, import_id)
    return None if "numbers" in value else int(value.get("attempts", 0))


def save_attempts(bucket: Bucket, import_id: str, attempts: int) -> None:
    _save_value(bucket, import_id, {"attempts": attempts})


def _save_value(bucket: Bucket, import_id: str, value: dict[str, Any]) -> None:
    bucket.put(make_opt_outs_key(import_id), json.dumps(value).encode())


def _load_value(bucket: Bucket, import_id: str) -> dict[str, Any]:
    found = bucket.read(make_opt_outs_key(import_id))
    return dict(json.loads(found)) if found else {}
