"""Split a header or key into its owner and its field: `Parent 1 Mobile` is the mobile of `parent 1`.

The owner decides whose record a value belongs to, and so whether a contact may have it.
"""

from collections import Counter
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from contact_import.columns.header_match import find_header_name, split_words
from contact_import.columns.header_words import (
    EXCLUDED_WORDS,
    OTHER_PERSON_WORDS,
    PHONE_WORDS,
    RELATIVE_WORDS,
    SENTENCE_WORDS,
)
from contact_import.columns.records.owner_words import (
    FRAME_WORDS,
    LINK_WORDS,
    OWN_PHONE_LABELS,
    OWN_WORDS,
    PAYER_WORDS,
    RECIPIENT_WORDS,
    RESPONSIBLE_WORDS,
    SUBJECT_WORDS,
    UNNAMED_OWNERS,
    USER_WORDS,
)
from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.domain.roles import NAME_ROLES, Role

_MAX_OWNER_WORDS_BEHIND = 3
_MAX_OWNER_WORDS = 4  # more words are a sentence: `So that we can reach you on the day, your mobile`
# A header that begins with its field has no owner before it: `Mobile number to receive SMS`.
_FIELD_WORDS = PHONE_WORDS | {"email", "mail"}
_NUMBER_WORDS = frozenset("number no nr nummer numero".split())
# `Alternate phone` is the contact's second phone, unless the file also has an `Alternate name`.
_SECOND_PERSON_WORDS = frozenset("alternate alternative alt secondary second 2nd".split())
# An `Other contact` is another person too, but an `Other name` is the contact's own.
_FURTHER_CONTACT_WORDS = _SECOND_PERSON_WORDS | frozenset("other additional extra another third 3rd backup".split())
_ASKING_WORDS = frozenset("we us you i me your my our where which how can".split())
ADDRESS_ROLES = (Role.COUNTRY, Role.ADDRESS, Role.POSTAL_CODE)
_PERSONAL_ROLES = (Role.BIRTHDAY, Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTH_DAY, Role.GENDER, Role.TITLE)
OWNED_ROLES = (*NAME_ROLES, *_PERSONAL_ROLES, *ADDRESS_ROLES, Role.EMAIL, Role.PHONE)
# An `Office phone` beside a `Mobile` is the contact's second phone. Alone it is the number of the office.
_OFFICE = ("office",)
# `Mobile (Parent)`, `Name - Billing`, `Mobile of owner`
_OWNER_BEHIND = compile_lazily(
    r"(?P<field>[^([]*?)\s*(?:[(\[]|\s[-\u2013\u2014/|]\s|:\s|\sof\s)\s*(?P<owner>[^)\]]+)[)\]]?\s*"
)


class Standing(IntEnum):
    """The relation of a record's owner to the contact, most likely to be the contact first."""

    MAIN = 0  # without an owner: `Name`, `Mobile`
    SUBJECT = 1  # `Attendee Mobile`
    PAYER = 2  # `Billing Phone`
    RESPONSIBLE = 3  # `Parent Mobile`
    RECIPIENT = 4  # `Shipping Phone`
    OTHER = 5  # `Agent Mobile`, and any other owner


class OwnedField(NamedTuple):
    """The words of the owner, () for the main record, and the role of the field, None for an unknown one.

    `is_behind` is True for an owner after the field: `Mobile (Parent)`.
    """

    owner: tuple[str, ...]
    role: Role | None
    is_behind: bool = False


_OWN_LABELS = OWN_WORDS | OWN_PHONE_LABELS
_OTHERS = EXCLUDED_WORDS | OTHER_PERSON_WORDS | RELATIVE_WORDS
_STANDINGS = (
    (Standing.SUBJECT, SUBJECT_WORDS),
    (Standing.PAYER, SUBJECT_WORDS | PAYER_WORDS),
    (Standing.RESPONSIBLE, SUBJECT_WORDS | PAYER_WORDS | RESPONSIBLE_WORDS),
    (Standing.RECIPIENT, SUBJECT_WORDS | PAYER_WORDS | RECIPIENT_WORDS),
)


