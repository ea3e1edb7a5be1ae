"""Choose the fields of one person from the matches of all values, the better evidence first.

A person has one name, of one place in the body, and all phones, the best first: an invalid first number is replaced by
the next.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from contact_import.columns.header_match import (
    is_buyer_or_recipient,
    is_contact_phrase,
    is_excluded_header,
    is_record_number,
    rank_phone_header,
    split_words,
)
from contact_import.columns.header_words import OTHER_PERSON_WORDS
from contact_import.columns.records.owner import Standing, classify_owner, split_owner
from contact_import.columns.role_columns import group_columns_by_role
from contact_import.columns.value_types import ValueType, classify_value
from contact_import.domain.person import PersonField
from contact_import.domain.roles import NAME_ROLES, Role
from contact_import.webhooks.extraction.field_match import (
    PHONE_REGION,
    Evidence,
    FieldMatch,
    SenderMapping,
    match_field,
)
from contact_import.webhooks.extraction.flatten import BodyValue
from contact_import.webhooks.extraction.json_value import normalize_key
from contact_import.webhooks.extraction.records.one_person import keep_one_person

_FIELD_NUMBER = re.compile(
    r"^(?:(?:form|\w{1,3})[-_ ])?(?:field|input|element)[-_ ]?(?=[a-z]*\d|[a-z\d]{5,}$)", re.IGNORECASE
)
_ADDRESS_ROLES = (Role.ADDRESS, Role.COUNTRY)
_MAX_PARTY_WORDS = 2  # a question has more: `The number to reach you`
_PARTY_WORDS = frozenset("to from called callee dest destination sender receiver recipient inbound outbound".split())
_PERSON_KEYS = frozenset(
    "contact customer person lead subscriber member attendee client user profile traits sender billing shipping "
    "billingaddress invitee guest patient student donor current respondent submitter".split()
)


def match_person_fields(
    values: Sequence[BodyValue], mapping: Mapping[str, str | None]
) -> tuple[tuple[PersonField, ...], Standing]:
    """Return the fields of one person, those with the better evidence first and those without a role last.

    Also return the standing of their record. `mapping` is the sender's own, from labels, keys or paths to fields; it
    is stronger than all other evidence.
    """
    sender_mapping = SenderMapping(mapping)
    matches = [match for value in values if (match := match_field(value, sender_mapping)) is not None]
    mapped_roles = {match.role for match in matches if match.is_mapped and match.role}
    # A field that the sender maps is the only one of its role: other evidence could name another person.
    matches = [match for match in matches if match.is_mapped or match.role not in mapped_roles]
    matches, standing = keep_one_person(_drop_record_numbers(matches))
    matches = _infer_missing(matches, mapped_roles)
    matches = [_correct_to_full_name(match) for match in matches]
    matches.sort(key=_rank_match)
    return _arrange_fields(_select_one_name(matches)), standing


def _drop_record_numbers(matches: list[FieldMatch]) -> list[FieldMatch]:
    """Return the matches; the number of an invoice or a customer is no phone if another value is one."""
    numbers = [match for match in matches if match.role is Role.PHONE and _may_be_record_number(match)]
    if len(numbers) == sum(match.role is Role.PHONE for match in matches):
        return matches
    return [replace(match, role=None) if match in numbers else match for match in matches]


def _may_be_record_number(match: FieldMatch) -> bool:
    return (
        match.evidence >= Evidence.NAME
        and is_record_number(match.value.label)
        and match.value.text.lstrip()[:1] not in "+0"
    )


def _infer_missing(matches: list[FieldMatch], mapped_roles: Iterable[Role]) -> list[FieldMatch]:
    """Return the matches with a phone or e-mail role for a value by its form alone.

    It is given only if no name has that role and exactly one value fits.
    """
    for role, value_type in ((Role.PHONE, ValueType.MOBILE), (Role.EMAIL, ValueType.EMAIL)):
        if role in mapped_roles or any(match.role is role for match in matches):
            continue
        candidates = [match for match in matches if match.role is None and _can_infer(match, value_type)]
        if len({match.value.text for match in candidates}) == 1:
            matches = [
                replace(match, role=role, evidence=Evidence.FORM) if match is candidates[0] else match
                for match in matches
            ]
    return matches


def _can_infer(match: FieldMatch, value_type: ValueType) -> bool:
    names = (*match.value.names, *match.value.parents[-1:])
    if value_type is ValueType.MOBILE and any(map(_is_party, names)):
        return False
    if match.is_mapped or any(OTHER_PERSON_WORDS & set(split_words(name)) for name in names):
        return False
    asked = value_type is ValueType.MOBILE and any(
        is_contact_phrase(name) for name in match.value.names if name.strip()
    )
    # `form-field-p9q8r7`, `nf-field-12`: the name says that it is a field, and no more.
    meanings = [_FIELD_NUMBER.sub("", name) for name in match.value.names]
    if not asked and any(is_excluded_header(name) or normalize_key(name).endswith(("ids", "id")) for name in meanings):
        return False
    if value_type is ValueType.EMAIL and " " in match.value.text.strip():
        return False  # an address in a message may be another person's
    # 412345678 is more often an id than a mobile without its zero.
    return classify_value(match.value.text, PHONE_REGION) is value_type and (
        value_type is ValueType.EMAIL or match.value.text.lstrip()[0] in "+0("
    )


def _is_party(name: str) -> bool:
    """Return whether a key names a party of a call or message, which may be the business: `destination_number`."""
    words = split_words(name)
    is_party = len(words) <= _MAX_PARTY_WORDS and not _PARTY_WORDS.isdisjoint(words)
    return is_party or classify_owner(split_owner(name).owner) > Standing.PAYER


def _rank_match(match: FieldMatch) -> tuple[object, ...]:
    value = match.value
    second = is_buyer_or_recipient(match.header) or bool({"user", "author"} & set(split_words(" ".join(value.parents))))
    by_kind = rank_phone_header(match.header) if match.role is Role.PHONE else 0
    # A phone of the buyer or recipient, or of an author, ranks after the person's own.
    return not match.is_mapped, second, not value.is_primary, match.evidence, by_kind


def _select_one_name(matches: list[FieldMatch]) -> list[FieldMatch]:
    """Return the matches with the names of one place: of the object with the phone or e-mail address, else the first.

    A first name of one object and a last name of another would make a person who does not exist.
    """
    name_matches = [match for match in matches if match.role in NAME_ROLES]
    if not name_matches:
        return matches
    reachable = [match.value.record for match in matches if match.role in (Role.PHONE, Role.EMAIL)]
    best = min(
        name_matches,
        key=lambda match: (not match.is_mapped, _is_bare_name(match), match.value.record not in reachable[:1]),
    )
    selected: list[FieldMatch] = []
    if not _is_bare_name(best) or _is_person_record(best.value.record, reachable):
        selected = [match for match in name_matches if _get_location(match) == _get_location(best) or match.is_mapped]
    roles = {match.role for match in selected}
    if len(roles) == 1 and Role.FULL_NAME not in roles:
        # One half of the name: the other half may be in another object.
        selected += [match for match in name_matches if match.role not in (*roles, Role.FULL_NAME)]
    selected_ids = {id(match) for match in selected}
    halves = _split_full_name(selected)
    return [
        halves.get(id(match), match) for match in matches if match.role not in NAME_ROLES or id(match) in selected_ids
    ]


def _split_full_name(name_matches: Sequence[FieldMatch]) -> dict[int, FieldMatch]:
    """Return corrected matches by their id(). A `name` beside one half of a name is the other half.

    A `name` that contains the half is the whole name; then the half loses its role.
    """
    first, last, full = ([match for match in name_matches if match.role is role] for role in NAME_ROLES)
    if not full or bool(first) == bool(last):
        return {}
    half, other = (first[0], Role.LAST_NAME) if first else (last[0], Role.FIRST_NAME)
    # Some senders repeat the whole name beside a half, others write the last name as `name`.
    whole = full[0].value.text.casefold()
    if half.value.text.casefold().strip() in whole:
        return {id(half): replace(half, role=None)} if " " in whole.strip() else {}
    return {id(full[0]): replace(full[0], role=other)}


def _correct_to_full_name(match: FieldMatch) -> FieldMatch:
    """Return `Nome` or `Nombre` as a full name when its value has several words."""
    is_nome = match.role is Role.FIRST_NAME and split_words(match.value.label)[-1:] in (("nome",), ("nombre",))
    return replace(match, role=Role.FULL_NAME) if is_nome and " " in match.value.text.strip() else match


def _get_location(match: FieldMatch) -> tuple[object, ...]:
    return match.value.record, () if match.value.kind else match.value.parents


def _is_bare_name(match: FieldMatch) -> bool:
    """Return whether a label is `name` only: forms, lists and events have a name too."""
    return normalize_key(match.value.label) in ("name", "displayname") and not match.value.kind


def _is_person_record(record: tuple[str, ...], reachable: Sequence[tuple[str, ...]]) -> bool:
    """Return whether the `name` of an object is a person's: by its phone or e-mail address, or by its key."""
    if record in reachable or (record and normalize_key(record[-1]) in _PERSON_KEYS):
        return True
    return bool(reachable) and not any(other[: len(record)] == record for other in reachable)


