"""Order the columns of each role, best first, after the roles are known."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from contact_import.columns.address_columns import find_address_columns
from contact_import.columns.header_match import (
    is_about_sms,
    is_attendee_header,
    is_billing_header,
    is_phone_and_email,
    rank_phone_header,
    split_words,
)
from contact_import.columns.header_words import (
    CALLING_CODE_WORDS,
    OTHER_PERSON_WORDS,
    PHONE_PART_WORDS,
    PHONE_WORDS,
    RELATIVE_WORDS,
)
from contact_import.domain.roles import CONSENT_ROLES, NAME_ROLES, Role

_MULTI_COLUMN_ROLES = frozenset(
    {
        *(Role.PHONE, Role.PHONE_COUNTRY, Role.AREA_CODE, Role.EMAIL, Role.ADDRESS, Role.COUNTRY, Role.POSTAL_CODE),
        *(Role.TAGS, Role.LISTS),
    }
)

# Words that a phone and its parts share. A number is not among them: `Phone 2` belongs to `Country code 2`.
_UNSPECIFIC_WORDS = PHONE_PART_WORDS - {"1", "2", "3"}
# Columns about another channel, and about the wording of a consent or message: their texts are not a person's answer.
_UNRELATED_HEADER_WORDS = frozenset(
    "email mail whatsapp push fax postal disclaimer wording terms policy template subject pet dog cat horse "
    "animal".split()
)

# `Staff notes` are by the staff, about the contact.
_REMARK_WORDS = frozenset("note notes comment comments remark remarks".split())
_AUTHORS = frozenset("staff admin agent employee manager assistant support store shop company seller doctor gp".split())


def group_columns_by_role(
    header: Sequence[str], roles: Sequence[Role | None], count_filled: Callable[[int], int]
) -> Mapping[Role, tuple[int, ...]]:
    """Return the indexes of each role's columns, best first. `header` and `roles` are in the order of the columns.

    `count_filled` returns the number of sampled cells of a column that are not empty.
    """
    role_indexes: dict[Role, tuple[int, ...]] = {}
    for index, role in enumerate(roles):
        if role and (role in _MULTI_COLUMN_ROLES or role in CONSENT_ROLES or role not in role_indexes):
            role_indexes[role] = (*role_indexes.get(role, ()), index)
        elif role and count_filled(index) and not any(map(count_filled, role_indexes[role])):
            role_indexes[role] = (index,)  # the `Name` that Microsoft Forms leaves empty beside `Your full name`
    phones = sorted(role_indexes.get(Role.PHONE, ()), key=lambda index: rank_phone_header(header[index]))
    phone_and_email_indexes = tuple(index for index in phones if is_phone_and_email(header[index]))
    role_indexes[Role.PHONE] = tuple(phones)
    role_indexes.setdefault(Role.EMAIL, phone_and_email_indexes)
    if not any(role in role_indexes for role in (Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTHDAY)):
        role_indexes[Role.BIRTHDAY] = role_indexes.pop(Role.BIRTH_DAY, ())  # `Birth day` alone is the whole date
    role_indexes |= find_address_columns(role_indexes, header, count_filled)
    return MappingProxyType({role: indexes for role, indexes in role_indexes.items() if indexes})


def add_billing_names(
    role_indexes: Mapping[Role, tuple[int, ...]], header: Sequence[str], roles: Sequence[Role | None]
) -> Mapping[Role, tuple[int, ...]]:
    """Add `Billing First Name` after `First Name`, which may be empty in some rows. `roles` are those of the headers.

    Nothing is added to a file with names of attendees, because another person may pay for a guest.
    """
    name_indexes = {role: role_indexes[role] for role in NAME_ROLES if role in role_indexes}
    if any(is_attendee_header(header[index]) for indexes in name_indexes.values() for index in indexes):
        return role_indexes
    billing_name_indexes = [
        index for index, role in enumerate(roles) if role in NAME_ROLES and is_billing_header(header[index])
    ]
    for index in billing_name_indexes if name_indexes else ():
        role = roles[index]
        if role and not any(is_billing_header(header[other]) for other in name_indexes.get(role, ())):
            name_indexes[role] = (*name_indexes.get(role, ()), index)
    return {**role_indexes, **name_indexes}


def find_phone_type_columns(role_indexes: Mapping[Role, tuple[int, ...]], header: Sequence[str]) -> Mapping[int, int]:
    """Map the indexes of Google's `Phone 1 - Value` columns to those of `Phone 1 - Type` or `Phone 1 - Label`."""
    type_indexes = {
        split_words(name)[:-1]: index
        for index, name in enumerate(header)
        if split_words(name)[-1:] in (("type",), ("label",)) and "phone" in split_words(name)
    }
    return MappingProxyType(
        {
            index: type_indexes[split_words(header[index])[:-1]]
            for index in role_indexes.get(Role.PHONE, ())
            if split_words(header[index])[-1:] == ("value",) and split_words(header[index])[:-1] in type_indexes
        }
    )


