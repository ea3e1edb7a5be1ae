"""Split a full name into a first and a last name."""

import re
from functools import cache

# Two or three words of letters. When the library knows none of them as a title, a particle or a suffix, its result is
# the split at the last blank, and it takes 0.1 ms to find that out: five times the CPU of all else about a row.
# tests/unit/fields/test_person_name.py holds the two equal.
_PLAIN_NAME = re.compile("(?:{0} )?{0} {0}".format("[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f]{2,}"))
_TITLES = frozenset(
    "mr mrs ms miss mx mister dr doctor prof professor sir madam lady lord rev reverend fr herr frau mme mlle monsieur "
    "madame sr sra srta dame master".split()
)
_SUFFIXES = frozenset("jr sr snr jnr esq phd ii iii iv".split())
# U+FFFD for a letter that could not be read, and signs that a wrong encoding puts into a name: `£ukasz`, `JosÃ©`.
_UNREADABLE = re.compile(r"[\ufffd\x80-\xa9\xab-\xb1\xb6\xb8\xb9\xbb-\xbf\xd7\xf7\u2020-\u2022\u2030\u20ac\u2122]")


def is_readable(name: str) -> bool:
    """Return whether a name has no sign that comes of a wrong encoding."""
    return name.isalpha() or not _UNREADABLE.search(name)


def split_name(name: str) -> tuple[str, str]:
    """Return the first and the last name: `Dr. Maria van der Berg` → (`Maria`, `van der Berg`).

    A comma turns the order round: `Smith, John` → (`John`, `Smith`).

    Titles and suffixes are dropped; a middle name belongs to the first name. A name that cannot be split (one word, or
    words that the library cannot place) is the first name as a whole.
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
    """Return whether two words are a name although the library reads one of them as a title or a suffix.

    `Bishop Lee`, `Rae Ra`: it knows `Bishop` as a title and `Ra` as letters behind a name.
    """
    if len(words) != 2 or "," in words[0] or words[0].casefold().rstrip(".") in _TITLES:
        return False
    is_suffix = words[1].casefold().rstrip(".") in _SUFFIXES or (words[1].isupper() and not words[0].isupper())
    return not is_suffix and "." not in words[0] + words[1]


@cache
def _get_special_words() -> frozenset[str]:
    """Return every word that the library reads as a title, a particle, a suffix or a conjunction."""
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