@lru_cache(maxsize=10_000)
def classify_owner(owner: tuple[str, ...]) -> Standing:
    """Return the standing of an owner. All its words must be known: a `staff member` is not a member."""
    words = {word for word in owner if not word.isdecimal()} - LINK_WORDS - FRAME_WORDS
    if not words:
        return Standing.OTHER if owner == ("to",) else Standing.MAIN
    standing = next((standing for standing, known in _STANDINGS if words <= known), Standing.OTHER)
    # `Contact 2` and `Guest 3` accompany the first person, and must not be mixed with that person's record.
    is_further = any(word.isdecimal() and int(word) > 1 for word in owner)
    return Standing.RESPONSIBLE if is_further and standing < Standing.RESPONSIBLE else standing


@lru_cache(maxsize=10_000)
def classify_key(key: str) -> Standing:
    """Return the standing of an object of a delivery by its key: `primaryContact`."""
    own_words = OWN_WORDS - _FURTHER_CONTACT_WORDS - {"office"}
    words = (word for word in split_words(key) if word.isalpha() or word.isdecimal())
    return classify_owner(tuple(word for word in words if word not in own_words))


@lru_cache(maxsize=10_000)
def is_own_label(label: str) -> bool:
    """Return whether the label beside a number is a kind of phone or address: `Home`, but not `Wife`."""
    return _OWN_LABELS.issuperset(word for word in split_words(label) if word.isalpha())


def settle_standing(standing: Standing, owner: tuple[str, ...], *, is_named: bool, has_email: bool) -> Standing:
    """Return the standing of a record after its names are known. Without a name, `Billing phone` is the contact's.

    A user may be one of the staff: `User phone` is the contact's only beside a `User email`, as shops export accounts.
    """
    unnamed = UNNAMED_OWNERS | USER_WORDS if has_email else UNNAMED_OWNERS
    return Standing.MAIN if not is_named and owner and unnamed.issuperset(owner) else standing


@lru_cache(maxsize=10_000)
def split_owner(header: str) -> OwnedField:
    """Return the owner and the field of a header, with the owner before the field or behind it.

    Examples: `Parent 1 Mobile` and `Mobile (Parent 1)` are the PHONE of ("parent", "1"). `Home Phone` is the PHONE of
    (), because `home` distinguishes phones, not people.
    """
    words = split_words(header)
    if words and (words[0] in _FIELD_WORDS or words[:2] == ("whats", "app")):
        return _split_owner_behind(header)
    # A `Secondary contact mobile` is another person's, a `Secondary contact number` the contact's own.
    is_further = _find_further_contact(words) == words[:2] and words[2:3] != ("number",)
    if is_further and (role := find_field(words[2 + (words[2:3] == ("s",)) :])) in OWNED_ROLES:
        return OwnedField(words[:2], role)
    if words[:1] == _OFFICE and find_field(words[1:]) is Role.PHONE:
        return OwnedField(_OFFICE, Role.PHONE)
    for start in range(len(words) - 1, -1, -1):
        if find_field(words[start:]) in OWNED_ROLES:
            owner = _trim_owner(words[:start])
            if owner:
                return OwnedField(owner, _find_owned_role(words, owner, start))
            if owner is None:
                return OwnedField((), None)
            break
    return _split_owner_behind(header)


def _split_owner_behind(header: str) -> OwnedField:
    if (found := _OWNER_BEHIND.fullmatch(header)) and (role := find_field(split_words(found["field"]))) in OWNED_ROLES:
        owner = _find_further_contact(split_words(found["owner"])) or _trim_owner(split_words(found["owner"]))
        if owner:
            return OwnedField(owner, role, is_behind=True)
    if (owner := _find_words_behind_phone(header)) and _is_known(owner):
        return OwnedField(owner, Role.PHONE, is_behind=True)
    return OwnedField((), find_field(split_words(header)))


def _find_words_behind_phone(header: str) -> tuple[str, ...] | None:
    """Return the words behind a phone that may be an owner: `Mobile guardian 2`, `phone_witness`."""
    words = split_words(header)
    ends = (end for end in range(min(3, len(words) - 1), 0, -1) if find_header_name(words[:end]) is Role.PHONE)
    end = next(ends, len(words))
    is_short = len(words) - end <= _MAX_OWNER_WORDS_BEHIND and SENTENCE_WORDS.isdisjoint(words[end : end + 1])
    return _find_further_contact(words) or _trim_owner(words[end:]) if is_short else None


