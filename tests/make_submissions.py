"""Deliveries for the tests, and a plain way to judge them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from contact_import.columns.detect import Column
from contact_import.columns.header_names import Role
from contact_import.contacts.validate import FIELDS, Contact
from contact_import.domain.http import Post
from contact_import.domain.labels import Labels
from contact_import.domain.object_keys import submission_id
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.person import Detail, Person
from contact_import.files.csv_rows import Row
from contact_import.files.table import Reading
from contact_import.webhooks.submission import Cut, Submission

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CUT = Cut(phone_region="AU", mobile_only=True, max_contacts=400, max_bytes=90_000)


def person(phone: str, **fields: str) -> Person:
    """Fields by Cellcast's names; `consent="no"` for somebody who may not be contacted."""
    told = {"phone_number": phone, **fields}
    return Person(tuple(Detail(name, Role(name), value) for name, value in told.items()))


def submission(
    key: str,
    *people: Person,
    labels: Labels = Labels(),
    at: datetime = NOW,
    cut: Cut = CUT,
    reason: str = "",
    body: bytes = b"{}",
) -> Submission:
    door = "hooks/website"
    post = Post("POST", "/hooks/website", "https://hooks.example/hooks/website", {}, {}, body)
    return Submission(submission_id(door, key), door, at, labels, people, reason, cut, post)


def judge_plainly(one: Submission, opted_out: frozenset[str]) -> tuple[Reading, Iterable[Contact | Outcome]]:
    """Every number that begins with a plus is one, everybody is willing who does not say no."""
    reading = Reading({"encoding": None, "delimiter": None, "header_line": None}, (Column("phone", "phone_number"),))
    return reading, (_judge(one, number, each.details, opted_out) for number, each in enumerate(one.people, start=1))


def _judge(one: Submission, number: int, details: Sequence[Detail], opted_out: frozenset[str]) -> Contact | Outcome:
    told = {detail.role: detail.value for detail in details}
    phone = told[Role.PHONE]
    row = Row(number, (phone,))
    if told.get(Role.CONSENT) == "no":
        return Outcome(row, Status.OPTED_OUT, "consent: no")
    if not phone.startswith("+"):
        return Outcome(row, Status.INVALID, "phone_number: too short")
    if phone in opted_out:
        return Outcome(row, Status.OPTED_OUT, "consent: on the list")
    return Contact(row, tuple(told.get(Role(name), "") for name in FIELDS), one.labels)
