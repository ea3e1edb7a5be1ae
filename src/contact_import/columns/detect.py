"""Which column of a file holds what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from contact_import.columns import header_match
from contact_import.columns.address_columns import address_places
from contact_import.columns.header_match import (
    is_about_sms,
    is_of_guest,
    is_of_payer,
    is_phone_and_email,
    phone_rank,
    words_of,
)
from contact_import.columns.header_names import Role
from contact_import.columns.header_row import header_at, heading_at
from contact_import.columns.inference import NO_HEADER, Guesses, surname, weigh
from contact_import.columns.user_mapping import Told
from contact_import.columns.value_types import Looks, looks_of
from contact_import.domain.outcomes import Caution
from contact_import.files.csv_rows import Row

_SHOWN = {
    Role.FULL_NAME: "name",
    Role.CONSENT: "consent",
    Role.OPT_OUT: "consent",
    Role.STATUS: "consent",
    Role.BIRTH_YEAR: "birthday",
    Role.BIRTH_MONTH: "birthday",
    Role.BIRTH_DAY: "birthday",
    Role.TITLE: "gender",
}
NAMES = (Role.FIRST_NAME, Role.LAST_NAME, Role.FULL_NAME)
_CONSENTS = (Role.CONSENT, Role.OPT_OUT, Role.STATUS)
_SEVERAL = frozenset({Role.PHONE, Role.EMAIL, Role.ADDRESS, Role.COUNTRY, Role.POSTAL_CODE, Role.TAGS, Role.LISTS})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file, as result.json tells of it. `field` is None for one that is left out."""

    header: str
    field: str | None


@dataclass(frozen=True, slots=True)
class Columns:
    """What was understood of the file's columns.

    `header_line` is the line of the header, None when the file has none. `places` gives for each role the
    indexes of its cells in a row, best first; a role that no column has is absent. `phone_types` gives for the
    index of a phone the index of the cell that says what kind it is. `payers` are those of the names that stand on a
    bill, for rows without any other. `cautions` are guesses about the whole file.
    """

    header_line: int | None
    columns: tuple[Column, ...]
    places: Mapping[Role, tuple[int, ...]]
    phone_types: Mapping[int, int] = MappingProxyType({})
    cautions: tuple[Caution, ...] = ()
    payers: frozenset[int] = frozenset()

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.header for column in self.columns)


def understand(
    rows: Sequence[Row],
    *,
    region: str = "AU",
    role_of: Callable[[str], Role | None] = header_match.role_of,
    told: Told | None = None,
) -> tuple[Columns, int]:
    """The columns by the file's first rows, and how many of these are not data: a preamble and the header.

    What a person `told` of them beats what is guessed; raise FileError when that cannot be of this file. Whether
    there is a column of phones at all is for the caller to see: `Role.PHONE in columns.places`.
    """
    at = told.heading_at(rows, region) if told else None
    at = heading_at(rows, region, role_of) if at is None else at
    if at is None:
        return _without_header(rows, region, told), 0
    heading, skip = header_at(rows, at, region, role_of)
    header, data = heading.cells, rows[skip:]
    known = told.places(header) if told else {}
    looks = _looks(data, len(header), region)
    guesses = _weighed(header, looks, [role_of(name) for name in header], told, known)
    if (last := surname(header, guesses.roles, [row.cells for row in data])) is not None and last not in known:
        guesses.roles[last] = Role.LAST_NAME
    places = _with_payers(arrange(header, guesses.roles, lambda index: looks[index].filled), header, guesses.roles)
    places = _with_told(places, known)
    columns = _shown(header, places)
    cautions = (*guesses.cautions, *(told.cautions(header) if told else ()))
    payers = frozenset(one for role in NAMES for one in places.get(role, ()) if is_of_payer(header[one]))
    return Columns(heading.number, columns, places, _phone_types(places, header), cautions, payers), skip


def _without_header(rows: Sequence[Row], region: str, told: Told | None) -> Columns:
    width = max((len(row.cells) for row in rows), default=0)
    nameless = [""] * width
    known = told.places(nameless) if told else {}
    looks = _looks(rows, width, region)
    guesses = _weighed(nameless, looks, [None] * width, told, known)
    places = _with_told(arrange(nameless, guesses.roles, lambda index: looks[index].filled), known)
    once = {role for role in guesses.roles if guesses.roles.count(role) == 1}
    # The names that a corrected failed.csv will have as its header.
    names = tuple(role.value if role in once and role else f"column {n}" for n, role in enumerate(guesses.roles, 1))
    cautions = ((NO_HEADER,) if width else ()) + tuple(told.cautions(nameless) if told else ())
    return Columns(None, _shown(names, places), places, cautions=cautions)


def _weighed(
    header: Sequence[str],
    looks: Sequence[Looks],
    roles: Sequence[Role | None],
    told: Told | None,
    known: Mapping[int, Role | None],
) -> Guesses:
    """The guesses about the columns of which nobody told anything, and what was told of the others."""
    if not told:
        return weigh(header, looks, roles)
    guesses = weigh(
        ["" if index in known else name for index, name in enumerate(header)],
        [Looks() if index in known else one for index, one in enumerate(looks)],
        [None if index in known else role for index, role in enumerate(roles)],
    )
    settled = told.settled
    guesses.roles = [known.get(index, None if role in settled else role) for index, role in enumerate(guesses.roles)]
    fields = {_SHOWN.get(role, role.value) for role in settled}
    guesses.cautions = {one: None for one in guesses.cautions if one.field not in fields}
    return guesses


