"""The people in what forms and CRMs post."""

from collections.abc import Mapping, Sequence

from contact_import.columns.header_names import Role
from contact_import.domain.http import Post
from contact_import.domain.person import Detail, Found, Person
from contact_import.webhooks.extraction.body import body_of
from contact_import.webhooks.extraction.event_id import key_of
from contact_import.webhooks.extraction.event_type import occasion_of, why_nobody
from contact_import.webhooks.extraction.flatten import Field, fields_of
from contact_import.webhooks.extraction.person_fields import details_of
from contact_import.webhooks.senders.config import HookSender
from contact_import.webhooks.senders.tokens import people_without

_MAX_FIELDS = 1_000  # of one person, as many as a file has columns
_MAX_DETAILS = 100
_REACHABLE = (Role.PHONE, Role.EMAIL)
_NAMES = (Role.FIRST_NAME, Role.LAST_NAME, Role.FULL_NAME)
_LABELS = (Role.TAGS, Role.LISTS)
_CONSENTS = (Role.CONSENT, Role.OPT_OUT, Role.STATUS)

type _Owner = tuple[str, ...]


def people_in(post: Post, sender: HookSender) -> Found:
    """Everybody whom a delivery is about, in its order.

    Somebody whom the event itself says no to has a detail that says so. Raises `BodyError`.
    """
    tree = body_of(post)
    key = key_of(post, tree)
    occasion = occasion_of(tree, post.headers)
    if occasion.reason:
        return Found((), key, occasion.reason)
    people = _people(fields_of(tree), sender.mapping)
    if not people:
        return Found((), key, why_nobody(tree))
    if occasion.refusal:
        refusal = Detail(occasion.refusal, Role.OPT_OUT, "yes")
        people = [Person((refusal, *person.details)) for person in people]
    return Found(people_without(people, sender.secrets), key)


def _people(fields: Sequence[Field], mapping: Mapping[str, str | None]) -> list[Person]:
    groups: dict[_Owner, list[Field]] = {}
    for field in fields:
        group = groups.setdefault(field.owner, [])
        if len(group) < _MAX_FIELDS:
            group.append(field)
    told = {owner: details_of(group, mapping) for owner, group in groups.items()}
    outer = told.pop((), ())
    several = {owner: details for owner, details in told.items() if _is_somebody(details)}
    several = {owner: (*_inherited(owner, told), *details) for owner, details in _of_the_best_arrays(several).items()}
    if not several:
        return [_person(outer)] if _is_somebody(outer) else []
    if _has(outer, *_REACHABLE):
        return _around(outer, several)
    # A list's labels are for everybody in it. Other things around a single person are the person's too.
    shared = [detail for detail in outer if detail.role in _LABELS or (len(several) == 1 and detail.role in _CONSENTS)]
    if len(several) == 1:
        (details,) = several.values()
        shared += [one for one in outer if one.role not in (None, *_LABELS, *_CONSENTS) and _fits(one, details)]
    return [_person((*details, *shared)) for details in several.values()]


def _around(outer: Sequence[Detail], several: Mapping[_Owner, Sequence[Detail]]) -> list[Person]:
    """A person with others inside: an order with its tickets, a booking with its attendees."""
    rest = []
    for details in several.values():
        if _shared(outer, details) or not _has(details, *_REACHABLE):
            outer = (*outer, *(detail for detail in details if detail.role is not None and _fits(detail, outer)))
        elif _has(details, Role.PHONE):
            rest.append(_person(details))
    return [_person(outer), *rest] if _has(outer, Role.PHONE) or not rest else rest


def _inherited(owner: _Owner, told: Mapping[_Owner, Sequence[Detail]]) -> list[Detail]:
    """What the elements around somebody say about consent: the event that a profile came with."""
    around = [told.get(owner[:end], ()) for end in range(len(owner))]
    return [detail for details in around for detail in details if detail.role in _CONSENTS]


def _of_the_best_arrays(several: Mapping[_Owner, tuple[Detail, ...]]) -> dict[_Owner, tuple[Detail, ...]]:
    """Arrays in which somebody can be reached; without such a one, nobody is a person for a name alone."""
    reached = {owner[:-1] for owner, details in several.items() if _has(details, *_REACHABLE)}
    return {owner: details for owner, details in several.items() if owner[:-1] in reached}


def _fits(detail: Detail, details: Sequence[Detail]) -> bool:
    """Whether a detail adds to a person without contradicting it."""
    if detail.role in _NAMES:
        return not _has(details, *_NAMES)
    return not any(other.role is detail.role for other in details)


def _shared(one: Sequence[Detail], other: Sequence[Detail]) -> bool:
    mine = {detail.value.strip().casefold() for detail in one if detail.role in _REACHABLE}
    return any(detail.role in _REACHABLE and detail.value.strip().casefold() in mine for detail in other)


def _has(details: Sequence[Detail], *roles: Role) -> bool:
    return any(detail.role in roles for detail in details)


def _is_somebody(details: Sequence[Detail]) -> bool:
    return _has(details, *_REACHABLE, *_NAMES)


def _person(details: Sequence[Detail]) -> Person:
    return Person(tuple(details[:_MAX_DETAILS]))
