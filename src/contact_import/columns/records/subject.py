"""Choose the record that becomes the contact, among the columns of a file or the objects of a delivery."""

from collections.abc import Sequence
from typing import NamedTuple

from contact_import.columns.records.owner import Standing


class Record[K](NamedTuple):
    """The fields of one owner. Two records with different `names` or `emails` are two people."""

    key: K
    standing: Standing
    names: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    has_phone: bool = False

    @property
    def is_person(self) -> bool:
        """Return whether the record has a name, an e-mail or a phone. Any other is a part, such as an address."""
        return bool(self.names or self.emails or self.has_phone)


def choose_subject[K](records: Sequence[Record[K]]) -> Record[K] | None:
    """Return the record that is the contact, or None if there is none or if it would be a guess.

    People whom a list or event can be about, and those who pay or are responsible for them, are preferred to others,
    even without a phone. If all records are of others, a single one with a phone is the contact.

    Example: of a customer without a phone and an agent with one, the customer is the contact, and is not sent.
    """
    people = [record for record in records if record.is_person]
    named = [record for record in people if record.standing < Standing.RECIPIENT and (record.names or record.emails)]
    likely = [record for record in people if record.standing < (Standing.RECIPIENT if named else Standing.OTHER)]
    # A parent without a name, beside a person with one, is not the contact, and the phone is not used for that person.
    reachable = [
        record
        for record in likely
        if record.has_phone and (record.standing <= Standing.PAYER or record.names or record.emails or not named)
    ]
    if any(record.standing < Standing.RECIPIENT for record in likely):
        return min(reachable or named or likely, key=_rank)
    # Receivers and people with unknown owners: of two parties, neither is more likely the contact.
    parties = [record for record in people if record.has_phone] or people
    return parties[0] if parties and all(is_same_person(parties[0], other) for other in parties) else None


def _rank[K](record: Record[K]) -> tuple[object, ...]:
    """Return a rank: concerned people before responsible ones, and records with a name before those without."""
    return record.standing > Standing.PAYER, not (record.names or record.emails), record.standing


def find_lenders[K](subject: Record[K], records: Sequence[Record[K]]) -> list[Record[K]]:
    """Return the records that may fill the subject's gaps: those of the same person, and close ones without a name.

    Example: `Billing Name` and `Billing Phone` fill the gaps of a main record without a name.
    """
    lenders: list[Record[K]] = []
    names, emails = subject.names, subject.emails
    for record in sorted(records, key=lambda one: one.standing):
        merged = Record(subject.key, subject.standing, names, emails)
        is_close = _is_close(subject, record) and not _are_contradictory(merged, record)
        if record is not subject and (is_close or is_same_person(merged, record)):
            lenders.append(record)
            names, emails = names | record.names, emails | record.emails
    return lenders


def _is_close[K](one: Record[K], other: Record[K]) -> bool:
    """Return whether two records are of one person unless their names differ: not those of an attendee and a buyer."""
    payer = one if one.standing is Standing.PAYER else other
    if payer.standing is Standing.PAYER:
        return min(one.standing, other.standing) is Standing.MAIN and bool(payer.names)
    return max(one.standing, other.standing) <= Standing.SUBJECT


def is_same_person[K](one: Record[K], other: Record[K]) -> bool:
    """Return whether two records have a name or an e-mail address in common, or are the same record."""
    return one is other or not one.names.isdisjoint(other.names) or not one.emails.isdisjoint(other.emails)


def _are_contradictory[K](one: Record[K], other: Record[K]) -> bool:
    if is_same_person(one, other):
        return False
    return bool((one.names and other.names) or (one.emails and other.emails))
