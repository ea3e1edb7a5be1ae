"""Represent the people of a webhook delivery, with the labels and values that its sender used."""

from dataclasses import dataclass

from contact_import.domain.roles import Role


@dataclass(frozen=True, slots=True)
class PersonField:
    """A value of a person and its label, both as they were sent, and the role inferred from them."""

    label: str
    role: Role | None
    value: str


@dataclass(frozen=True, slots=True)
class Person:
    """The fields of one person, those with better evidence first: the first valid phone number is used.

    A person who may not be contacted has a field with one of the `CONSENT_ROLES`.
    """

    fields: tuple[PersonField, ...]


@dataclass(frozen=True, slots=True)
class ExtractionResult:
    """All people of a delivery.

    `event_id` is the sender's id of the delivery, "" if it has none. `reason` is a sentence that explains why `people`
    is empty, else "".
    """

    people: tuple[Person, ...]
    event_id: str = ""
    reason: str = ""
