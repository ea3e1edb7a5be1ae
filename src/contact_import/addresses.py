"""Which columns make up one address: of one kind, in the order in which an address is written."""

from collections.abc import Mapping, Sequence

from contact_import.headers import words_of
from contact_import.spellings import Role

# Best first. An address without a word in front is the person's.
_KINDS = ("", "home", "default", "primary", "address", "po", "mailing", "postal", "billing", "sa", "shipping")
_CITY = frozenset("city town suburb locality ort stadt wohnort ville ciudad citta plaats".split())
_STATE = frozenset("state province region county bundesland provincia".split())
_STREET = frozenset("street line1 line 1 address1 rue strasse calle straat".split())


def address_places(places: Mapping[Role, tuple[int, ...]], header: Sequence[str]) -> tuple[int, ...]:
    """Streets, city, state, country. A whole address in one cell gives way to its parts when they are there too."""
    indexes = (*places.get(Role.ADDRESS, ()), *places.get(Role.COUNTRY, ()))
    kinds: dict[str, list[int]] = {}
    for index in indexes:
        kinds.setdefault(_kind(header[index]), []).append(index)
    if not kinds:
        return ()
    # A bare `Country` or `State` is no address beside a whole `Home Street`.
    best = min(kinds, key=lambda kind: (not _has_street(kinds[kind], header), _KINDS.index(kind)))
    chosen = kinds[best]
    if any(_is_street(header[index]) for index in chosen):
        chosen = [index for index in chosen if not _is_whole(header[index]) or _part(header[index]) > 0]
    if not any(index in places.get(Role.COUNTRY, ()) for index in chosen):
        chosen = [*chosen, *(index for index in kinds.get("", ()) if index in places.get(Role.COUNTRY, ()))]
    return tuple(sorted(dict.fromkeys(chosen), key=lambda index: (_order(index, places, header), index)))


def _kind(header: str) -> str:
    first = words_of(header)[0] if words_of(header) else ""
    return first if first in _KINDS and len(words_of(header)) > 1 and first != "address" else ""


def _has_street(indexes: Sequence[int], header: Sequence[str]) -> bool:
    return any(_part(header[index]) == 0 for index in indexes)


def _is_street(header: str) -> bool:
    return bool(_STREET & set(words_of(header)))


def _is_whole(header: str) -> bool:
    words = set(words_of(header))
    return bool(words & {"address", "adresse", "formatted", "full"}) and not _is_street(header)


def _part(header: str) -> int:
    words = set(words_of(header))
    if words & _CITY:
        return 1
    return 2 if words & _STATE else 0


def _order(index: int, places: Mapping[Role, tuple[int, ...]], header: Sequence[str]) -> int:
    return 3 if index in places.get(Role.COUNTRY, ()) else _part(header[index])
