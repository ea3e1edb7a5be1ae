"""Which column of a file holds what."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from contact_import.addresses import address_places
from contact_import.headers import phone_rank, role_of, words_of
from contact_import.looks import Look, look_of
from contact_import.outcomes import Caution
from contact_import.rows import Row
from contact_import.spellings import Role

_HEADER_WITHIN = 30
_SHOWN = {
    Role.FULL_NAME: "name",
    Role.CONSENT: "consent",
    Role.OPT_OUT: "consent",
    Role.STATUS: "consent",
    Role.BIRTH_YEAR: "birthday",
    Role.BIRTH_MONTH: "birthday",
    Role.BIRTH_DAY: "birthday",
    Role.COUNTRY: "address",
    Role.TITLE: "gender",
}
_CONSENTS = (Role.CONSENT, Role.OPT_OUT, Role.STATUS)
_SEVERAL = frozenset({Role.PHONE, Role.EMAIL, Role.ADDRESS, Role.COUNTRY, Role.TAGS, Role.LISTS, *_CONSENTS})


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
    index of a phone the index of the cell that says what kind it is. `cautions` are guesses about the whole file.
    """

    header_line: int | None
    columns: tuple[Column, ...]
    places: Mapping[Role, tuple[int, ...]]
    phone_types: Mapping[int, int] = MappingProxyType({})
    cautions: tuple[Caution, ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.header for column in self.columns)


def understand(rows: Sequence[Row], *, region: str = "AU") -> tuple[Columns, int]:
    """The columns by the file's first rows, and how many of these are not data: a preamble and the header.

    Whether there is a column of phones at all is for the caller to see: `Role.PHONE in columns.places`.
    """
    at = _header_at(rows, region)
    if at is None:
        return _without_header(rows, region), 0
    header = rows[at].cells
    skip = at + 1
    while skip < len(rows) and [words_of(cell) for cell in rows[skip].cells] == [words_of(cell) for cell in header]:
        skip += 1  # some tools write the header twice
    looks = _looks(rows[skip:], len(header), region)
    roles = [role_of(cell) for cell in header]
    if any(roles):
        roles, cautions = _overruled(roles, header, looks)
    else:  # a language that the table does not know
        roles, cautions = _by_looks(looks, header)
    return _columns(rows[at].number, header, _surname(roles, header, rows[skip:]), cautions), skip


def _header_at(rows: Sequence[Row], region: str) -> int | None:
    """The row that names most roles, among the first ones, if it names any; or a first row that is no data."""
    best, best_score = None, 0
    for at, row in enumerate(rows[:_HEADER_WITHIN]):
        if any(look_of(cell, region) in (Look.PHONE, Look.EMAIL) for cell in row.cells):
            continue
        roles = {role for cell in row.cells if (role := role_of(cell))}
        filled = sum(1 for cell in row.cells if cell.strip())
        score = len(roles) + 2 * (Role.PHONE in roles)
        if score > best_score and len(roles) * 8 >= filled:
            best, best_score = at, score
    if best is not None or not rows:
        return best
    return _unknown_header_at(rows, region)


def _unknown_header_at(rows: Sequence[Row], region: str) -> int | None:
    """The last row before the data, when the data has phones or e-mails and that row has none."""
    for at, row in enumerate(rows[:_HEADER_WITHIN]):
        if any(look_of(cell, region) in (Look.PHONE, Look.EMAIL) for cell in row.cells):
            return at - 1 if at and sum(1 for cell in rows[at - 1].cells if cell.strip()) > 1 else None
    return None


def _without_header(rows: Sequence[Row], region: str) -> Columns:
    width = max((len(row.cells) for row in rows), default=0)
    looks = _looks(rows, width, region)
    roles, _ = _by_looks(looks, [""] * width)
    names = tuple(role.value if role and roles.count(role) == 1 else f"column {n}" for n, role in enumerate(roles, 1))
    caution = (Caution("row", "the file has no header: its columns were recognised by their values"),)
    return _columns(None, names, roles, caution if width else ())


def _looks(rows: Sequence[Row], width: int, region: str) -> list[Mapping[Look, float]]:
    """For each column the share of its filled cells that look like something."""
    shares: list[Mapping[Look, float]] = []
    for index in range(width):
        looks = [look_of(row.cells[index], region) for row in rows if index < len(row.cells)]
        filled = Counter(look for look in looks if look is not Look.EMPTY)
        shares.append({look: count / filled.total() for look, count in filled.items()})
    return shares


def _overruled(
    roles: list[Role | None], header: Sequence[str], looks: Sequence[Mapping[Look, float]]
) -> tuple[list[Role | None], tuple[Caution, ...]]:
    """Headers that their values contradict: e-mails under Name, phones under Address."""
    cautions: list[Caution] = []
    for index, role in enumerate(roles):
        share = looks[index]
        if share.get(Look.EMAIL, 0) > 0.8 and role not in (None, Role.EMAIL) and not _is_both(header[index]):
            roles[index] = None if Role.EMAIL in roles else Role.EMAIL
        elif role is Role.PHONE and share.get(Look.EMAIL, 0) + share.get(Look.WORD, 0) >= 1 and len(share) > 1:
            roles[index] = None if _phones_elsewhere(roles, index, looks) else role
        else:
            continue
        if roles[index] is not role:
            cautions.append(Caution("row", "a column's values contradict its header; the values decided"))
    if Role.PHONE not in roles:
        for index, share in enumerate(looks):
            if share.get(Look.PHONE, 0) >= 0.5 and not header[index].startswith("_") and not _is_decoy(header[index]):
                roles[index] = Role.PHONE
                cautions.append(Caution("phone_number", "the column was recognised by its values"))
                break
    return roles, tuple(dict.fromkeys(cautions))


