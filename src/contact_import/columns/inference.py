"""Headers against values: what a column is when its cells say otherwise, or when its header says nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from contact_import.columns.header_match import (
    is_about_sms,
    is_decoy,
    is_for_calls,
    is_numbering,
    is_phone_and_email,
    is_second_hand,
    is_vague,
    words_of,
)
from contact_import.columns.header_names import Role
from contact_import.columns.value_types import Look, Looks
from contact_import.domain.outcomes import Caution
from contact_import.fields.consent import Kind, kind_of

_NAMES = (Role.FIRST_NAME, Role.LAST_NAME, Role.FULL_NAME)
_CONSENTS = (Role.CONSENT, Role.OPT_OUT, Role.STATUS)
_MOST = 0.8
_HALF = 0.5

_CONTRADICTED = "a column's values contradict its header; the values decided"
_GUESSED = "guessed from a column's values; its header does not say it"
NO_HEADER = Caution("row", "the file has no header: its columns were recognised by their values")


@dataclass(slots=True)
class Guesses:
    """The roles of a file's columns while the values are heard. `header` is "" where there is none."""

    header: Sequence[str]
    looks: Sequence[Looks]
    roles: list[Role | None]
    cautions: dict[Caution, None] = field(default_factory=dict)

    def hold(self, role: Role) -> list[int]:
        return [index for index, held in enumerate(self.roles) if held is role]

    def set(self, index: int, role: Role | None, field_name: str, reason: str) -> None:
        self.roles[index] = role
        self.cautions[Caution(field_name, reason)] = None


def weigh(header: Sequence[str], looks: Sequence[Looks], roles: Sequence[Role | None]) -> Guesses:
    """The roles that headers and values agree on, with a caution where the values had the last word."""
    guesses = Guesses(header, looks, list(roles))
    for index, role in enumerate(roles):
        if role is Role.PHONE:
            _check_phone(guesses, index)
        elif role in _NAMES:
            _check_name(guesses, index, role)
        elif role in _CONSENTS and looks[index].maybe_phones >= _HALF:
            guesses.roles[index] = Role.PHONE  # `Mobile to receive SMS`
        elif role is Role.EMAIL:
            _check_email(guesses, index)
        elif role is Role.TITLE and is_vague(header[index]) and looks[index].share(Look.TITLE) < _HALF:
            guesses.roles[index] = None  # Director, Nurse
        elif role is Role.ADDRESS:
            _check_address(guesses, index)
    _put_first_hand_first(guesses)
    _find_phones(guesses)
    if not any(role for role in roles) or any(_is_foreign(name) for name in header):
        _find_people(guesses)
    _settle_names(guesses)
    return guesses


def _check_phone(guesses: Guesses, index: int) -> None:
    name, looks = guesses.header[index], guesses.looks[index]
    if not looks.filled or is_phone_and_email(name):
        return
    if not looks.maybe_phones and looks.share(Look.ANSWER, Look.WORD, Look.NAME) >= _MOST and looks.counts[Look.ANSWER]:
        is_refusal = kind_of(words_of(name)) is Kind.OPT_OUT
        guesses.roles[index] = (Role.OPT_OUT if is_refusal else Role.CONSENT) if is_about_sms(name) else None
    elif looks.share(Look.EMAIL) >= _MOST:
        role = None if _held(guesses, Role.EMAIL, Look.EMAIL) else Role.EMAIL
        guesses.set(index, role, "phone_number", _CONTRADICTED)
    elif _is_unlikely(name, looks, others=len(guesses.hold(Role.PHONE)) > 1):
        guesses.roles[index] = None
    elif is_numbering(name) and len(words_of(name)) > 1:
        guesses.set(index, Role.PHONE, "phone_number", _GUESSED)  # `Customer Number`, where nothing else is a phone


def _is_unlikely(name: str, looks: Looks, *, others: bool) -> bool:
    """Whether a header that may mean anything is not borne out by the values as a phone's."""
    if is_numbering(name):
        return others or looks.phones < _HALF
    return is_vague(name) and looks.share(Look.MOBILE, Look.PHONE, Look.DIGITS, Look.CODE) < _HALF


