"""Find the people in a webhook delivery: every step from a request to people with their fields.

    body ─► tree ─► answers of forms with their labels ─► values ─► roles ─► people
    (body)          (form_answers)                        (flatten) (field_match, person_fields)

A delivery may have one person, people in an array (the attendees of a booking), or a person around an array of others
(an order and its tickets). Another party's person (a host, an agent) must never become a contact.
"""

from collections.abc import Mapping, Sequence

from contact_import.columns.header_match import split_words
from contact_import.columns.records.owner import Standing
from contact_import.columns.records.subject import choose_subject, is_same_person
from contact_import.domain.consent import Consent
from contact_import.domain.http import HttpRequest
from contact_import.domain.person import ExtractionResult, Person, PersonField
from contact_import.domain.roles import CONSENT_ROLES, LABEL_ROLES, NAME_ROLES, Role
from contact_import.fields.consent.answer import read_consent
from contact_import.fields.consent.header import find_consent_kind
from contact_import.webhooks.extraction.body import parse_body
from contact_import.webhooks.extraction.consent.members import flatten_consents
from contact_import.webhooks.extraction.consent.values import apply_consent_values
from contact_import.webhooks.extraction.event_id import find_event_id
from contact_import.webhooks.extraction.event_type import classify_event, explain_no_contacts
from contact_import.webhooks.extraction.flatten import BodyValue, flatten_body
from contact_import.webhooks.extraction.form_answers import read_answers
from contact_import.webhooks.extraction.form_definitions import find_definitions
from contact_import.webhooks.extraction.person_fields import match_person_fields
from contact_import.webhooks.extraction.records.standing import build_record, classify_element, is_declared_subject
from contact_import.webhooks.senders.config import WebhookSender
from contact_import.webhooks.senders.redaction import redact_people

_MAX_VALUES_PER_PERSON = 1_000  # of one person, as many as a file has columns
_MAX_FIELDS_PER_PERSON = 100
_CONTACT_ROLES = (Role.PHONE, Role.EMAIL)

type _Owner = tuple[str, ...]


def extract_people(request: HttpRequest, sender: WebhookSender) -> ExtractionResult:
    """Return the people of a delivery in its order, or the reason why it has none, and the sender's event id.

    An event such as `unsubscribed` gives each person an opt-out field. Raise BodyError for a body that cannot be
    parsed.
    """
    tree = flatten_consents(parse_body(request), (*sender.mapping, *sender.consent_values))
    event_id = find_event_id(request, tree)
    event_type = classify_event(tree, request.headers)
    # The person in a sender's test is invented, and must not become a contact.
    if event_type.reason:
        return ExtractionResult((), event_id, event_type.reason)
    definitions = find_definitions(tree)
    values = flatten_body(read_answers(tree, definitions), definitions)
    people = _build_people(*apply_consent_values(values, sender.mapping, sender.consent_values))
    if not people:
        return ExtractionResult((), event_id, explain_no_contacts(tree))
    if event_type.opt_out_label:
        opt_out = PersonField(event_type.opt_out_label, Role.OPT_OUT, "yes")
        people = [Person((opt_out, *person.fields)) for person in people]
    return ExtractionResult(redact_people(people, sender.secrets), event_id)


def _build_people(values: Sequence[BodyValue], mapping: Mapping[str, str | None]) -> list[Person]:
    groups: dict[_Owner, list[BodyValue]] = {}
    for value in values:
        # Each element of an array may be a person; values outside arrays have the owner ().
        group = groups.setdefault(value.owner, [])
        if len(group) < _MAX_VALUES_PER_PERSON:
            group.append(value)
    arrays_of_subjects = {owner[:-1] for owner, group in groups.items() if owner and is_declared_subject(owner, group)}
    fields_by_owner, standings = dict[_Owner, tuple[PersonField, ...]](), dict[_Owner, Standing]()
    for owner, group in groups.items():
        fields_by_owner[owner], standing = match_person_fields(group, mapping)
        is_beside_subject = owner[:-1] in arrays_of_subjects
        declared = classify_element(owner, group, is_beside_subject=is_beside_subject) if owner else standing
        standings[owner] = max(declared, standing)
    fields_by_owner = _drop_other_people(fields_by_owner, standings)
    outer = fields_by_owner.pop((), ())
    nested = {owner: fields for owner, fields in fields_by_owner.items() if _is_person(fields)}
    nested = {
        owner: (*_inherit_consents(owner, fields_by_owner), *fields)
        for owner, fields in _select_reachable_arrays(nested).items()
    }
    if not nested:
        return [_build_person(outer)] if _is_person(outer) else []
    if _has_role(outer, *_CONTACT_ROLES):
        return _merge_with_nested(outer, nested)
    shared_fields = _find_shared_fields(outer, list(nested.values()))
    return [_build_person((*fields, *shared_fields)) for fields in nested.values()]


