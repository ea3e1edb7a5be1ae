"""Who of an import is really in Cellcast: the contacts with the import's own tag, compared by number.

It changes no status: what Cellcast answered stands, and what it shows stands beside it.
"""

import json
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

INTERRUPTED_REASON = "the import broke off before"

_PATH = "/api/v2/contact?page={}&limit={}&tagName={}"
_PAGE_SIZE = 1000
_NUMBER_KEYS = ("Number", "number", "phone_number", "phone", "mobile")
_TAG_NAME_KEYS = ("Name", "name", "tagName", "TagName", "tag")
_MAX_ROWS_LISTED = 100
_RETRY_DELAYS = (2.0, 10.0)  # seconds: what was taken may not be shown at once
_MIN_SECONDS_LEFT = 30.0
_MOBILE_NUMBER_COUNT = 10**8
_POSSIBLY_IMPORTED = (Status.ACCEPTED, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """How many of the accepted rows are there, and how many are not, with the first of their numbers.

    `unknown_found_rows` are the first rows whose answer never came and that are there. `error` says why nobody knows.
    """

    found: int = 0
    missing: int = 0
    missing_rows: tuple[int, ...] = ()
    unknown_found_rows: tuple[int, ...] = ()
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @property
    def messages(self) -> Iterator[str]:
        if self.error:
            yield f"What arrived could not be looked up: {self.error}."
        if self.missing:
            rows = ", ".join(map(str, self.missing_rows[:10])) + (", …" if self.missing > 10 else "")
            whole = self.found + self.missing
            yield f"Cellcast took {whole:,} contacts and does not show {self.missing:,} of them: rows {rows}."
        if self.unknown_found_rows:
            rows = ", ".join(map(str, self.unknown_found_rows[:10]))
            yield f"Of the rows that are unknown Cellcast shows some: rows {rows}."


type SentContacts = Iterator[tuple[int, str, Status]]


def save_verification(bucket: Bucket, import_id: str, verification: VerificationResult) -> None:
    bucket.put(make_verified_key(import_id), json.dumps(verification.to_json()).encode())


def load_verification(bucket: Bucket, import_id: str) -> VerificationResult | None:
    """What was found before, None when nobody has looked."""
    found = bucket.read(make_verified_key(import_id))
    if not found:
        return None
    value = json.loads(found)
    rows = {name: tuple(value[name]) for name in ("missing_rows", "unknown_found_rows")}
    return VerificationResult(**{**value, **rows})


def build_import_tag(import_id: str) -> str:
    """The tag that every contact of the import carries, and no other."""
    return f"import-{import_id}"


def find_sent_contacts(pairs: Iterable[tuple[Batch, BatchRecord]]) -> SentContacts:
    """The row, the number and the status of each contact that is in, or may be."""
    for batch, record in pairs:
        numbers = {contact.row.number: contact.phone_number for contact in batch.contacts}
        statuses = dict.fromkeys(record.accepted.row_numbers, Status.ACCEPTED)
        statuses |= {one.row.number: one.status for one in record.result.outcomes if one.status in _POSSIBLY_IMPORTED}
        for row in sorted(statuses):
            yield row, numbers[row], statuses[row]


def verify_arrival(client: CellcastClient, tag: str, get_contacts: Callable[[], SentContacts]) -> VerificationResult:
    """Look for the contacts under the tag; again after a moment when some are not there yet."""
    if client.stop_reason:
        return VerificationResult(error=INTERRUPTED_REASON)
    if not any(True for _ in get_contacts()):
        return VerificationResult()
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
    """Whether the contact has the tag, as far as the answer tells: an endpoint may not heed what was asked for."""
    tags = entry.get("Tags", entry.get("tags")) if isinstance(entry, dict) else None
    if not isinstance(tags, list) or not tags:
        return tags != []
    names = [
        one if isinstance(one, str) else next((one[name] for name in _TAG_NAME_KEYS if name in one), None)
        for one in tags
        if isinstance(one, str | dict)
    ]
    return tag in names or not all(isinstance(name, str) for name in names)


class _PhoneNumberSet:
    """Numbers in flat memory: a bit for each Australian mobile, as in `duplicates`; the few others by name."""

    def __init__(self) -> None:
        self._bits = bytearray(_MOBILE_NUMBER_COUNT // 8)
        self._others: set[str] = set()

    def add(self, e164: str) -> None:
        if (number := _parse_mobile(e164)) is None:
            self._others.add(e164)
        else:
            self._bits[number >> 3] |= 1 << (number & 7)

    def __contains__(self, e164: str) -> bool:
        if (number := _parse_mobile(e164)) is None:
            return e164 in self._others
        return bool(self._bits[number >> 3] & 1 << (number & 7))


def _parse_mobile(e164: str) -> int | None:
    return int(e164[4:]) if e164.startswith("+614") and len(e164) == 12 else None
