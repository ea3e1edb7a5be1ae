"""Classify the owner of an object of a delivery, by the keys that lead to it and by its own `role` or `type`."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from contact_import.columns.header_match import split_words
from contact_import.columns.header_words import EXCLUDED_WORDS, OTHER_PERSON_WORDS
from contact_import.columns.records.owner import Standing, classify_key, classify_owner
from contact_import.columns.records.subject import Record
from contact_import.domain.roles import NAME_ROLES, Role
from contact_import.webhooks.extraction.flatten import BodyValue
from contact_import.webhooks.extraction.json_value import normalize_key

_DECLARING_KEYS = frozenset("role type kind persontype contacttype participanttype usertype".split())
_STAFF_TYPES = frozenset("to staff employee user internal owner assignee creator".split())
_FRAME_TYPES = frozenset("person people individual human object record mobile home work".split())
_MAX_TYPE_WORDS = 2


@lru_cache(maxsize=10_000)
def classify_path(path: tuple[str, ...]) -> Standing:
    """Return the standing of an object by the keys that lead to it: the last one that names an owner.

    Objects below a known word for another party belong to that party: `host.contact` is no contact.
    """
    standing = Standing.MAIN
    for key in path:
        found = classify_key(key)
        if found is not Standing.MAIN:
            standing = found
        if found is Standing.OTHER and not (EXCLUDED_WORDS | OTHER_PERSON_WORDS).isdisjoint(split_words(key)):
            return found
    return standing


def classify_element(
    path: tuple[str, ...], values: Iterable[BodyValue], *, is_beside_subject: bool = False
) -> Standing:
    """Return the standing of an array's element: by its own `role` or `type` if known, else by its path.

    With `is_beside_subject`, another element of the array declares itself a possible contact; then an element that
    declares an unknown word is another person.
    """
    for words in _find_declared(path, values):
        if not (OTHER_PERSON_WORDS | _STAFF_TYPES).isdisjoint(words):
            return Standing.OTHER
        if _is_subject(words):
            return classify_owner(words)
        if is_beside_subject and not _FRAME_TYPES.issuperset(words):
            return Standing.OTHER
    return classify_path(path)


def is_declared_subject(path: tuple[str, ...], values: Iterable[BodyValue]) -> bool:
    """Return whether an array's element declares itself a possible contact: `"role": "customer"`."""
    return any(map(_is_subject, _find_declared(path, values)))


def _is_subject(words: tuple[str, ...]) -> bool:
    return bool(words) and Standing.MAIN < classify_owner(words) < Standing.OTHER


def _find_declared(path: tuple[str, ...], values: Iterable[BodyValue]) -> Iterator[tuple[str, ...]]:
    """Yield the words of an element's own `role`, `type` and the like."""
    for value in values:
        words = split_words(value.text)
        if value.record == path and normalize_key(value.label) in _DECLARING_KEYS and len(words) <= _MAX_TYPE_WORDS:
            yield words


def build_record[K](key: K, standing: Standing, values: Iterable[tuple[Role | None, str]]) -> Record[K]:
    """Return the record of the values: names, e-mail addresses and whether there is a phone."""
    names, emails = list[str](), set[str]()
    has_phone = False
    for role, text in values:
        if role in NAME_ROLES:
            names += split_words(text)
        elif role is Role.EMAIL:
            emails.add(text.strip().casefold())
        has_phone = has_phone or role is Role.PHONE
    # The words of the name in one order: `Moss, Ann` equals `Ann Moss`, and a first and a last name of two fields.
    name = " ".join(sorted(set(names)))
    return Record(key, standing, frozenset({name} if name else ()), frozenset(emails), has_phone)
