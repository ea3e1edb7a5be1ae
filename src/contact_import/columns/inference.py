"""Headers against values: what a column is when its cells say otherwise, or when its header says nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from contact_import.columns.header_match import (
    is_about_sms,
    is_buyer_or_recipient,
    is_contact_phrase,
    is_excluded_header,
    is_phone_and_email,
    is_record_number,
    is_vague,
    split_words,
)
from contact_import.columns.value_types import ColumnProfile, ValueType
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.roles import CONSENT_ROLES, NAME_ROLES, Role
from contact_import.fields.consent import ConsentKind, classify_consent_header

_MOST_SHARE = 0.8
_HALF_SHARE = 0.5

_CONTRADICTED_REASON = "a column's values contradict its header; the values decided"
_INFERRED_REASON = "guessed from a column's values; its header does not say it"
NO_HEADER_WARNING = RowWarning("row", "the file has no header: its columns were recognised by their values")


@dataclass(slots=True)
class InferredRoles:
    """The roles of a file's columns while the values are heard. `header` is "" where there is none."""

    header: Sequence[str]
    profiles: Sequence[ColumnProfile]
    roles: list[Role | None]
    warnings: dict[RowWarning, None] = field(default_factory=dict)

    def find_indexes(self, role: Role) -> list[int]:
        return [index for index, assigned in enumerate(self.roles) if assigned is role]

    def set_role(self, index: int, role: Role | None, field_name: str, reason: str) -> None:
        self.roles[index] = role
        self.warnings[RowWarning(field_name, reason)] = None


def infer_roles(
    header: Sequence[str], profiles: Sequence[ColumnProfile], roles: Sequence[Role | None]
) -> InferredRoles:
    """The roles that headers and values agree on, with a caution where the values had the last word."""
    inferred = InferredRoles(header, profiles, list(roles))
    for index, role in enumerate(roles):
        if role is Role.PHONE:
            _check_phone(inferred, index)
        elif role in NAME_ROLES:
            _check_name(inferred, index, role)
        elif role in CONSENT_ROLES and profiles[index].maybe_phone_share >= _HALF_SHARE:
            inferred.roles[index] = Role.PHONE  # `Mobile to receive SMS`
        elif role is Role.EMAIL:
            _check_email(inferred, index)
        elif (
            role is Role.TITLE and is_vague(header[index]) and profiles[index].get_share(ValueType.TITLE) < _HALF_SHARE
        ):
            inferred.roles[index] = None  # Director, Nurse
        elif role is Role.ADDRESS:
            _check_address(inferred, index)
    _drop_buyers_and_recipients(inferred)
    _infer_phones(inferred)
    if not any(role for role in roles) or any(_is_non_latin(name) for name in header):
        _infer_emails_and_names(inferred)
    _resolve_full_name(inferred)
    return inferred


def _check_phone(inferred: InferredRoles, index: int) -> None:
    name, profile = inferred.header[index], inferred.profiles[index]
    if not profile.filled_count or is_phone_and_email(name):
        return
    if (
        not profile.maybe_phone_share
        and profile.get_share(ValueType.YES_NO, ValueType.WORD, ValueType.NAME) >= _MOST_SHARE
        and profile.counts[ValueType.YES_NO]
    ):
        is_refusal = classify_consent_header(split_words(name)) is ConsentKind.OPT_OUT
        inferred.roles[index] = (Role.OPT_OUT if is_refusal else Role.CONSENT) if is_about_sms(name) else None
    elif profile.get_share(ValueType.EMAIL) >= _MOST_SHARE:
        role = None if _has_matching_column(inferred, Role.EMAIL, ValueType.EMAIL) else Role.EMAIL
        inferred.set_role(index, role, "phone_number", _CONTRADICTED_REASON)
    elif _is_unlikely_phone(name, profile, has_others=len(inferred.find_indexes(Role.PHONE)) > 1):
        inferred.roles[index] = None
    elif is_record_number(name) and len(split_words(name)) > 1:
        inferred.set_role(
            index, Role.PHONE, "phone_number", _INFERRED_REASON
        )  # `Customer Number`, where nothing else is a phone


def _is_unlikely_phone(name: str, profile: ColumnProfile, *, has_others: bool) -> bool:
    """Whether a header that may mean anything is not borne out by the values as a phone's."""
    if is_record_number(name):
        return has_others or profile.phone_share < _HALF_SHARE
    return (
        is_vague(name)
        and profile.get_share(ValueType.MOBILE, ValueType.PHONE, ValueType.DIGITS, ValueType.CODE) < _HALF_SHARE
    )