def _drop_redundant_codes(matches: Sequence[FieldMatch]) -> list[FieldMatch]:
    """Return the matches without `province_code` beside `province` or `country_name` beside `country`."""
    address_parts = {
        (match.value.parents, normalize_key(match.value.label)) for match in matches if match.role in _ADDRESS_ROLES
    }
    return [
        match
        for match in matches
        if match.role not in _ADDRESS_ROLES or not address_parts & set(_find_base_labels(match.value))
    ]


def _find_base_labels(value: BodyValue) -> Iterator[tuple[tuple[str, ...], str]]:
    *front, last = split_words(value.label) or ("",)
    if front and last in ("code", "name", "abbreviation", "iso"):
        yield value.parents, "".join(front)


def _arrange_fields(matches: Sequence[FieldMatch]) -> tuple[PersonField, ...]:
    matches = _drop_redundant_codes(matches)
    places = group_columns_by_role([match.header for match in matches], [match.role for match in matches], lambda _: 1)
    phones = [index for index, match in enumerate(matches) if match.role is Role.PHONE]
    order = dict(places) | ({Role.PHONE: tuple(phones)} if phones else {})
    country = order.get(Role.COUNTRY, ())
    fields = [
        PersonField(matches[index].value.label, role, matches[index].value.text)
        for role, indexes in order.items()
        for index in indexes
        if role is not Role.ADDRESS or index not in country
    ]
    used = {index for indexes in order.values() for index in indexes}
    rest = [match.value for index, match in enumerate(matches) if index not in used]
    return (*fields, *(PersonField(value.label, None, value.text) for value in rest))
