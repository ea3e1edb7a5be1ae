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
from contact_import.cellcast.client import Line
from contact_import.cellcast.queries import Unanswered
from contact_import.domain.object_keys import verified_key
from contact_import.domain.outcomes import Status
from contact_import.ledger.records import Part
from contact_import.sending.batches import Batch

BROKE_OFF = "the import broke off before"

_PATH = "/api/v2/contact?page={}&limit={}&tagName={}"
_SIZE = 1000
_NAMES = ("Number", "number", "phone_number", "phone", "mobile")
_TAG_NAMES = ("Name", "name", "tagName", "TagName", "tag")
_SHOWN = 100
_LOOKS_AFTER = (2.0, 10.0)  # seconds: what was taken may not be shown at once
_SOME_TIME = 30.0
_MOBILES = 10**8
_MAY_BE_IN = (Status.ACCEPTED, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Verified:
    """How many of the accepted rows are there, and how many are not, with the first of their numbers.

    `unknown_found_rows` are the first rows whose answer never came and that are there. `error` says why nobody knows.
    """

    found: int = 0
    missing: int = 0
    missing_rows: tuple[int, ...] = ()
    unknown_found_rows: tuple[int, ...] = ()
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @property
    def remarks(self) -> Iterator[str]:
        if self.error:
            yield f"What arrived could not be looked up: {self.error}."
        if self.missing:
            rows = ", ".join(map(str, self.missing_rows[:10])) + (", …" if self.missing > 10 else "")
            whole = self.found + self.missing
            yield f"Cellcast took {whole:,} contacts and does not show {self.missing:,} of them: rows {rows}."
        if self.unknown_found_rows:
            rows = ", ".join(map(str, self.unknown_found_rows[:10]))
            yield f"Of the rows that are unknown Cellcast shows some: rows {rows}."


type Sent = Iterator[tuple[int, str, Status]]


def keep(bucket: Bucket, import_id: str, verified: Verified) -> None:
    bucket.put(verified_key(import_id), json.dumps(verified.as_json()).encode())


def kept(bucket: Bucket, import_id: str) -> Verified | None:
    """What was found before, None when nobody has looked."""
    found = bucket.read(verified_key(import_id))
    if not found:
        return None
    value = json.loads(found)
    rows = {name: tuple(value[name]) for name in ("missing_rows", "unknown_found_rows")}
    return Verified(**{**value, **rows})


def tag_of(import_id: str) -> str:
    """The tag that every contact of the import carries, and no other."""
    return f"import-{import_id}"


def sent(pairs: Iterable[tuple[Batch, Part]]) -> Sent:
    """The row, the number and the status of each contact that is in, or may be."""
    for batch, part in pairs:
        numbers = {contact.row.number: contact.phone_number for contact in batch.contacts}
        there = dict.fromkeys(part.accepted.numbers, Status.ACCEPTED)
        there |= {one.row.number: one.status for one in part.delivery.outcomes if one.status in _MAY_BE_IN}
        for row in sorted(there):
            yield row, numbers[row], there[row]


def verify(line: Line, tag: str, contacts: Callable[[], Sent]) -> Verified:
    """Look for the contacts under the tag; again after a moment when some are not there yet."""
    if line.stopped:
        return Verified(error=BROKE_OFF)
    if not any(True for _ in contacts()):
        return Verified()
    verified = _look(line, tag, contacts)
    for pause in _LOOKS_AFTER:
        if verified.error or not verified.missing or line.left < pause + _SOME_TIME:
            break
        line.sleep(pause)
        verified = _look(line, tag, contacts)
    return verified


def _look(line: Line, tag: str, contacts: Callable[[], Sent]) -> Verified:
    there = _Numbers()

    def take(entry: object) -> None:
        number = pagination.number_in(entry, _NAMES)
        if number and _carries(entry, tag):
            there.add(number)

    failure = pagination.read_all(line, lambda page: _PATH.format(page, _SIZE, quote(tag)), _SIZE, take)
    if isinstance(failure, Unanswered):
        return Verified(error=failure.words)
    found, missing = 0, 0
    missing_rows: list[int] = []
    unknown_rows: list[int] = []
    for row, number, status in contacts():
        if status is Status.UNKNOWN:
            if number in there and len(unknown_rows) < _SHOWN:
                unknown_rows.append(row)
        elif number in there:
            found += 1
        else:
            missing += 1
            if len(missing_rows) < _SHOWN:
                missing_rows.append(row)
    return Verified(found, missing, tuple(sorted(missing_rows)), tuple(sorted(unknown_rows)))


def _carries(entry: object, tag: str) -> bool:
    """Whether the contact has the tag, as far as the answer tells: an endpoint may not heed what was asked for."""
    tags = entry.get("Tags", entry.get("tags")) if isinstance(entry, dict) else None
    if not isinstance(tags, list) or not tags:
        return tags != []
    names = [
        one if isinstance(one, str) else next((one[name] for name in _TAG_NAMES if name in one), None)
        for one in tags
        if isinstance(one, str | dict)
    ]
    return tag in names or not all(isinstance(name, str) for name in names)


class _Numbers:
    """Numbers in flat memory: a bit for each Australian mobile, as in `duplicates`; the few others by name."""

    def __init__(self) -> None:
        self._bits = bytearray(_MOBILES // 8)
        self._others: set[str] = set()

    def add(self, e164: str) -> None:
        if (number := _mobile(e164)) is None:
            self._others.add(e164)
        else:
            self._bits[number >> 3] |= 1 << (number & 7)

    def __contains__(self, e164: str) -> bool:
        if (number := _mobile(e164)) is None:
            return e164 in self._others
        return bool(self._bits[number >> 3] & 1 << (number & 7))


def _mobile(e164: str) -> int | None:
    return int(e164[4:]) if e164.startswith("+614") and len(e164) == 12 else None