def _check_name(guesses: Guesses, index: int, role: Role) -> None:
    looks, name = guesses.looks[index], guesses.header[index]
    if looks.share(Look.EMAIL) >= _MOST:
        other = None if _held(guesses, Role.EMAIL, Look.EMAIL) else Role.EMAIL
        guesses.set(index, other, "email", _CONTRADICTED)
    elif looks.phones >= _HALF or (looks.maybe_phones >= _MOST and words_of(name) == ("contact",)):
        if is_vague(name):
            guesses.roles[index] = Role.PHONE  # `Contact`: nothing was contradicted
        else:
            other = None if _held(guesses, Role.PHONE, Look.MOBILE, Look.PHONE) else Role.PHONE
            guesses.set(index, other, "phone_number", _CONTRADICTED)
    elif looks.share(Look.CODE, Look.DIGITS) >= _MOST and is_vague(name):
        guesses.roles[index] = None  # `Attendee #`
    elif looks.share(Look.CODE, Look.DIGITS) >= _MOST:
        guesses.set(index, None, role.value if role is not Role.FULL_NAME else "name", _CONTRADICTED)


def _check_email(guesses: Guesses, index: int) -> None:
    looks = guesses.looks[index]
    if not looks.filled or looks.counts[Look.EMAIL] or is_phone_and_email(guesses.header[index]):
        return
    if looks.phones >= _HALF:
        role = None if _held(guesses, Role.PHONE, Look.MOBILE, Look.PHONE) else Role.PHONE
        guesses.set(index, role, "phone_number", _CONTRADICTED)
    elif is_vague(guesses.header[index]) or _held(guesses, Role.EMAIL, Look.EMAIL):
        guesses.roles[index] = None
    elif looks.maybe_phones >= _HALF:
        guesses.set(index, None, "email", _CONTRADICTED)


def _check_address(guesses: Guesses, index: int) -> None:
    """Amazon Pinpoint calls `Address` what a message is sent to."""
    looks = guesses.looks[index]
    if looks.share(Look.EMAIL) >= _MOST:
        role = None if _held(guesses, Role.EMAIL, Look.EMAIL) else Role.EMAIL
        guesses.set(index, role, "email", _CONTRADICTED)
    elif looks.phones >= _HALF or (
        looks.maybe_phones >= _MOST and words_of(guesses.header[index])[-1:] == ("address",)
    ):
        role = None if _held(guesses, Role.PHONE, Look.MOBILE, Look.PHONE) else Role.PHONE
        guesses.set(index, role, "phone_number", _CONTRADICTED)


def _held(guesses: Guesses, role: Role, *looks: Look) -> bool:
    """Whether a column of the role holds what it should."""
    return any(guesses.looks[index].share(*looks) > 0 for index in guesses.hold(role))


def _put_first_hand_first(guesses: Guesses) -> None:
    """A buyer's e-mail never stands in for the attendee's."""
    for role in (*_NAMES, Role.PHONE, Role.EMAIL, Role.BIRTHDAY, Role.GENDER):
        held = guesses.hold(role)
        second = [index for index in held if is_second_hand(guesses.header[index])]
        for index in second if len(second) < len(held) else ():
            guesses.roles[index] = None


def _find_phones(guesses: Guesses) -> None:
    """By the values, when no column of phones has a single one and another has."""
    held = guesses.hold(Role.PHONE)
    if any(guesses.looks[index].maybe_phones or is_phone_and_email(guesses.header[index]) for index in held):
        return
    found = [
        index
        for index, looks in enumerate(guesses.looks)
        if guesses.roles[index] is None and looks.phones >= _HALF and _may_be_phone(guesses.header[index], looks)
    ]
    mobiles = [index for index in found if guesses.looks[index].share(Look.MOBILE) >= _HALF]
    if not found:
        return
    for index in held:
        if guesses.looks[index].filled:
            guesses.roles[index] = None
    for index in mobiles or found:
        guesses.set(index, Role.PHONE, "phone_number", _GUESSED)