def find_phone_part_columns(
    role_indexes: Mapping[Role, tuple[int, ...]], header: Sequence[str], other_phones: Sequence[int] = ()
) -> Mapping[int, tuple[int | None, int | None]]:
    """Map the index of each phone to the index of its country or calling code, and to that of its area code.

    A part belongs to the phone with equal words (`MobileAreaCode`, `MobileNumber`), or else with an equal owner
    (`Parent country code`, `Parent mobile`), or else to the next phone to its right. `other_phones` are the indexes of
    other people's phones.
    """
    phones = role_indexes.get(Role.PHONE, ())
    countries, area_codes = (
        {_find_phone_beside(index, phones, other_phones, header): index for index in reversed(indexes)}
        for indexes in (role_indexes.get(Role.PHONE_COUNTRY, ()), role_indexes.get(Role.AREA_CODE, ()))
    )
    return MappingProxyType(
        {
            index: (countries.get(index), area_codes.get(index))
            for index in (*phones, *other_phones)
            if index in countries or index in area_codes
        }
    )


def _find_phone_beside(
    part_index: int, phones: Sequence[int], other_phones: Sequence[int], header: Sequence[str]
) -> int | None:
    words = {
        index: frozenset(split_words(header[index])) - _UNSPECIFIC_WORDS
        for index in (part_index, *phones, *other_phones)
    }
    own = words.pop(part_index)
    same = [index for index, some in words.items() if own and some == own]
    owner = own - PHONE_WORDS
    alike = [index for index, some in words.items() if owner and some - PHONE_WORDS == owner]
    following = [index for index in sorted(phones) if index > part_index]
    return next(iter((*same, *alike, *following, *sorted(phones, reverse=True))), None)


def is_calling_code_header(header: str) -> bool:
    """Return whether numbers below the header are calling codes: `Country code`, but not `Country id`."""
    return not (CALLING_CODE_WORDS | {"code"}).isdisjoint(split_words(header))


def can_hold_remarks(header: str) -> bool:
    """Return whether a column may have remarks about the contact: `Notes`, but not `Spouse` or `Email status`."""
    words, unrelated = split_words(header), _UNRELATED_HEADER_WORDS | OTHER_PERSON_WORDS | RELATIVE_WORDS
    if not _REMARK_WORDS.isdisjoint(words):
        unrelated -= _AUTHORS
    return is_about_sms(header) or unrelated.isdisjoint(words)


def put_mapped_first(
    role_indexes: Mapping[Role, tuple[int, ...]], explicit_roles: Mapping[int, Role | None]
) -> Mapping[Role, tuple[int, ...]]:
    """Return the columns of each role with the mapped ones first, in the order of the mapping.

    A mapped country is also a part of the address.
    """
    ordered: dict[Role, tuple[int, ...]] = {}
    for index, role in explicit_roles.items():
        for target in (role, Role.ADDRESS) if role is Role.COUNTRY else (role,) if role else ():
            ordered[target] = (*ordered.get(target, ()), index)
    for role, indexes in role_indexes.items():
        # A mapped `Email / Phone` is still used for the e-mail of rows that have one there.
        rest = (index for index in indexes if index not in explicit_roles or role is Role.EMAIL)
        ordered[role] = tuple(dict.fromkeys((*ordered.get(role, ()), *rest)))
    return MappingProxyType({role: indexes for role, indexes in ordered.items() if indexes})