def _find_further_contact(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words for another contact, () for none: `second contact` of `Phone (secondContact)`."""
    return next((pair for pair in pairwise(words) if pair[0] in _FURTHER_CONTACT_WORDS and pair[1] == "contact"), ())


def _is_known(owner: tuple[str, ...]) -> bool:
    """Return whether an owner is in a list, as the contact, a person close to the contact, or another person."""
    is_listed = classify_owner(owner) is not Standing.OTHER or not _OTHERS.isdisjoint(owner)
    return is_listed or bool(_find_further_contact(owner))


def find_owned_fields(headers: Sequence[str]) -> list[OwnedField]:
    """Return the owner and the field of each header.

    Words behind a field are an owner only if they are in a list or if a second column shares them: most of them are
    about how to fill in the field. Behind a phone they are also an owner if another phone has no such words. A header
    that equals the owner of another column is the name of that owner: `Assigned To` beside `Assigned To Mobile`.
    """
    fields = [split_owner(header) for header in headers]
    for index, (word, role) in _find_second_people(headers):
        fields[index] = OwnedField((word,), role)
    counts = Counter(field.owner for field in fields)
    has_plain_phone = any(find_field(split_words(header)) is Role.PHONE for header in headers)
    for index, field in enumerate(fields):
        is_known = _is_known(field.owner) or (has_plain_phone and field.role is Role.PHONE)
        is_own_office = field.owner == _OFFICE and has_plain_phone
        if is_own_office or (field.is_behind and counts[field.owner] == 1 and not is_known):
            fields[index] = OwnedField((), field.role)
        elif has_plain_phone and not field.owner and (owner := _find_words_behind_phone(headers[index])):
            fields[index] = OwnedField(owner, Role.PHONE)
        elif not field.owner and (words := split_words(headers[index])) in counts and words:
            fields[index] = OwnedField(words, Role.FULL_NAME)
    return fields


def _find_second_people(headers: Sequence[str]) -> list[tuple[int, tuple[str, Role | None]]]:
    """Return the fields of a second person by index: of `Alternate phone`, if there is an `Alternate name`."""
    starts = [(index, split_words(header)) for index, header in enumerate(headers)]
    found = [
        (index, (words[0], find_field(words[1:])))
        for index, words in starts
        if words[:1] and words[0] in _SECOND_PERSON_WORDS
    ]
    named = {word for _, (word, role) in found if role in NAME_ROLES}
    return [(index, pair) for index, pair in found if pair[0] in named]


def find_field(words: tuple[str, ...]) -> Role | None:
    """Return the role of a field's words without a number at their end (`mobile 2`), or None."""
    while len(words) > 1 and (words[-1].isdecimal() or words[-1] == "s"):
        words = words[:-1]
    return find_header_name(words) if words else None


def _trim_owner(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the words from the first to the last that name an owner, or None for a sentence."""
    while words and _is_own_word(words[0]):
        words = words[1:]
    while words and (_is_own_word(words[-1]) or find_field(words[-1:]) is Role.ADDRESS):
        words = words[:-1]
    # An address has a number, but no phone: `Addr 1 - Phone # 1`, `Addr 1 - Contact Name`.
    if len(words) > 1 and find_field(words[:1]) is Role.ADDRESS and words[1].isdecimal():
        return _trim_owner(words[2:])
    if all(map(str.isdecimal, words)) or words == ("co",):  # `Co./Last Name`
        return ()
    return words if len(words) <= _MAX_OWNER_WORDS and _ASKING_WORDS.isdisjoint(words) else None


def _is_own_word(word: str) -> bool:
    """Return whether a word before or behind an owner is not a part of it, as the id `q3` of `q3_fullName`."""
    is_id = not word.isdecimal() and not word.isalpha() and word not in RESPONSIBLE_WORDS
    return word in OWN_WORDS or word in ("and", "or", "for", "the") or is_id


def _find_owned_role(words: tuple[str, ...], owner: tuple[str, ...], start: int) -> Role | None:
    """Return the role of the words behind the owner. `Order Number` is not the phone of an order."""
    end = next(index for index in range(len(words)) if words[index : index + len(owner)] == owner) + len(owner)
    own = words[end:]
    return None if own[0] in _NUMBER_WORDS else find_field(own) or find_field(words[start:])
