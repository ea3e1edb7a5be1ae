"""Verify that contacts arrived: compare those that Cellcast lists under the import's tag with those it accepted.

Verification changes no row's status. Its result is reported beside the statuses. It reads Cellcast's list of contacts
page by page (`GET /api/v2/contact?tagName=`), which costs one call for each 1,000 contacts.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from contact_import.aws.s3 import Bucket
from contact_import.cellcast import pagination
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.queries import QueryFailed
from contact_import.domain.object_keys import make_verified_key
from contact_import.domain.outcomes import Status
from contact_import.ledger.records import BatchRecord
from contact_import.sending.batches import Batch

INTERRUPTED_REASON = "the import ended too early"

_PATH = "/api/v2/contact?page={}&limit={}&tagName={}"
_PAGE_SIZE = 1000
# The documentation shows no response. These are the names that Cellcast's other endpoints give to a number and a tag.
_NUMBER_KEYS = ("Number", "number", "phone_number", "phone", "mobile")
_TAG_NAME_KEYS = ("Name", "name", "tagName", "TagName", "tag")
_MAX_ROWS_LISTED = 100
_RETRY_DELAYS = (2.0, 10.0)  # seconds: Cellcast may list an accepted contact a moment later
_MIN_SECONDS_LEFT = 30.0  # for reading all pages again, after the delay
_MOBILE_NUMBER_COUNT = 10**8  # +614 and eight digits
_POSSIBLY_IMPORTED = (Status.ACCEPTED, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """Counts of the accepted rows that Cellcast lists (`found`) and does not list (`missing`).

    `missing_rows` are the numbers of the first 100 missing rows, `unknown_found_rows` those of the first 100 rows with
    status `unknown` that Cellcast lists. `error` is why nothing was compared, None if it was.
    """

    found: int = 0
    missing: int = 0
    missing_rows: tuple[int, ...] = ()
    unknown_found_rows: tuple[int, ...] = ()
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return `verified` of result.json."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @property
    def messages(self) -> Iterator[str]:
        """Yield the sentences for the report."""
        if self.error:
            yield f"Arrival could not be verified: {self.error}."
        if self.missing:
            rows = ", ".join(map(str, self.missing_rows[:10])) + (", …" if self.missing > 10 else "")
            whole = self.found + self.missing
            yield f"Cellcast accepted {whole:,} contacts but does not list {self.missing:,} of them: rows {rows}."
        if self.unknown_found_rows:
            rows = ", ".join(map(str, self.unknown_found_rows[:10]))
            yield f"Cellcast lists some of the unknown rows: rows {rows}."


type SentContacts = Iterator[tuple[int, str, Status]]


def save_verification(bucket: Bucket, import_id: str, verification: VerificationResult) -> None:
    """Save the result of an import's verification for its report."""
    bucket.put_json(make_verified_key(import_id), verification.to_json())


def load_verification(bucket: Bucket, import_id: str) -> VerificationResult | None:
    """Return the saved result, None if no run has verified the import."""
    value = bucket.read_json(make_verified_key(import_id))
    if not value:
        return None
    rows = {name: tuple(value[name]) for name in ("missing_rows", "unknown_found_rows")}
    return VerificationResult(**{**value, **rows})


def build_import_tag(import_id: str) -> str:
    """Return the tag that every contact of the import has, and no other contact."""
    return f"import-{import_id}"


def find_sent_contacts(pairs: Iterable[tuple[Batch, BatchRecord]]) -> SentContacts:
    """Yield row number, phone number and status of each contact that was imported, or may have been."""
    for batch, record in pairs:
        numbers = {contact.row.number: contact.phone_number for contact in batch.contacts}
        statuses = dict.fromkeys(record.accepted.row_numbers, Status.ACCEPTED)
        statuses |= {one.row.number: one.status for one in record.result.outcomes if one.status in _POSSIBLY_IMPORTED}
        for row in sorted(statuses):
            yield row, numbers[row], statuses[row]