def _find_shared_fields(outer: Sequence[PersonField], nested: Sequence[Sequence[PersonField]]) -> list[PersonField]:
    """Return the fields around an array that are those of its people as well.

    Labels are for all of them, and so is a no: one person cannot agree for the others. Other fields around a single
    person are that person's too, unless they have one.
    """
    is_single = len(nested) == 1
    shared = [
        field
        for field in outer
        if field.role in LABEL_ROLES or (field.role in CONSENT_ROLES and (is_single or not _is_agreement(field)))
    ]
    if is_single and not _are_two_people(outer, nested[0]):
        shared += [
            one for one in outer if one.role not in (None, *LABEL_ROLES, *CONSENT_ROLES) and _can_add(one, nested[0])
        ]
    return shared


def _drop_other_people(
    fields_by_owner: Mapping[_Owner, tuple[PersonField, ...]], standings: Mapping[_Owner, Standing]
) -> dict[_Owner, tuple[PersonField, ...]]:
    """Return the fields without people whom the delivery is not about, by `columns/records/subject`.

    Those are elements of arrays about another person, and a person outside if the array has the people concerned. If
    several arrays have people and none is the subject, there are none.
    """
    records = [
        build_record(owner, standings[owner], ((field.role, field.value) for field in fields))
        for owner, fields in fields_by_owner.items()
    ]
    people = {record.key: record for record in records if record.is_person}
    subject = choose_subject(list(people.values()))
    if subject is None:
        arrays = {owner[:-1] for owner in people}
        return dict(fields_by_owner) if len(arrays) == 1 else {}
    concerned = max(subject.standing, Standing.SUBJECT)
    return {
        owner: fields
        for owner, fields in fields_by_owner.items()
        if owner not in people or standings[owner] <= concerned or is_same_person(people[owner], subject)
    }


def _merge_with_nested(outer: Sequence[PersonField], nested: Mapping[_Owner, Sequence[PersonField]]) -> list[Person]:
    """Return the people of an order with its tickets, or a booking with its attendees: the outer person comes first.

    An element with the outer person's phone or e-mail address is the same person, and adds its fields.
    """
    others = []
    for fields in nested.values():
        if _has_shared_contact(outer, fields) or not (
            _has_role(fields, *_CONTACT_ROLES) or _are_two_people(outer, fields)
        ):
            outer = (*outer, *(field for field in fields if field.role is not None and _can_add(field, outer)))
        elif _has_role(fields, Role.PHONE):
            others.append(_build_person(fields))
    return [_build_person(outer), *others] if _has_role(outer, Role.PHONE) or not others else others


def _is_agreement(field: PersonField) -> bool:
    """Return whether a consent is a clear yes, which is only of the person who gave it."""
    kind = find_consent_kind(field.role or Role.STATUS, split_words(field.label))
    return read_consent(field.value, kind).verdict is Consent.YES


def _inherit_consents(owner: _Owner, fields_by_owner: Mapping[_Owner, Sequence[PersonField]]) -> list[PersonField]:
    """Return the consents of the array elements around a person: the event that contains a profile has them."""
    ancestors = [fields_by_owner.get(owner[:end], ()) for end in range(len(owner))]
    return [field for fields in ancestors for field in fields if field.role in CONSENT_ROLES]


def _select_reachable_arrays(nested: Mapping[_Owner, tuple[PersonField, ...]]) -> dict[_Owner, tuple[PersonField, ...]]:
    """Return the elements of arrays in which at least one has a phone or e-mail address.

    A list of names only is not a list of contacts: products have names too.
    """
    reachable_arrays = {owner[:-1] for owner, fields in nested.items() if _has_role(fields, *_CONTACT_ROLES)}
    return {owner: fields for owner, fields in nested.items() if owner[:-1] in reachable_arrays}


def _can_add(field: PersonField, fields: Sequence[PersonField]) -> bool:
    """Return whether a field adds to a person without contradicting it."""
    if field.role in NAME_ROLES:
        return not _has_role(fields, *NAME_ROLES)
    return not any(other.role is field.role for other in fields)


def _has_shared_contact(one: Sequence[PersonField], other: Sequence[PersonField]) -> bool:
    contact_values = {field.value.strip().casefold() for field in one if field.role in _CONTACT_ROLES}
    return any(field.role in _CONTACT_ROLES and field.value.strip().casefold() in contact_values for field in other)


def _are_two_people(one: Sequence[PersonField], other: Sequence[PersonField]) -> bool:
    """Return whether both have names, and different ones: a child's birthday is not the parent's."""
    names, other_names = (
        build_record(None, Standing.MAIN, ((field.role, field.value) for field in fields)).names
        for fields in (one, other)
    )
    return bool(names and other_names) and names.isdisjoint(other_names)


def _has_role(fields: Sequence[PersonField], *roles: Role) -> bool:
    return any(field.role in roles for field in fields)


def _is_person(fields: Sequence[PersonField]) -> bool:
    return _has_role(fields, *_CONTACT_ROLES, *NAME_ROLES)


def _build_person(fields: Sequence[PersonField]) -> Person:
    return Person(tuple(fields[:_MAX_FIELDS_PER_PERSON]))
