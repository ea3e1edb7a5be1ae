"""Submissions for the tests, and two ways to validate their people."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from contact_import.columns.detect import Column
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import CONTACT_FIELDS, Contact, validate_rows
from contact_import.domain.http import HttpRequest
from contact_import.domain.ids import compute_submission_id
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.person import Person, PersonField
from contact_import.domain.roles import Role
from contact_import.domain.row import Row
from contact_import.files.table import ReadSummary
from contact_import.webhooks.person_table import build_person_table
from contact_import.webhooks.submission import BatchSettings, Submission

NOW = datetime(2026, 11, 23, tzinfo=UTC)
BATCH_SETTINGS = BatchSettings(phone_region="AU", mobile_only=True, max_contacts=400, max_bytes=90_000)


def make_person(phone: str, **fields: str) -> Person:
    """Return a person with fields by Cellcast's names; `consent="no"` for one who may not be contacted."""
    values = {"phone_number": phone, **fields}
    return Person(tuple(PersonField(name, Role(name), value) for name, value in values.items()))


def make_submission(
    key: str,
    *people: Person,
    labels: Labels = Labels(),
    at: datetime = NOW,
    batch_settings: BatchSettings = BATCH_SETTINGS,
    reason: str = "",
    body: bytes = b"{}",
) -> Submission:
    source = "hooks/website"
    request = HttpRequest("POST", "/hooks/website", "https://hooks.example/hooks/website", {}, {}, body)
    return Submission(compute_submission_id(source, key), source, at, labels, people, reason, batch_settings, request)


def validate_people(people: Sequence[Person], rules: ValidationRules) -> list[Contact | Outcome]:
    """Return one contact or outcome for each person, in order, from the validator that files go through."""
    columns, rows = build_person_table(people)
    return list(validate_rows(rows, columns, rules))


def validate_plainly(
    received: Submission, opted_out: frozenset[str]
) -> tuple[ReadSummary, Iterable[Contact | Outcome]]:
    """Accept each number that begins with a plus, unless its person says no or it is opted out."""
    reading = ReadSummary(
        {"encoding": None, "delimiter": None, "header_line": None}, (Column("phone", "phone_number"),)
    )
    return reading, (
        _validate_person(received, number, each.fields, opted_out)
        for number, each in enumerate(received.people, start=1)
    )


def _validate_person(
    received: Submission, number: int, fields: Sequence[PersonField], opted_out: frozenset[str]
) -> Contact | Outcome:
    values = {detail.role: detail.value for detail in fields}
    phone = values[Role.PHONE]
    row = Row(number, (phone,))
    if values.get(Role.CONSENT) == "no":
        return Outcome(row, Status.OPTED_OUT, "consent: no")
    if not phone.startswith("+"):
        return Outcome(row, Status.INVALID, "Mobile: too short")
    if phone in opted_out:
        return Outcome(row, Status.OPTED_OUT, "consent: on the list")
    return Contact(row, tuple(values.get(Role(name), "") for name in CONTACT_FIELDS), received.labels)