def verify_arrival(client: CellcastClient, tag: str, get_contacts: Callable[[], SentContacts]) -> VerificationResult:
    """Return how the contacts with the tag compare to those of `get_contacts`. Retry twice if some are missing.

    `get_contacts` is called for each comparison, because an import may have too many contacts to hold in memory.
    """
    if client.stop_reason:
        return VerificationResult(error=INTERRUPTED_REASON)
    # An import that sent nothing needs no query, and not the 12.5 MB of `_PhoneNumberSet`.
    if not any(True for _ in get_contacts()):
        return VerificationResult()
    # Each retry reads all pages again: a late contact may be on any of them.
    verification = _compare_with_cellcast(client, tag, get_contacts)
    for delay in _RETRY_DELAYS:
        if verification.error or not verification.missing or client.remaining_seconds < delay + _MIN_SECONDS_LEFT:
            break
        client.sleep(delay)
        verification = _compare_with_cellcast(client, tag, get_contacts)
    return verification


def _compare_with_cellcast(
    client: CellcastClient, tag: str, get_contacts: Callable[[], SentContacts]
) -> VerificationResult:
    present = _PhoneNumberSet()

    def add_entry(entry: object) -> None:
        number = pagination.find_phone_number(entry, _NUMBER_KEYS)
        if number and _has_tag(entry, tag):
            present.add(number)

    failure = pagination.read_all_pages(
        client, lambda page: _PATH.format(page, _PAGE_SIZE, quote(tag)), _PAGE_SIZE, add_entry
    )
    if isinstance(failure, QueryFailed):
        return VerificationResult(error=failure.reason)
    found, missing = 0, 0
    missing_rows: list[int] = []
    unknown_rows: list[int] = []
    for row, number, status in get_contacts():
        if status is Status.UNKNOWN:
            if number in present and len(unknown_rows) < _MAX_ROWS_LISTED:
                unknown_rows.append(row)
        elif number in present:
            found += 1
        else:
            missing += 1
            if len(missing_rows) < _MAX_ROWS_LISTED:
                missing_rows.append(row)
    return VerificationResult(found, missing, tuple(sorted(missing_rows)), tuple(sorted(unknown_rows)))


def _has_tag(entry: object, tag: str) -> bool:
    """Return whether the entry has the tag, or shows no tags that could be compared.

    The filter `tagName` alone is not trusted: an endpoint that ignores it lists every contact of the account, and a
    contact of an earlier import would count as arrived.
    """
    tags = entry.get("Tags", entry.get("tags")) if isinstance(entry, dict) else None
    if tags == []:
        return False
    if not isinstance(tags, list):
        return True
    names = [
        one if isinstance(one, str) else next((one[name] for name in _TAG_NAME_KEYS if name in one), None)
        for one in tags
        if isinstance(one, str | dict)
    ]
    return tag in names or not all(isinstance(name, str) for name in names)


class _PhoneNumberSet:
    """A set of phone numbers in flat memory: one bit for each Australian mobile, a string for any other number.

    There are 10^8 Australian mobiles, so the bits take 12.5 MB, however many contacts an import has. A Python set of
    a million numbers takes 87 MB.
    """

    def __init__(self) -> None:
        self._bits = bytearray(_MOBILE_NUMBER_COUNT // 8)
        self._others: set[str] = set()

    def add(self, e164: str) -> None:
        """Add a number in E.164 form, such as +61491570006."""
        if (number := _parse_mobile(e164)) is None:
            self._others.add(e164)
        else:
            # Eight numbers a byte: byte number // 8, bit number % 8.
            self._bits[number >> 3] |= 1 << (number & 7)

    def __contains__(self, e164: str) -> bool:
        if (number := _parse_mobile(e164)) is None:
            return e164 in self._others
        return bool(self._bits[number >> 3] & 1 << (number & 7))


def _parse_mobile(e164: str) -> int | None:
    return int(e164[4:]) if e164.startswith("+614") and len(e164) == 12 else None
