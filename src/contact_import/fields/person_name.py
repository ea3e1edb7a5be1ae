"""Split full names into first and last names, and find names that cannot be used to greet a person."""

import re
from collections.abc import Sequence
from functools import cache

from contact_import.domain.lazy_pattern import compile_lazily

# The fast path: two or three words of letters. If nameparser knows none of them as a title, a particle or a suffix, it
# splits them at the last blank, but takes 0.1 ms for it: five times the CPU of everything else about a row.
# tests/unit/fields/test_person_name.py compares the two.
_PLAIN_NAME = compile_lazily("(?:{0} )?{0} {0}".format("[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f]{2,}"))
_TITLES = frozenset(
    "mr mrs ms miss mx mister dr doctor prof professor sir madam lady lord rev reverend fr herr frau mme mlle monsieur "
    "madame sr sra srta dame master".split()
)
_SUFFIXES = frozenset("jr sr snr jnr esq phd ii iii iv".split())
# U+FFFD for a letter that could not be decoded, and signs that come from a wrong encoding: `£ukasz`, `JosÃ©`.
_UNREADABLE = compile_lazily(r"[\ufffd\x80-\xa9\xab-\xb1\xb6\xb8\xb9\xbb-\xbf\xd7\xf7\u2020-\u2022\u2030\u20ac\u2122]")


def find_unreadable_names(names: Sequence[str]) -> list[int]:
    """Return the indexes of the names with a sign that comes from a wrong encoding."""
    text = "".join(names)
    if text.isascii() or not _UNREADABLE.search(text):
        return []
    return [index for index, name in enumerate(names) if _UNREADABLE.search(name)]


# Signs of markup, templates and addresses: `{{first_name}}`, `*|FNAME|*`, `[First Name]`, `ann@example.com`.
_NOT_IN_NAMES = compile_lazily(r"[<>{}\[\]\\;=#_@|*%$^~]|://")

_NUMBER_SUFFIX = compile_lazily(
    r"(?<=\w) ?[0-9]{1,3}$|\b(?:1st|2nd|3rd|[4-9]th)\b", re.IGNORECASE
)  # `Moss 3rd`, `Ann2`
_NO_NAME_WORDS = (
    *"yes no true false test testing tester unknown name surname firstname lastname fullname fname lname".split(),
    *("first name", "last name", "full name", "your name"),
)
# In their usual capitals: looking up a name takes a tenth of the time of folding it first.
NO_NAMES = frozenset(
    spelling for word in _NO_NAME_WORDS for spelling in (word, word.upper(), word.capitalize(), word.title())
)
# vCard's `Moss;Ann;;;`: family name, given name, other names, prefixes, suffixes (RFC 6350, 6.2.2).
_VCARD_NAME = compile_lazily(r"([^;]*);([^;]*)(?:;[^;]*){1,3}")
# Letters and the usual signs between them; nothing else can make a name of letters unusable.
_PLAIN_NAMES = compile_lazily("[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f '.\u2019\n-]*+")
_ODD_STARTS = ("\n'", "\n.", "\n-", "\n ", "\n\u2019")


def can_greet(name: str) -> bool:
    """Return whether a first or last name can be used in a greeting: it has letters, and no trace of a program."""
    if name.isalpha():
        return name not in NO_NAMES
    if _NOT_IN_NAMES.search(name) or name in NO_NAMES:
        return False
    letters = _NUMBER_SUFFIX.sub("", name) if any(map(str.isdigit, name)) else name
    return any(map(str.isalpha, letters)) and not any(map(str.isdigit, letters))


def find_unusable_names(names: Sequence[str]) -> list[int]:
    """Return the indexes of the names that are not empty and cannot be used in a greeting."""
    if NO_NAMES.isdisjoint(names) and _are_plain(names):
        return []
    return [index for index, name in enumerate(names) if name and not can_greet(name)]


def _are_plain(names: Sequence[str]) -> bool:
    """Return True only if each name begins with a letter and has no sign that is odd in names."""
    text = f"\n{'\n'.join(names)}\n"
    return _PLAIN_NAMES.fullmatch(text) is not None and not any(map(text.__contains__, _ODD_STARTS))


def order_vcard_name(name: str) -> str:
    """Return the name of a vCard, `Moss;Ann;;;`, as `Moss, Ann`, and any other name unchanged."""
    if ";" not in name or not (found := _VCARD_NAME.fullmatch(name)):
        return name
    return ", ".join(filter(None, (found[1].strip(), found[2].strip())))


def split_name(name: str) -> tuple[str, str]:
    """Return the first and the last name: `Dr. Maria van der Berg` → (`Maria`, `van der Berg`).

    A comma reverses the order: `Smith, John` → (`John`, `Smith`). Titles and suffixes are dropped, and a middle name is
    part of the first name. A name that cannot be split (one word, or words that nameparser cannot place) is the first
    name as a whole.
    """
    name = name.strip(", ")
    if " " not in name and "," not in name:
        return name, ""
    if _PLAIN_NAME.fullmatch(name) and _get_special_words().isdisjoint(name.casefold().split(" ")):
        first, _, last = name.rpartition(" ")
        return first, last
    return _parse_with_library(name)


def _parse_with_library(name: str) -> tuple[str, str]:
    from nameparser import HumanName  # noqa: PLC0415  84 ms to load, and most files have no such names

    parsed = HumanName(name)
    first = " ".join(part for part in (parsed.first, parsed.middle) if part)
    if not first or not parsed.last:
        if _is_first_and_last(words := name.split()):
            return words[0], words[1]
        return (first or parsed.last) if (parsed.title or parsed.suffix) and (first or parsed.last) else name, ""
    return first, parsed.last


def _is_first_and_last(words: list[str]) -> bool:
    """Return whether two words are a name, although nameparser reads one of them as a title or a suffix.

    Examples: it knows the `Bishop` of `Bishop Lee` as a title, and the `Ra` of `Rae Ra` as a suffix.
    """
    if len(words) != 2 or "," in words[0] or words[0].casefold().rstrip(".") in _TITLES:
        return False
    is_suffix = words[1].casefold().rstrip(".") in _SUFFIXES or (words[1].isupper() and not words[0].isupper())
    return not is_suffix and "." not in words[0] + words[1]


@cache
def _get_special_words() -> frozenset[str]:
    """Return every word that nameparser reads as a title, a particle, a suffix or a conjunction."""
    from nameparser.config import CONSTANTS  # noqa: PLC0415

    return frozenset().union(
        CONSTANTS.titles,
        CONSTANTS.first_name_titles,
        CONSTANTS.prefixes,
        CONSTANTS.bound_first_names,
        CONSTANTS.conjunctions,
        CONSTANTS.suffix_acronyms,
        CONSTANTS.suffix_not_acronyms,
    )