def _with_told(
    places: Mapping[Role, tuple[int, ...]], known: Mapping[int, Role | None]
) -> Mapping[Role, tuple[int, ...]]:
    """What was told of stands first, in the order in which it was told; a country is a part of the address, too."""
    ordered: dict[Role, tuple[int, ...]] = {}
    for index, role in known.items():
        for one in (role, Role.ADDRESS) if role is Role.COUNTRY else (role,) if role else ():
            ordered[one] = (*ordered.get(one, ()), index)
    for role, indexes in places.items():
        rest = (index for index in indexes if index not in known or role is Role.EMAIL)
        ordered[role] = tuple(dict.fromkeys((*ordered.get(role, ()), *rest)))
    return MappingProxyType({role: indexes for role, indexes in ordered.items() if indexes})


def _looks(rows: Sequence[Row], width: int, region: str) -> list[Looks]:
    most = max(5, min(60, 3000 // (width or 1)))  # a look takes up to 0.3 ms, and a file may have 1,000 columns
    return [
        looks_of((row.cells[index] for row in rows if index < len(row.cells)), region, most=most)
        for index in range(width)
    ]


def arrange(
    header: Sequence[str], roles: Sequence[Role | None], filled: Callable[[int], int]
) -> Mapping[Role, tuple[int, ...]]:
    """The places of each role, best first, when the roles are known. `filled` counts a column's cells."""
    places: dict[Role, tuple[int, ...]] = {}
    for index, role in enumerate(roles):
        if role and (role in _SEVERAL or role in _CONSENTS or role not in places):
            places[role] = (*places.get(role, ()), index)
    phones = sorted(places.get(Role.PHONE, ()), key=lambda index: phone_rank(header[index]))
    both = tuple(index for index in phones if is_phone_and_email(header[index]))
    places[Role.PHONE] = tuple(phones)
    places.setdefault(Role.EMAIL, both)
    if not any(role in places for role in (Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTHDAY)):
        places[Role.BIRTHDAY] = places.pop(Role.BIRTH_DAY, ())  # `Birth day` may be the whole of it
    places |= address_places(places, header, filled)
    _keep_sms_consent(places, header)
    return MappingProxyType({role: indexes for role, indexes in places.items() if indexes})


def _with_payers(
    places: Mapping[Role, tuple[int, ...]], header: Sequence[str], roles: Sequence[Role | None]
) -> Mapping[Role, tuple[int, ...]]:
    """Behind `First Name`, which may be empty, the `Billing First Name`: who pays for a guest is another person."""
    held = {role: places[role] for role in NAMES if role in places}
    if any(is_of_guest(header[index]) for indexes in held.values() for index in indexes):
        return places
    payers = [index for index, role in enumerate(roles) if role in held and is_of_payer(header[index])]
    for index in payers:
        role = roles[index]
        if role and not any(is_of_payer(header[other]) for other in held[role]):
            held[role] = (*held[role], index)
    return {**places, **held}


def _keep_sms_consent(places: dict[Role, tuple[int, ...]], header: Sequence[str]) -> None:
    """A column about SMS alone decides over one about marketing at large, but not over `Do not contact`."""
    consents = [index for role in _CONSENTS for index in places.get(role, ())]
    if any(is_about_sms(header[index]) for index in consents):
        for role in _CONSENTS:
            places[role] = tuple(
                index for index in places.get(role, ()) if is_about_sms(header[index]) or _is_final(header[index])
            )


def _is_final(header: str) -> bool:
    return bool({"contact", "disturb", "message", "blocked", "deleted"} & set(words_of(header)))


def _shown(header: Sequence[str], places: Mapping[Role, tuple[int, ...]]) -> tuple[Column, ...]:
    used = {
        index: _SHOWN.get(role, role.value)
        for role, indexes in places.items()
        if role not in (Role.COUNTRY, Role.EMAIL)
        for index in indexes
    }
    for index in places.get(Role.EMAIL, ()):
        used.setdefault(index, Role.EMAIL.value)  # `Email / Phone` is first of all a phone
    return tuple(Column(name, used.get(index)) for index, name in enumerate(header))


def _phone_types(places: Mapping[Role, tuple[int, ...]], header: Sequence[str]) -> Mapping[int, int]:
    """Google's `Phone 1 - Type` (or Label) beside `Phone 1 - Value`."""
    kinds = {
        words_of(name)[:-1]: index
        for index, name in enumerate(header)
        if words_of(name)[-1:] in (("type",), ("label",)) and "phone" in words_of(name)
    }
    return MappingProxyType(
        {
            index: kinds[words_of(header[index])[:-1]]
            for index in places.get(Role.PHONE, ())
            if words_of(header[index])[-1:] == ("value",) and words_of(header[index])[:-1] in kinds
        }
    )
