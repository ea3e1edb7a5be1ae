"""Which columns make up one address: of one kind, in the order in which an address is written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from contact_import.columns.header_match import words_of
from contact_import.columns.header_names import Role

_WORDS_OF_KINDS = (
    ("home", "privat", "prive", "domicile", "residential", "personal", "casa", "thuis"),
    ("default", "primary", "main", "current", "po", "mailing", "postal", "physical"),
    ("billing",),
    ("shipping", "sa", "delivery"),
    ("work", "business", "office", "company", "geschaftlich", "bureau", "trabajo", "lavoro", "werk"),
    ("other", "alternate", "alternative", "alt", "secondary", "second", "weitere", "autre"),
)
# An address without such a word is the person's.
_KINDS = {word: kind for kind, words in enumerate(_WORDS_OF_KINDS, 1) for word in words}
_CITY = frozenset(
    "city town suburb locality ort stadt wohnort ville ciudad citta plaats woonplaats localidad comune commune".split()
)
_STATE = frozenset("state province region county bundesland provincia provincie territory estado kanton".split())
_STREET = frozenset(
    "street line rue strasse calle straat address1 address2 address3 line1 line2 via streetaddress".split()
)


class _Part(IntEnum):
    STREET = 0
    CITY = 1
    STATE = 2
    COUNTRY = 3


@dataclass(frozen=True, slots=True)
class _Piece:
    index: int
    group: tuple[int, int]  # the kind of address, best first, and its number: `Address 2 - City`
    part: _Part
    is_whole: bool  # `Home Address`: all of it, unless nothing else has the street
    line: int  # `Home Address 2`: no street without the line before it


def address_places(
    places: Mapping[Role, Sequence[int]], header: Sequence[str], filled: Callable[[int], int]
) -> Mapping[Role, tuple[int, ...]]:
    """The address' parts and the postal code and country that belong to it. `filled` counts a column's cells.

    A whole address in one cell gives way to its parts, unless more rows have the whole one. A state or a country
    alone is no address.
    """
    countries = set(places.get(Role.COUNTRY, ()))
    indexes = _once((*places.get(Role.ADDRESS, ()), *places.get(Role.COUNTRY, ())), header)
    pieces = [_piece(index, header[index], countries) for index in indexes]
    grouped: dict[tuple[int, int], list[_Piece]] = {}
    for piece in pieces:
        grouped.setdefault(piece.group, []).append(piece)
    best = min(grouped, key=lambda group: (_poverty(grouped[group], filled), group), default=(0, 1))
    chosen = _without_repeats(grouped.get(best, []), filled)
    if _poverty(chosen, filled) == _NOTHING:
        chosen = []
    elif best != (0, 1) and not any(piece.part is _Part.COUNTRY for piece in chosen):
        chosen += [piece for piece in grouped.get((0, 1), ()) if piece.part is _Part.COUNTRY]
    ordered = sorted(chosen, key=lambda piece: (piece.part, piece.line, piece.index))
    own = [piece.index for piece in ordered if piece.part is _Part.COUNTRY]
    return {
        Role.ADDRESS: tuple(piece.index for piece in ordered),
        Role.COUNTRY: tuple(own) or _nearest(countries, header, best),
        Role.POSTAL_CODE: _nearest(places.get(Role.POSTAL_CODE, ()), header, best),
    }


def _once(indexes: Iterable[int], header: Sequence[str]) -> list[int]:
    """Of columns with the same header the first: MYOB calls the town of each address `- City`."""
    first: dict[tuple[str, ...], int] = {}
    for index in indexes:
        first.setdefault(words_of(header[index]), index)
    return list(first.values())


def _nearest(indexes: Iterable[int], header: Sequence[str], group: tuple[int, int]) -> tuple[int, ...]:
    ranked = sorted(indexes, key=lambda index: (_group(header[index]) != group, _group(header[index]), index))
    return tuple(ranked[:1])


def _piece(index: int, header: str, countries: set[int]) -> _Piece:
    words = set(words_of(header))
    if index in countries:
        part = _Part.COUNTRY
    elif words & _CITY:
        part = _Part.CITY
    else:
        part = _Part.STATE if words & _STATE and not words & _STREET else _Part.STREET
    is_line = bool(words & _STREET) or _is_numbered_line(words_of(header))
    last = words_of(header)[-1][-1:]
    line = int(last) if part is _Part.STREET and last.isdecimal() else 1
    return _Piece(index, _group(header), part, part is _Part.STREET and not is_line, line)


def _is_numbered_line(words: tuple[str, ...]) -> bool:
    """`Address 2` is the second line of an address, `Address 2 - City` a part of the second address."""
    return len(words) > 1 and words[-1].isdecimal() and words[-2] in ("address", "adresse", "addr")


def _group(header: str) -> tuple[int, int]:
    words = words_of(header)
    is_code = "code" in words  # `Postal Code` is nobody's kind of address
    kind = next((_KINDS[word] for word in words if word in _KINDS and not (is_code and word == "postal")), 0)
    number = next(
        (
            int(after)
            for word, after in pairwise(words)
            if word in ("address", "addr", "adresse") and after.isdecimal() and len(after) == 1 and words[-1] != after
        ),
        1,
    )
    return kind, number or 1


_NOTHING = 3


def _poverty(pieces: Sequence[_Piece], filled: Callable[[int], int]) -> int:
    """0 for an address with a street in it, 1 for one that has only a town, 2 for an empty one."""
    local = [piece for piece in pieces if piece.part in (_Part.STREET, _Part.CITY)]
    if not local:
        return _NOTHING
    if not any(filled(piece.index) for piece in local):
        return 2
    return 0 if any(piece.part is _Part.STREET and filled(piece.index) for piece in local) else 1


def _without_repeats(pieces: Sequence[_Piece], filled: Callable[[int], int]) -> list[_Piece]:
    wholes = [piece for piece in pieces if piece.is_whole]
    streets = [piece for piece in pieces if piece.part is _Part.STREET and not piece.is_whole and piece.line == 1]
    if not wholes or not streets:
        return list(pieces)
    whole = max(wholes, key=lambda piece: (filled(piece.index), -piece.index))
    if filled(whole.index) > max(filled(piece.index) for piece in streets):
        return [whole]
    return [piece for piece in pieces if not piece.is_whole]
