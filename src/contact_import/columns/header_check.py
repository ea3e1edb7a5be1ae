"""Correct the roles that headers name where the values below them say otherwise."""

from contact_import.columns.header_match import (
    is_about_sms,
    is_phone_and_email,
    is_record_number,
    is_vague,
    split_words,
)
from contact_import.columns.inferred_roles import (
    CONTRADICTED_REASON,
    HALF_SHARE,
    INFERRED_REASON,
    MOST_SHARE,
    InferredRoles,
)
from contact_import.columns.value_types import ColumnProfile, ValueType
from contact_import.domain.roles import CONSENT_ROLES, NAME_ROLES, Role
from contact_import.fields.consent import ConsentKind, classify_consent_header

_VALUE_TYPES = {Role.EMAIL: (ValueType.EMAIL,), Role.PHONE: (ValueType.MOBILE, ValueType.PHONE)}


def check_headers(inferred: InferredRoles) -> None:
    """Replace or remove the role of each column whose values contradict it, with a warning if the header was clear."""
    for index, role in enumerate(tuple(inferred.roles)):
        profile = inferred.profiles[index]
        if role is Role.PHONE:
            _check_phone(inferred, index)
        elif role in NAME_ROLES:
            _check_name(inferred, index, role)
        elif role in CONSENT_ROLES and profile.maybe_phone_share >= HALF_SHARE:
            inferred.roles[index] = Role.PHONE  # `Mobile to receive SMS`
        elif role is Role.EMAIL:
            _check_email(inferred, index)
        elif role is Role.TITLE and is_vague(inferred.header[index]):
            if profile.get_share(ValueType.TITLE) < HALF_SHARE:
                inferred.roles[index] = None  # Director, Nurse
        elif role is Role.ADDRESS:
            _check_address(inferred, index)


def _check_phone(inferred: InferredRoles, index: int) -> None:
    name, profile = inferred.header[index], inferred.profiles[index]
    if not profile.filled_count or is_phone_and_email(name):
        return
    if (
        not profile.maybe_phone_share
        and profile.get_share(ValueType.YES_NO, ValueType.WORD, ValueType.NAME) >= MOST_SHARE
        and profile.counts[ValueType.YES_NO]
    ):
        # `SMS` above Yes and No is consent to SMS; `Phone call?` above them is nothing.
        is_refusal = classify_consent_header(split_words(name)) is ConsentKind.OPT_OUT
        inferred.roles[index] = (Role.OPT_OUT if is_refusal else Role.CONSENT) if is_about_sms(name) else None
    elif profile.get_share(ValueType.EMAIL) >= MOST_SHARE:
        _follow_values(inferred, index, Role.EMAIL, field_name="phone_number")
    elif _is_unlikely_phone(name, profile, has_others=len(inferred.find_indexes(Role.PHONE)) > 1):
        inferred.roles[index] = None
    elif is_record_number(name) and len(split_words(name)) > 1:
        # `Customer Number`, where no other column is a phone.
        inferred.set_role(index, Role.PHONE, "phone_number", INFERRED_REASON)


def _is_unlikely_phone(name: str, profile: ColumnProfile, *, has_others: bool) -> bool:
    """Return whether the header is vague and the values do not confirm it."""
    if is_record_number(name):
        return has_others or profile.phone_share < HALF_SHARE
    return (
        is_vague(name)
        and profile.get_share(ValueType.MOBILE, ValueType.PHONE, ValueType.DIGITS, ValueType.CODE) < HALF_SHARE
    )


def _check_name(inferred: InferredRoles, index: int, role: Role) -> None:
    profile, name = inferred.profiles[index], inferred.header[index]
    if profile.get_share(ValueType.EMAIL) >= MOST_SHARE:
        _follow_values(inferred, index, Role.EMAIL, field_name="email")
    elif profile.phone_share >= HALF_SHARE or (
        profile.maybe_phone_share >= MOST_SHARE and split_words(name) == ("contact",)
    ):
        if is_record_number(name) and inferred.find_indexes(Role.PHONE):
            inferred.roles[index] = None  # `Member No` beside `Mobile`
        elif is_vague(name):
            inferred.roles[index] = Role.PHONE  # `Contact`: the values contradict nothing
        else:
            _follow_values(inferred, index, Role.PHONE, field_name="phone_number")
    elif profile.get_share(ValueType.CODE, ValueType.DIGITS) >= MOST_SHARE:
        if is_vague(name):
            inferred.roles[index] = None  # `Attendee #`
        else:
            field_name = "name" if role is Role.FULL_NAME else role.value
            inferred.set_role(index, None, field_name, CONTRADICTED_REASON)


def _check_email(inferred: InferredRoles, index: int) -> None:
    name, profile = inferred.header[index], inferred.profiles[index]
    if not profile.filled_count or profile.counts[ValueType.EMAIL] or is_phone_and_email(name):
        return
    if profile.phone_share >= HALF_SHARE:
        _follow_values(inferred, index, Role.PHONE, field_name="phone_number")
    elif is_vague(name) or inferred.has_matching_column(Role.EMAIL, ValueType.EMAIL):
        inferred.roles[index] = None
    elif profile.maybe_phone_share >= HALF_SHARE:
        inferred.set_role(index, None, "email", CONTRADICTED_REASON)


def _check_address(inferred: InferredRoles, index: int) -> None:
    """Replace the role where `Address` is the phone or e-mail that a message is sent to, as in Amazon Pinpoint."""
    name, profile = inferred.header[index], inferred.profiles[index]
    if profile.get_share(ValueType.EMAIL) >= MOST_SHARE:
        _follow_values(inferred, index, Role.EMAIL, field_name="email")
    elif profile.phone_share >= HALF_SHARE or (
        profile.maybe_phone_share >= MOST_SHARE and split_words(name)[-1:] == ("address",)
    ):
        _follow_values(inferred, index, Role.PHONE, field_name="phone_number")


def _follow_values(inferred: InferredRoles, index: int, role: Role, *, field_name: str) -> None:
    """Give a column the role of its values, or none if another column of that role already holds such values."""
    is_taken = inferred.has_matching_column(role, *_VALUE_TYPES[role])
    inferred.set_role(index, None if is_taken else role, field_name, CONTRADICTED_REASON)