def _check_name(inferred: InferredRoles, index: int, role: Role) -> None:
    profile, name = inferred.profiles[index], inferred.header[index]
    if profile.get_share(ValueType.EMAIL) >= _MOST_SHARE:
        new_role = None if _has_matching_column(inferred, Role.EMAIL, ValueType.EMAIL) else Role.EMAIL
        inferred.set_role(index, new_role, "email", _CONTRADICTED_REASON)
    elif profile.phone_share >= _HALF_SHARE or (
        profile.maybe_phone_share >= _MOST_SHARE and split_words(name) == ("contact",)
    ):
        if is_vague(name):
            inferred.roles[index] = Role.PHONE  # `Contact`: nothing was contradicted
        else:
            new_role = (
                None if _has_matching_column(inferred, Role.PHONE, ValueType.MOBILE, ValueType.PHONE) else Role.PHONE
            )
            inferred.set_role(index, new_role, "phone_number", _CONTRADICTED_REASON)
    elif profile.get_share(ValueType.CODE, ValueType.DIGITS) >= _MOST_SHARE and is_vague(name):
        inferred.roles[index] = None  # `Attendee #`
    elif profile.get_share(ValueType.CODE, ValueType.DIGITS) >= _MOST_SHARE:
        inferred.set_role(index, None, role.value if role is not Role.FULL_NAME else "name", _CONTRADICTED_REASON)


def _check_email(inferred: InferredRoles, index: int) -> None:
    profile = inferred.profiles[index]
    if not profile.filled_count or profile.counts[ValueType.EMAIL] or is_phone_and_email(inferred.header[index]):
        return
    if profile.phone_share >= _HALF_SHARE:
        role = None if _has_matching_column(inferred, Role.PHONE, ValueType.MOBILE, ValueType.PHONE) else Role.PHONE
        inferred.set_role(index, role, "phone_number", _CONTRADICTED_REASON)
    elif is_vague(inferred.header[index]) or _has_matching_column(inferred, Role.EMAIL, ValueType.EMAIL):
        inferred.roles[index] = None
    elif profile.maybe_phone_share >= _HALF_SHARE:
        inferred.set_role(index, None, "email", _CONTRADICTED_REASON)


def _check_address(inferred: InferredRoles, index: int) -> None:
    """Amazon Pinpoint calls `Address` what a message is sent to."""
    profile = inferred.profiles[index]
    if profile.get_share(ValueType.EMAIL) >= _MOST_SHARE:
        role = None if _has_matching_column(inferred, Role.EMAIL, ValueType.EMAIL) else Role.EMAIL
        inferred.set_role(index, role, "email", _CONTRADICTED_REASON)
    elif profile.phone_share >= _HALF_SHARE or (
        profile.maybe_phone_share >= _MOST_SHARE and split_words(inferred.header[index])[-1:] == ("address",)
    ):
        role = None if _has_matching_column(inferred, Role.PHONE, ValueType.MOBILE, ValueType.PHONE) else Role.PHONE
        inferred.set_role(index, role, "phone_number", _CONTRADICTED_REASON)


def _has_matching_column(inferred: InferredRoles, role: Role, *value_types: ValueType) -> bool:
    """Whether a column of the role holds what it should."""
    return any(inferred.profiles[index].get_share(*value_types) > 0 for index in inferred.find_indexes(role))


def _drop_buyers_and_recipients(inferred: InferredRoles) -> None:
    """A buyer's e-mail never stands in for the attendee's."""
    for role in (*NAME_ROLES, Role.PHONE, Role.EMAIL, Role.BIRTHDAY, Role.GENDER):
        indexes = inferred.find_indexes(role)
        other_party_indexes = [index for index in indexes if is_buyer_or_recipient(inferred.header[index])]
        for index in other_party_indexes if len(other_party_indexes) < len(indexes) else ():
            inferred.roles[index] = None


def _infer_phones(inferred: InferredRoles) -> None:
    """By the values, when no column of phones has a single one and another has."""
    phone_indexes = inferred.find_indexes(Role.PHONE)
    if any(
        inferred.profiles[index].maybe_phone_share or is_phone_and_email(inferred.header[index])
        for index in phone_indexes
    ):
        return
    found = [
        index
        for index, profile in enumerate(inferred.profiles)
        if inferred.roles[index] is None
        and profile.phone_share >= _HALF_SHARE
        and _can_be_phone(inferred.header[index], profile)
    ]
    mobiles = [index for index in found if inferred.profiles[index].get_share(ValueType.MOBILE) >= _HALF_SHARE]
    if not found:
        return
    for index in phone_indexes:
        if inferred.profiles[index].filled_count:
            inferred.roles[index] = None
    for index in mobiles or found:
        inferred.set_role(index, Role.PHONE, "phone_number", _INFERRED_REASON)


