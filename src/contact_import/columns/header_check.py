"""Correct the roles of headers that the values below them contradict."""

from collections.abc import Sequence

from contact_import.columns.header_match import (
    is_about_sms,
    is_phone_and_email,
    is_record_number,
    is_vague,
    split_words,
)
from contact_import.columns.header_words import CALLING_CODE_WORDS, PHONE_WORDS
from contact_import.columns.inferred_roles import (
    CONTRADICTED_REASON,
    HALF_SHARE,
    INFERRED_REASON,
    MOST_SHARE,
    InferredRoles,
)
from contact_import.columns.role_columns import is_calling_code_header
from contact_import.columns.value_types import ColumnProfile, ValueType
from contact_import.domain.consent import Consent
from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.domain.roles import CONSENT_ROLES, LABEL_ROLES, NAME_ROLES, Role
from contact_import.fields.consent.answer import read_consent
from contact_import.fields.consent.header import classify_consent_header, has_moment_word
from contact_import.fields.consent.kinds import ConsentKind
from contact_import.fields.consent.membership import answers_list_membership
from contact_import.fields.consent.words import MOMENT_WORDS, SMS_THING_WORDS, SMS_WORDS, UNRELATED_WORDS

_BRACKETED = compile_lazily(r"(.+?)\s*\(([^()]+)\)\s*")
# Beside a consent these are its end. Elsewhere a person may withdraw from a course.
_WITHDRAWALS = ({"withdrawn"}, {"withdrew"}, {"revoked"})
# The phone of a log of messages, whose `Status` is that of the last message.
_MESSAGE_LOG_PHONES = frozenset({("to",), ("to", "number"), ("destination",), ("destination", "number")})
_VALUE_TYPES = {Role.EMAIL: (ValueType.EMAIL,), Role.PHONE: (ValueType.MOBILE, ValueType.PHONE)}


def check_headers(inferred: InferredRoles) -> None:
    """Replace or remove the role of each column that its values contradict. Add a warning if its header was clear."""
    for index, role in enumerate(tuple(inferred.roles)):
        profile = inferred.profiles[index]
        if _is_calling_code(inferred, index):
            inferred.roles[index] = Role.PHONE_COUNTRY
        elif role in (Role.CONSENT, Role.STATUS, Role.PHONE_COUNTRY, Role.AREA_CODE):
            if profile.phone_share >= HALF_SHARE and (role is not Role.CONSENT or can_be_phone(inferred.header[index])):
                inferred.roles[index] = Role.PHONE  # `Mobile to receive SMS`, `Mobile, country code`
        elif role in (*NAME_ROLES, *LABEL_ROLES) and profile.get_share(ValueType.YES_NO) >= MOST_SHARE:
            inferred.roles[index] = None  # `Member`, `Mailing List` above Yes and No: these are not names
        elif role in NAME_ROLES:
            _check_name(inferred, index, role)
        elif role is Role.TITLE and is_vague(inferred.header[index]):
            if profile.get_share(ValueType.TITLE) < HALF_SHARE:
                inferred.roles[index] = None  # Director, Nurse
        elif role in _CHECKS:
            _CHECKS[role](inferred, index)


def _is_calling_code(inferred: InferredRoles, index: int) -> bool:
    """Return whether the values are calling codes: `+61` under an unknown header, `61` under `Country Code`."""
    name, profile = inferred.header[index], inferred.profiles[index]
    is_of_country = inferred.roles[index] is Role.COUNTRY or not {"country", *CALLING_CODE_WORDS}.isdisjoint(
        split_words(name)  # `Player country code`
    )
    if inferred.roles[index] in (None, Role.COUNTRY) and is_of_country and is_calling_code_header(name):
        # America's calling code is `1`, which also means Yes.
        return profile.get_share(ValueType.CALLING_CODE, ValueType.CODE, ValueType.YES_NO) >= MOST_SHARE
    can_be_code = inferred.roles[index] in (None, Role.COUNTRY, Role.TITLE, Role.AREA_CODE)
    return can_be_code and profile.get_share(ValueType.CALLING_CODE) >= MOST_SHARE


def can_be_phone(name: str) -> bool:
    """Return whether digits in a consent column may be phones: its header names a phone, and not a date."""
    words = split_words(name)
    return bool((PHONE_WORDS | {"number"}).intersection(words)) and not has_moment_word(words)


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
        kind = classify_consent_header(split_words(name))
        is_state = kind in (ConsentKind.STATE, ConsentKind.LOOKUP)  # `Mobile current` is a phone in other files
        is_refusal = kind is ConsentKind.OPT_OUT
        is_answer = is_about_sms(name) and (UNRELATED_WORDS | SMS_THING_WORDS).isdisjoint(split_words(name))
        inferred.roles[index] = (
            Role.STATUS if is_state else None if not is_answer else Role.OPT_OUT if is_refusal else Role.CONSENT
        )
    elif profile.get_share(ValueType.EMAIL) >= MOST_SHARE:
        _follow_values(inferred, index, Role.EMAIL, field_name="phone_number")
    elif _is_unlikely_phone(name, profile, has_others=len(inferred.find_indexes(Role.PHONE)) > 1):
        inferred.roles[index] = None
    elif is_record_number(name) and len(split_words(name)) > 1:
        # `Customer Number`, where no other column is a phone.
        inferred.set_role(index, Role.PHONE, "phone_number", INFERRED_REASON)