def _phones_elsewhere(roles: Sequence[Role | None], index: int, looks: Sequence[Mapping[Look, float]]) -> bool:
    return any(
        share.get(Look.PHONE, 0) >= 0.6 and roles[other] in (None, Role.PHONE, Role.ADDRESS)
        for other, share in enumerate(looks)
        if other != index
    )


def _is_both(header: str) -> bool:
    """`Email / Phone`: a cell may hold either, or both."""
    words = set(words_of(header))
    return bool(words & {"phone", "mobile"}) and bool(words & {"email", "mail"})


def _is_decoy(header: str) -> bool:
    words = set(words_of(header))
    decoys = {
        "id",
        "fax",
        "pager",
        "ip",
        "abn",
        "acn",
        "order",
        "date",
        "spouse",
        "partner",
        "emergency",
        "kin",
        "owner",
    }
    return bool(words & decoys)


def _by_looks(
    looks: Sequence[Mapping[Look, float]], header: Sequence[str]
) -> tuple[list[Role | None], tuple[Caution, ...]]:
    """Phones and e-mails by their values; names where words stand alone."""
    roles: list[Role | None] = [None] * len(looks)
    for index, share in enumerate(looks):
        if share.get(Look.PHONE, 0) >= 0.6:
            roles[index] = Role.PHONE
        elif share.get(Look.EMAIL, 0) >= 0.8:
            roles[index] = Role.EMAIL
    if Role.PHONE not in roles:
        return roles, ()
    names = [n for n, share in enumerate(looks) if share.get(Look.NAME, 0) >= 0.8 and not role_of(header[n])]
    words = [n for n, share in enumerate(looks) if share.get(Look.WORD, 0) >= 0.8 and not role_of(header[n])]
    if names and (not words or names[0] < words[0]):
        roles[names[0]] = Role.FULL_NAME
    elif len(words) >= 2 and words[1] == words[0] + 1:
        roles[words[0]], roles[words[1]] = Role.FIRST_NAME, Role.LAST_NAME
    elif words:
        roles[words[0]] = Role.FIRST_NAME
    return roles, (Caution("row", "the headers are in no known language: the values decided"),)


def _surname(roles: list[Role | None], header: Sequence[str], rows: Iterable[Row]) -> list[Role | None]:
    """`Vorname;Name` and `Prénom;Nom`: a name beside a first name that does not repeat it is the last name."""
    if Role.FIRST_NAME not in roles or Role.LAST_NAME in roles or Role.FULL_NAME not in roles:
        return roles
    first, full = roles.index(Role.FIRST_NAME), roles.index(Role.FULL_NAME)
    pairs = [(row.cells[first].strip(), row.cells[full].strip()) for row in rows if len(row.cells) > max(first, full)]
    if not any(one and one in whole for one, whole in pairs) and words_of(header[full]) in (
        ("name",),
        ("nom",),
    ):
        roles[full] = Role.LAST_NAME
    return roles


def _columns(
    line: int | None, header: Sequence[str], roles: Sequence[Role | None], cautions: tuple[Caution, ...]
) -> Columns:
    places: dict[Role, tuple[int, ...]] = {}
    for index, role in enumerate(roles):
        if role and (role in _SEVERAL or role not in places):
            places[role] = (*places.get(role, ()), index)
    if Role.BIRTH_YEAR not in places and Role.BIRTHDAY not in places and Role.BIRTH_DAY in places:
        places[Role.BIRTHDAY] = places.pop(Role.BIRTH_DAY)
    if Role.PHONE in places:
        places.setdefault(Role.EMAIL, tuple(index for index in places[Role.PHONE] if _is_both(header[index])))
        places[Role.PHONE] = tuple(sorted(places[Role.PHONE], key=lambda index: phone_rank(header[index])))
    _keep_sms_consent(places, header)
    if address := address_places(places, header):
        places[Role.ADDRESS] = address
    places = {role: indexes for role, indexes in places.items() if indexes}
    used = {index: _SHOWN.get(role, role.value) for role, indexes in places.items() for index in indexes}
    columns = tuple(Column(name, used.get(index)) for index, name in enumerate(header))
    return Columns(line, columns, MappingProxyType(places), _phone_types(places, header), cautions)


def _keep_sms_consent(places: dict[Role, tuple[int, ...]], header: Sequence[str]) -> None:
    """A column about SMS alone decides over one about marketing at large."""
    about_sms = {index for role in _CONSENTS for index in places.get(role, ()) if _is_about_sms(header[index])}
    for role in _CONSENTS if about_sms else ():
        kept = tuple(index for index in places.pop(role, ()) if index in about_sms)
        if kept:
            places[role] = kept


def _is_about_sms(header: str) -> bool:
    return bool({"sms", "text"} & set(words_of(header)))


def _phone_types(places: Mapping[Role, tuple[int, ...]], header: Sequence[str]) -> Mapping[int, int]:
    """Google's `Phone 1 - Type` (or Label) beside `Phone 1 - Value`."""
    kinds = {
        words_of(name)[:-1]: index
        for index, name in enumerate(header)
        if words_of(name)[-1:] in (("type",), ("label",)) and "phone" in words_of(name)
    }
    return {
        index: kinds[words_of(header[index])[:-1]]
        for index in places.get(Role.PHONE, ())
        if words_of(header[index])[-1:] == ("value",) and words_of(header[index])[:-1] in kinds
    }
