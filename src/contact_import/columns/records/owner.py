"""Split a header or key into its owner and its field: `Parent 1 Mobile` is the mobile of `parent 1`."""

from collections import Counter
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
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
)
from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.domain.roles import NAME_ROLES, Role

_MAX_OWNER_WORDS_BEHIND = 3
_MAX_OWNER_WORDS = 4  # a longer one is a sentence: `So that we can reach you on the day, your mobile`
# A header that begins with its field has no owner before it: `Mobile number to receive SMS`
_FIELD_WORDS = PHONE_WORDS | {"email", "mail"}
_NUMBER_WORDS = frozenset("number no nr nummer numero".split())
# The contact's own second phone, unless somebody with a name is called so.
_SECOND_PERSON_WORDS = frozenset("alternate alternative alt secondary second 2nd".split())
_ASKING_WORDS = frozenset("we us you i me your my our where which how can".split())
ADDRESS_ROLES = (Role.COUNTRY, Role.ADDRESS, Role.POSTAL_CODE)
_PERSONAL_ROLES = (Role.BIRTHDAY, Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTH_DAY, Role.GENDER, Role.TITLE)
OWNED_ROLES = (*NAME_ROLES, *_PERSONAL_ROLES, *ADDRESS_ROLES, Role.EMAIL, Role.PHONE)
# `Mobile (Parent)`, `Name - Billing`, `Mobile of owner`
_OWNER_BEHIND = compile_lazily(
    r"(?P<field>[^([]*?)\s*(?:[(\[]|\s[-\u2013\u2014/|]\s|:\s|\sof\s)\s*(?P<owner>[^)\]]+)[)\]]?\s*"
)


class Standing(IntEnum):
    """Whose a record is, those whom a contact is more likely to be first."""

    MAIN = 0  # no owner is named: siblings without a prefix
    SUBJECT = 1
    PAYER = 2
    RESPONSIBLE = 3
    RECIPIENT = 4
    OTHER = 5


class OwnedField(NamedTuple):
    """The words of the owner, none for the main record, and the role of the field, None for another kind of header."""

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
    """Return the standing of an owner: all its words have to be known, so that a `staff member` is no member."""
    words = {word for word in owner if not word.isdecimal()} - LINK_WORDS - FRAME_WORDS
    if not words:
        return Standing.OTHER if owner == ("to",) else Standing.MAIN
    standing = next((standing for standing, known in _STANDINGS if words <= known), Standing.OTHER)
    # `Contact 2` and `Guest 3` come along with the first one, and lend nobody their number.
    is_further = any(word.isdecimal() and int(word) > 1 for word in owner)
    return Standing.RESPONSIBLE if is_further and standing < Standing.RESPONSIBLE else standing


@lru_cache(maxsize=10_000)
def classify_key(key: str) -> Standing:
    """Return the standing of an object by its key, `primaryContact`."""
    own_words = OWN_WORDS - _SECOND_PERSON_WORDS
    words = (word for word in split_words(key) if word.isalpha() or word.isdecimal())
    return classify_owner(tuple(word for word in words if word not in own_words))


@lru_cache(maxsize=10_000)
def is_own_label(label: str) -> bool:
    """Return whether the label beside a number is a kind of phone or address: `Home`, but not `Wife`."""
    return _OWN_LABELS.issuperset(word for word in split_words(label) if word.isalpha())


def settle_standing(standing: Standing, owner: tuple[str, ...], *, is_named: bool) -> Standing:
    """Return the standing of a record once its names are known: without one, `Billing phone` is the main record's."""
    return Standing.MAIN if not is_named and owner and UNNAMED_OWNERS.issuperset(owner) else standing


@lru_cache(maxsize=10_000)
def split_owner(header: str) -> OwnedField:
    """Return the owner that a header names before or behind its field."""
    words = split_words(header)
    if words and words[0] in _FIELD_WORDS:
        return _split_owner_behind(header)
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
        owner = _trim_owner(split_words(found["owner"]))
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
    return _trim_owner(words[end:]) if is_short else None


def _is_known(owner: tuple[str, ...]) -> bool:
    """Return whether a list has an owner: as the contact or somebody close, or as somebody else."""
    return classify_owner(owner) is not Standing.OTHER or not _OTHERS.isdisjoint(owner)


def find_owned_fields(headers: Sequence[str]) -> list[OwnedField]:
    """Return the owner and field of each header.

    Words behind a field are an owner where a list has them or a second column shares them, since most say how to fill
    in the field. Behind a phone they are one, too, where another phone has no such words. A header that is nothing but
    the owner of another column is that one's name: `Assigned To` beside `Assigned To Mobile`.
    """
    fields = [split_owner(header) for header in headers]
    for index, (word, role) in _find_second_people(headers):
        fields[index] = OwnedField((word,), role)
    counts = Counter(field.owner for field in fields)
    has_plain_phone = any(find_field(split_words(header)) is Role.PHONE for header in headers)
    for index, field in enumerate(fields):
        is_known = _is_known(field.owner) or (has_plain_phone and field.role is Role.PHONE)
        if field.is_behind and counts[field.owner] == 1 and not is_known:
            fields[index] = OwnedField((), field.role)
        elif has_plain_phone and not field.owner and (owner := _find_words_behind_phone(headers[index])):
            fields[index] = OwnedField(owner, Role.PHONE)
        elif not field.owner and (words := split_words(headers[index])) in counts and words:
            fields[index] = OwnedField(words, Role.FULL_NAME)
    return fields


def _find_second_people(headers: Sequence[str]) -> list[tuple[int, tuple[str, Role | None]]]:
    """Return the fields of whoever is called `alternate` and has a name, by their indexes."""
    starts = [(index, split_words(header)) for index, header in enumerate(headers)]
    found = [
        (index, (words[0], find_field(words[1:])))
        for index, words in starts
        if words[:1] and words[0] in _SECOND_PERSON_WORDS
    ]
    named = {word for _, (word, role) in found if role in NAME_ROLES}
    return [(index, pair) for index, pair in found if pair[0] in named]


def find_field(words: tuple[str, ...]) -> Role | None:
    """Return the role of a field's own words, a number at their end aside: `mobile 2`."""
    while len(words) > 1 and (words[-1].isdecimal() or words[-1] == "s"):
        words = words[:-1]
    return find_header_name(words) if words else None


def _trim_owner(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the words from the first to the last that name an owner, None for a sentence."""
    while words and _is_own_word(words[0]):
        words = words[1:]
    while words and (_is_own_word(words[-1]) or find_field(words[-1:]) is Role.ADDRESS):
        words = words[:-1]
    if all(map(str.isdecimal, words)):
        return ()
    return words if len(words) <= _MAX_OWNER_WORDS and _ASKING_WORDS.isdisjoint(words) else None


def _is_own_word(word: str) -> bool:
    """Return whether a word at the end of an owner names nobody. Nor does a form's id: `q3` of `q3_fullName`."""
    is_id = not word.isdecimal() and not word.isalpha() and word not in RESPONSIBLE_WORDS
    return word in OWN_WORDS or word in ("and", "or", "for", "the") or is_id


def _find_owned_role(words: tuple[str, ...], owner: tuple[str, ...], start: int) -> Role | None:
    """Return the role of the words behind the owner. `Order Number` is no phone of an order."""
    end = next(index for index in range(len(words)) if words[index : index + len(owner)] == owner) + len(owner)
    own = words[end:]
    return None if own[0] in _NUMBER_WORDS else find_field(own) or find_field(words[start:])