def _is_unlikely_phone(name: str, profile: ColumnProfile, *, has_others: bool) -> bool:
    """Return whether a header is vague and its values do not confirm it."""
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
    """Replace the role if `Address` means the phone or e-mail that receives a message, as in Amazon Pinpoint."""
    name, profile = inferred.header[index], inferred.profiles[index]
    if profile.get_share(ValueType.EMAIL) >= MOST_SHARE:
        _follow_values(inferred, index, Role.EMAIL, field_name="email")
    elif profile.phone_share >= HALF_SHARE or (
        profile.maybe_phone_share >= MOST_SHARE and split_words(name)[-1:] == ("address",)
    ):
        _follow_values(inferred, index, Role.PHONE, field_name="phone_number")


_CHECKS = {Role.PHONE: _check_phone, Role.EMAIL: _check_email, Role.ADDRESS: _check_address}


def _follow_values(inferred: InferredRoles, index: int, role: Role, *, field_name: str) -> None:
    """Set the role of a column to that of its values, or to None if a column of that role already has such values."""
    is_taken = inferred.has_matching_column(role, *_VALUE_TYPES[role])
    inferred.set_role(index, None if is_taken else role, field_name, CONTRADICTED_REASON)


def correct_consent_roles(
    header: Sequence[str], roles: Sequence[Role | None], rows: Sequence[Sequence[str]]
) -> list[Role | None]:
    """Return the roles without texts around a checkbox. `State` and `Mailing list` are a status if their values are.

    `rows` are the cells of the first rows.
    """
    phones = (split_words(name) for name, role in zip(header, roles, strict=True) if role is Role.PHONE)
    is_log = not _MESSAGE_LOG_PHONES.isdisjoint(phones)
    return [
        None
        if index in _find_companions(header, roles)
        else Role.OPT_OUT
        if Role.CONSENT in roles and role is None and set(split_words(header[index])) - MOMENT_WORDS in _WITHDRAWALS
        else Role.CONSENT
        if (is_log and split_words(header[index])[-1:] == ("status",) and role in (Role.STATUS, None))
        or _is_answer_about_sms(index, header[index], role, rows)
        else Role.STATUS
        if (role is Role.ADDRESS and _is_state_of_people(index, header[index], rows))
        or (role in (Role.LISTS, None) and _is_list_membership(index, header[index], rows))
        else role
        for index, role in enumerate(roles)
    ]


def _find_companions(header: Sequence[str], roles: Sequence[Role | None]) -> set[int]:
    """Return the columns with the texts of a checkbox: `Consent (Text)` beside `Consent (Consent)` of Gravity Forms.

    They contain the words of the question, which are the same in all rows.
    """
    groups: dict[str, list[tuple[int, str]]] = {}
    for index, name in enumerate(header):
        if (found := _BRACKETED.fullmatch(name)) and roles[index] in CONSENT_ROLES:
            groups.setdefault(found[1].casefold(), []).append((index, found[2]))
    companions = set[int]()
    for label, columns in groups.items():
        tick_words = {"consent", *split_words(label)}
        ticks = {index for index, bracket in columns if tick_words.issuperset(split_words(bracket))}
        if ticks:
            companions.update(index for index, _ in columns if index not in ticks)
    return companions


def _is_state_of_people(index: int, name: str, rows: Sequence[Sequence[str]]) -> bool:
    """Return whether a column `State` has states of people, not of Australia: one of its values means opted out."""
    if split_words(name) != ("state",):
        return False
    cells = {row[index] for row in rows if index < len(row)}
    return any(read_consent(cell, ConsentKind.STATUS).verdict is Consent.NO for cell in cells)


def _is_list_membership(index: int, name: str, rows: Sequence[Sequence[str]]) -> bool:
    """Return whether a column `Mailing list` says who is on the list, instead of naming lists: `Yes`, `Removed`."""
    words = split_words(name)
    cells = {row[index] for row in rows if index < len(row) and row[index].strip()}
    return bool(cells) and all(answers_list_membership(words, split_words(cell)) for cell in cells)


def _is_answer_about_sms(index: int, name: str, role: Role | None, rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the values are a mailing tool's (`Status` with `Subscribed`), or answers (`SMS` with `No thanks`).

    In a mailing tool's status, any value but a clear yes holds the person back: `Inactive`, `Transactional`.
    """
    words = split_words(name)
    cells = {row[index] for row in rows if index < len(row)}
    kind = classify_consent_header(words)
    if role is Role.STATUS and kind in (ConsentKind.STATUS, ConsentKind.MEMBERSHIP):
        return any(cell.strip().casefold() == "subscribed" for cell in cells)
    if role is Role.STATUS and kind is ConsentKind.HINT:
        return any(read_consent(cell, ConsentKind.CONSENT).verdict in (Consent.YES, Consent.NO) for cell in cells)
    is_question = role is None and bool(words) and SMS_WORDS.issuperset(words)
    return is_question and any(read_consent(cell, ConsentKind.CONSENT).verdict is Consent.NO for cell in cells)
