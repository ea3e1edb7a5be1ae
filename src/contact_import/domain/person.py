"""The people that a delivery is about, as it tells of them."""

from dataclasses import dataclass

from contact_import.domain.roles import Role


@dataclass(frozen=True, slots=True)
class PersonField:
    """One thing that is told of a person: under which label, what it is taken for, and the words as sent."""

    label: str
    role: Role | None
    value: str


@dataclass(frozen=True, slots=True)
class Person:
    """Details with the better evidence first: of two phones, the first that can be one counts.

    Somebody who may not be contacted has a detail that says so, under one of the consent roles.
    """

    fields: tuple[PersonField, ...]


@dataclass(frozen=True, slots=True)
class ExtractionResult:
    """Everybody in a delivery. Without anybody, `reason` says in a sentence for people why.

    `key` is by what the sender tells this delivery from another one, "" when it has no such thing.
    """

    people: tuple[Person, ...]
    event_id: str = ""
    reason: str = ""
