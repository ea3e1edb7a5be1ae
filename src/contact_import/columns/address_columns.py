"""Choose the columns of one address, all of the same kind, in the order of a written address."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from contact_import.columns.header_match import split_words
from contact_import.domain.roles import Role

_KIND_WORDS = (
    ("home", "privat", "prive", "domicile", "residential", "personal", "casa", "thuis"),
    ("default", "primary", "main", "current", "po", "mailing", "postal", "physical"),
    ("billing",),
    ("shipping", "sa", "delivery"),
    ("work", "business", "office", "company", "geschaftlich", "bureau", "trabajo", "lavoro", "werk"),
    ("other", "alternate", "alternative", "alt", "secondary", "second", "weitere", "autre"),
)
# Kinds count from 1, best first. 0 is an address without such a word: it is the person's own.
_KIND_BY_WORD = {word: kind for kind, words in enumerate(_KIND_WORDS, 1) for word in words}
_CITY_WORDS = frozenset(
    "city town suburb locality ort stadt wohnort ville ciudad citta plaats woonplaats localidad comune commune".split()
)
_STATE_WORDS = frozenset("state province region county bundesland provincia provincie territory estado kanton".split())
_STREET_WORDS = frozenset(
    "street line rue strasse calle straat address1 address2 address3 line1 line2 via streetaddress".split()
)
_GUESS_KINDS = dict.fromkeys(("latitude", "longitude", "lat", "lng"), "position") | dict.fromkeys(
    ("gmtoff", "dstoff", "timezone"), "clock"
)
_PLACE_ROLES = (Role.ADDRESS, Role.POSTAL_CODE, Role.COUNTRY)
_NO_ADDRESS = 3  # the worst rank of `_rank_completeness`


class _AddressPart(IntEnum):
    STREET = 0
    CITY = 1
    STATE = 2
    COUNTRY = 3


@dataclass(frozen=True, slots=True)
class _AddressColumn:
    index: int
    group: tuple[int, int]  # the kind of address, best first, and its number: `Address 2 - City`
    part: _AddressPart
    is_whole: bool  # `Home Address`: all of it, unless nothing else has the street
    line_number: int  # `Home Address 2`: no street without the line before it


def drop_places_of_ip_address(header: Sequence[str], roles: Sequence[Role | None]) -> list[Role | None]:
    """Drop the roles of places that a tool guessed from an IP address: Mailchimp's `CC` and `REGION` after `GMTOFF`.

    They are in one run of columns with a position and a time zone, after the first of these.
    """
    kinds = [_GUESS_KINDS.get("".join(split_words(name))) for name in header]
    start = next((index for index, kind in enumerate(kinds) if kind), len(header))
    if not {"position", "clock"} <= set(kinds):
        return list(roles)
    end = start
    while end < len(header) and (kinds[end] or roles[end] in _PLACE_ROLES or split_words(header[end]) == ("cc",)):
        end += 1
    return [None if start <= index < end and role in _PLACE_ROLES else role for index, role in enumerate(roles)]


def find_address_columns(
    role_indexes: Mapping[Role, Sequence[int]], header: Sequence[str], count_filled: Callable[[int], int]
) -> Mapping[Role, tuple[int, ...]]:
    """Return the indexes of the columns of one address, in their order, and of its postal code and country.

    The parts of an address are better than the whole address in one cell, unless more rows have the latter. A state or
    a country alone is not an address. `count_filled` returns the number of filled cells in the sample of a column.
    """
    countries = set(role_indexes.get(Role.COUNTRY, ()))
    indexes = _drop_repeated_headers((*role_indexes.get(Role.ADDRESS, ()), *role_indexes.get(Role.COUNTRY, ())), header)
    candidates = [_classify_column(index, header[index], countries) for index in indexes]
    candidates_by_group: dict[tuple[int, int], list[_AddressColumn]] = {}
    for candidate in candidates:
        candidates_by_group.setdefault(candidate.group, []).append(candidate)
    best = min(
        candidates_by_group,
        key=lambda group: (_rank_completeness(candidates_by_group[group], count_filled), group),
        default=(0, 1),
    )
    chosen = _choose_whole_or_parts(candidates_by_group.get(best, []), count_filled)
    if _rank_completeness(chosen, count_filled) == _NO_ADDRESS:
        chosen = []
    # One column of countries may serve all addresses of a file. Other parts of two addresses are never mixed.
    elif best != (0, 1) and not any(candidate.part is _AddressPart.COUNTRY for candidate in chosen):
        chosen += [
            candidate for candidate in candidates_by_group.get((0, 1), ()) if candidate.part is _AddressPart.COUNTRY
        ]
    ordered = sorted(chosen, key=lambda candidate: (candidate.part, candidate.line_number, candidate.index))
    country_indexes = [candidate.index for candidate in ordered if candidate.part is _AddressPart.COUNTRY]
    return {
        Role.ADDRESS: tuple(candidate.index for candidate in ordered),
        Role.COUNTRY: tuple(country_indexes) or _find_nearest(countries, header, best),
        Role.POSTAL_CODE: _find_nearest(role_indexes.get(Role.POSTAL_CODE, ()), header, best),
    }


def _drop_repeated_headers(indexes: Iterable[int], header: Sequence[str]) -> list[int]:
    """Return the first of the columns with the same header: MYOB names the town of each address `- City`."""
    first: dict[tuple[str, ...], int] = {}
    for index in indexes:
        first.setdefault(split_words(header[index]), index)
    return list(first.values())


def _find_nearest(indexes: Iterable[int], header: Sequence[str], group: tuple[int, int]) -> tuple[int, ...]:
    ranked = sorted(indexes, key=lambda index: (_get_group(header[index]) != group, _get_group(header[index]), index))
    return tuple(ranked[:1])


def _classify_column(index: int, header: str, countries: set[int]) -> _AddressColumn:
    words = set(split_words(header))
    if index in countries:
        part = _AddressPart.COUNTRY
    elif words & _CITY_WORDS:
        part = _AddressPart.CITY
    else:
        part = _AddressPart.STATE if words & _STATE_WORDS and not words & _STREET_WORDS else _AddressPart.STREET
    is_line = bool(words & _STREET_WORDS) or _is_numbered_line(split_words(header))
    last = split_words(header)[-1][-1:]
    line_number = int(last) if part is _AddressPart.STREET and last.isdecimal() else 1
    return _AddressColumn(index, _get_group(header), part, part is _AddressPart.STREET and not is_line, line_number)


def _is_numbered_line(words: tuple[str, ...]) -> bool:
    """Return whether a header is a line of an address: `Address 2`, but not `Address 2 - City` of a second address."""
    return len(words) > 1 and words[-1].isdecimal() and words[-2] in ("address", "adresse", "addr")


def _get_group(header: str) -> tuple[int, int]:
    """Return the kind of an address, and its number in the file (1 for a header without a number)."""
    words = split_words(header)
    is_code = "code" in words  # `Postal Code` is not a postal address
    kind = next(
        (_KIND_BY_WORD[word] for word in words if word in _KIND_BY_WORD and not (is_code and word == "postal")), 0
    )
    number = next(
        (
            int(after)
            for word, after in pairwise(words)
            if word in ("address", "addr", "adresse") and after.isdecimal() and len(after) == 1 and words[-1] != after
        ),
        1,
    )
    return kind, number or 1


def _rank_completeness(candidates: Sequence[_AddressColumn], count_filled: Callable[[int], int]) -> int:
    """Return 0 for an address with a street, 1 for one with a town only, 2 for an empty one, 3 for no address."""
    local = [candidate for candidate in candidates if candidate.part in (_AddressPart.STREET, _AddressPart.CITY)]
    if not local:
        return _NO_ADDRESS
    if not any(count_filled(candidate.index) for candidate in local):
        return 2
    return (
        0 if any(candidate.part is _AddressPart.STREET and count_filled(candidate.index) for candidate in local) else 1
    )


def _choose_whole_or_parts(
    candidates: Sequence[_AddressColumn], count_filled: Callable[[int], int]
) -> list[_AddressColumn]:
    wholes = [candidate for candidate in candidates if candidate.is_whole]
    streets = [
        candidate
        for candidate in candidates
        if candidate.part is _AddressPart.STREET and not candidate.is_whole and candidate.line_number == 1
    ]
    if not wholes or not streets:
        return list(candidates)
    whole = max(wholes, key=lambda candidate: (count_filled(candidate.index), -candidate.index))
    if count_filled(whole.index) > max(count_filled(candidate.index) for candidate in streets):
        return [whole]
    return [candidate for candidate in candidates if not candidate.is_whole]