def _may_be_phone(name: str, looks: Looks) -> bool:
    return not is_decoy(name) or (is_for_calls(name) and looks.share(Look.MOBILE) >= _MOST)


def _is_foreign(name: str) -> bool:
    """Written in letters that the table of spellings does not have."""
    letters = [letter for letter in name if letter.isalpha()]
    return bool(letters) and not any(letter.isascii() for letter in letters)


def _find_people(guesses: Guesses) -> None:
    """E-mails and names by their values, in columns whose headers are in no language of the table."""
    known = any(guesses.roles[index] not in (None, Role.PHONE) for index in range(len(guesses.roles)))
    free = [
        index
        for index, name in enumerate(guesses.header)
        if guesses.roles[index] is None and not is_decoy(name) and (not known or _is_foreign(name))
    ]
    if not guesses.hold(Role.EMAIL):
        for index in free:
            if guesses.looks[index].share(Look.EMAIL) >= _MOST:
                guesses.set(index, Role.EMAIL, "email", _GUESSED)
    if not any(guesses.hold(role) for role in _NAMES):
        _find_names(guesses, free)


def _find_names(guesses: Guesses, free: Sequence[int]) -> None:
    """One column of two words, or two columns of words that stand side by side."""
    varied = [index for index in free if _varies(guesses.looks[index])]
    whole = [index for index in varied if guesses.looks[index].share(Look.NAME) >= 0.6]
    words = [index for index in varied if guesses.looks[index].share(Look.WORD) >= 0.6]
    pairs = [index for index in words if index + 1 in words]
    if pairs and (not whole or pairs[0] < whole[0]):
        guesses.set(pairs[0], Role.FIRST_NAME, "first_name", _GUESSED)
        guesses.set(pairs[0] + 1, Role.LAST_NAME, "last_name", _GUESSED)
    elif whole:
        guesses.set(whole[0], Role.FULL_NAME, "name", _GUESSED)
    elif words:
        guesses.set(words[0], Role.FIRST_NAME, "first_name", _GUESSED)


def _varies(looks: Looks) -> bool:
    """A column of towns or of Yes and No repeats itself; names do so less."""
    return looks.filled < 4 or looks.distinct * 2 >= looks.filled


def _settle_names(guesses: Guesses) -> None:
    """`Nombre` alone holds whole names; which of two is the last name is settled with `surname`."""
    if guesses.hold(Role.LAST_NAME) or guesses.hold(Role.FULL_NAME):
        return
    for first in guesses.hold(Role.FIRST_NAME)[:1]:
        name = guesses.header[first]
        is_open = words_of(name) in (("nombre",), ("nome",)) or is_vague(name)  # `First, what is your name?`
        if is_open and guesses.looks[first].share(Look.NAME) >= _HALF:
            guesses.roles[first] = Role.FULL_NAME


def surname(header: Sequence[str], roles: Sequence[Role | None], rows: Sequence[Sequence[str]]) -> int | None:
    """`Vorname;Name`, `Prénom;Nom`: a `Name` beside a first name that it does not repeat is the last name."""
    if Role.FIRST_NAME not in roles or Role.LAST_NAME in roles or Role.FULL_NAME not in roles:
        return None
    first, full = roles.index(Role.FIRST_NAME), roles.index(Role.FULL_NAME)
    if words_of(header[full]) not in (("name",), ("nom",), ("naam",)):
        return None
    pairs = [(cells[first].strip(), cells[full].strip()) for cells in rows if len(cells) > max(first, full)]
    repeats = any(one and one.casefold() in whole.casefold() for one, whole in pairs)
    # Where nobody has a first name, `Ann Moss` under `Name` is all of it.
    are_whole = not any(one for one, _ in pairs) and sum(" " in whole for _, whole in pairs) > len(pairs) / 2
    return None if repeats or are_whole else full
