"""People in a webhook delivery, in the words of its sender."""

from dataclasses import dataclass

from contact_import.domain.roles import Role


@dataclass(frozen=True, slots=True)
class PersonField:
    """One value of a person as it was sent, the label that it was sent under, and the role inferred from both."""

    label: str
    role: Role | None
    value: str


@dataclass(frozen=True, slots=True)
class Person:
    """The fields of one person, those with more confidence first: the first valid phone number is used.

    A person who may not be contacted has a field with one of the `CONSENT_ROLES`.
    """

    fields: tuple[PersonField, ...]


@dataclass(frozen=True, slots=True)
class ExtractionResult:
    """All people in a delivery.

    `event_id` is the sender's id of the delivery, "" if it has none. `reason` is a sentence for people that says why
    `people` is empty, else "".
    """

    people: tuple[Person, ...]
    event_id: str = ""
    reason: str = ""
