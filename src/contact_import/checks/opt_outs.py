"""Fetch Cellcast's opt-out list before a file is imported, and save it for all runs of that import.

Australia's Spam Act 2003 allows SMS only to people who consented (https://www.acma.gov.au/avoid-sending-spam), so
nothing is sent without the list. A person on the list is held back in `contacts.validate` (a file, where the row
becomes an outcome) or in `sending.merged` (a submission: see `SubmissionBatch`). Submissions share one list: see
`opt_out_cache`.
"""

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
# `number` is documented. Cellcast's endpoints name the same field in several ways, so the others are read too.
_NUMBER_KEYS = ("number", "Number", "phone_number", "phone", "mobile")
_MAX_ATTEMPTS = 3  # runs; SQS delivers an upload up to 20 times
_NEVER_READ_MESSAGE = (
    "Cellcast's opt-out list was not read before the import, so nothing was sent; upload the file again later"
)
_UNREADABLE_MESSAGE = "Cellcast's opt-out list has {} entries without a number that can be read."
_UNAVAILABLE_MESSAGE = "Cellcast's opt-out list could not be read, so nothing was sent: {}"
_RETRY_LATER_MESSAGE = "Cellcast's opt-out list could not be read yet."


@dataclass(frozen=True, slots=True)
class OptOuts:
    """The phone numbers of the list in E.164 form, and the number of entries without one (`unreadable`).

    `blocking_error` is why there is no list and nothing may be sent, "" if there is one.
    """

    numbers: frozenset[str] = frozenset()
    unreadable: int = 0
    blocking_error: str = ""

    @property
    def messages(self) -> tuple[str, ...]:
        """Return the sentences for the report."""
        return (_UNREADABLE_MESSAGE.format(self.unreadable),) if self.unreadable else ()

    def to_json(self) -> dict[str, Any]:
        """Return the list as it is saved."""
        return {"numbers": sorted(self.numbers), "unreadable": self.unreadable, "blocking_error": self.blocking_error}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "OptOuts":
        """Parse a saved list."""
        return cls(frozenset(value["numbers"]), value["unreadable"], value["blocking_error"])


def ensure_opt_outs(bucket: Bucket, import_id: str, client: CellcastClient, *, can_retry: bool) -> None:
    """Fetch Cellcast's opt-out list and save it with the import, unless an earlier run did.

    Raise EndpointUnavailableError if the list cannot be read: the event is retried then. After the third attempt, or
    immediately if the run cannot retry (`can_retry`) or the key is denied, save the reason as `blocking_error`: the
    import then sends nothing.
    """
    key = make_opt_outs_key(import_id)
    stored = bucket.read_json(key) or {}
    if "numbers" in stored:
        return
    attempts = int(stored.get("attempts", 0)) + 1
    found = fetch_opt_outs(client)
    if isinstance(found, OptOuts):
        bucket.put_json(key, found.to_json())
    elif can_retry and attempts < _MAX_ATTEMPTS and not found.is_denied:
        bucket.put_json(key, {"attempts": attempts})
        raise EndpointUnavailableError(_RETRY_LATER_MESSAGE)  # without Cellcast's words, because it is logged
    else:
        bucket.put_json(key, OptOuts(blocking_error=explain_failure(found)).to_json())


def explain_failure(failure: QueryFailed) -> str:
    """Return a sentence for people that says why nothing is sent."""
    return failure.reason if failure.is_denied else _UNAVAILABLE_MESSAGE.format(failure.reason)


def fetch_opt_outs(client: CellcastClient) -> OptOuts | QueryFailed:
    """Return the whole list, or why it could not be read to its end: a part of it would let people through."""
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


def load_opt_outs(bucket: Bucket, import_id: str) -> OptOuts:
    """Return the list that was saved with the import, with a `blocking_error` if none was."""
    stored = bucket.read_json(make_opt_outs_key(import_id)) or {}
    return OptOuts.from_json(stored) if "numbers" in stored else OptOuts(blocking_error=_NEVER_READ_MESSAGE)


def load_opt_out_numbers(bucket: Bucket, import_id: str) -> frozenset[str]:
    """Return the numbers of the saved list. Raise LedgerError if the list has disappeared since it was saved."""
    found = load_opt_outs(bucket, import_id)
    if found.blocking_error:
        raise LedgerError("The opt-out list of the import could not be stored.")
    return found.numbers