def _can_be_phone(name: str, profile: ColumnProfile) -> bool:
    return not is_excluded_header(name) or (
        is_contact_phrase(name) and profile.get_share(ValueType.MOBILE) >= _MOST_SHARE
    )


def _is_non_latin(name: str) -> bool:
    """Written in letters that the table of spellings does not have."""
    letters = [letter for letter in name if letter.isalpha()]
    return bool(letters) and not any(letter.isascii() for letter in letters)


def _infer_emails_and_names(inferred: InferredRoles) -> None:
    """E-mails and names by their values, in columns whose headers are in no language of the table."""
    known = any(inferred.roles[index] not in (None, Role.PHONE) for index in range(len(inferred.roles)))
    free = [
        index
        for index, name in enumerate(inferred.header)
        if inferred.roles[index] is None and not is_excluded_header(name) and (not known or _is_non_latin(name))
    ]
    if not inferred.find_indexes(Role.EMAIL):
        for index in free:
            if inferred.profiles[index].get_share(ValueType.EMAIL) >= _MOST_SHARE:
                inferred.set_role(index, Role.EMAIL, "email", _INFERRED_REASON)
    if not any(inferred.find_indexes(role) for role in NAME_ROLES):
        _infer_names(inferred, free)


def _infer_names(inferred: InferredRoles, free: Sequence[int]) -> None:
    """One column of two words, or two columns of words that stand side by side."""
    varied = [index for index in free if _has_varied_values(inferred.profiles[index])]
    whole = [index for index in varied if inferred.profiles[index].get_share(ValueType.NAME) >= 0.6]
    words = [index for index in varied if inferred.profiles[index].get_share(ValueType.WORD) >= 0.6]
    pairs = [index for index in words if index + 1 in words]
    if pairs and (not whole or pairs[0] < whole[0]):
        inferred.set_role(pairs[0], Role.FIRST_NAME, "first_name", _INFERRED_REASON)
        inferred.set_role(pairs[0] + 1, Role.LAST_NAME, "last_name", _INFERRED_REASON)
    elif whole:
        inferred.set_role(whole[0], Role.FULL_NAME, "name", _INFERRED_REASON)
    elif words:
        inferred.set_role(words[0], Role.FIRST_NAME, "first_name", _INFERRED_REASON)


def _has_varied_values(profile: ColumnProfile) -> bool:
    """A column of towns or of Yes and No repeats itself; names do so less."""
    return profile.filled_count < 4 or profile.distinct_count * 2 >= profile.filled_count


def _resolve_full_name(inferred: InferredRoles) -> None:
    """`Nombre` alone holds whole names; which of two is the last name is settled with `find_last_name_column`."""
    if inferred.find_indexes(Role.LAST_NAME) or inferred.find_indexes(Role.FULL_NAME):
        return
    for first in inferred.find_indexes(Role.FIRST_NAME)[:1]:
        name = inferred.header[first]
        can_be_full_name = split_words(name) in (("nombre",), ("nome",)) or is_vague(
            name
        )  # `First, what is your name?`
        if can_be_full_name and inferred.profiles[first].get_share(ValueType.NAME) >= _HALF_SHARE:
            inferred.roles[first] = Role.FULL_NAME


def find_last_name_column(
    header: Sequence[str], roles: Sequence[Role | None], rows: Sequence[Sequence[str]]
) -> int | None:
    """`Vorname;Name`, `Prénom;Nom`: a `Name` beside a first name that it does not repeat is the last name."""
    if Role.FIRST_NAME not in roles or Role.LAST_NAME in roles or Role.FULL_NAME not in roles:
        return None
    first, full = roles.index(Role.FIRST_NAME), roles.index(Role.FULL_NAME)
    if split_words(header[full]) not in (("name",), ("nom",), ("naam",)):
        return None
    pairs = [(cells[first].strip(), cells[full].strip()) for cells in rows if len(cells) > max(first, full)]
    repeats = any(one and one.casefold() in whole.casefold() for one, whole in pairs)
    # Where nobody has a first name, `Ann Moss` under `Name` is all of it.
    are_whole = not any(one for one, _ in pairs) and sum(" " in whole for _, whole in pairs) > len(pairs) / 2
    return None if repeats or are_whole else full
