"""Arrange people as the rows of a table: one validator serves webhooks and files, and both follow the same rules."""

from collections.abc import Iterator, Sequence

from contact_import.columns.detect import Column, Columns
from contact_import.columns.role_columns import find_phone_part_columns
from contact_import.domain.person import Person, PersonField
from contact_import.domain.roles import CONSENT_ROLES, Role
from contact_import.domain.row import Row

_REPORT_FIELDS = {
    Role.FULL_NAME: "name",
    Role.TITLE: "gender",
    Role.COUNTRY: "address",
    Role.BIRTH_YEAR: "birthday",
    Role.BIRTH_MONTH: "birthday",
    Role.BIRTH_DAY: "birthday",
    Role.CONSENT: "consent",
    Role.OPT_OUT: "consent",
    Role.STATUS: "consent",
}
_STANDALONE_PREFIX = "alone "


def build_person_table(people: Sequence[Person]) -> tuple[Columns, tuple[Row, ...]]:
    """Return one row for each person, numbered from 1 as in the delivery, and columns that fit all of them.

    The first phone of each person is in the first column of phones, whatever the labels are: a person with `mobile`
    and one with `phone` share a column, whose header is the first label.
    """
    indexes: dict[tuple[Role | None, str], int] = {}
    headers: list[str] = []
    rows = []
    for number, person in enumerate(people, start=1):
        cells: dict[int, str] = {}
        for column_key, field in _assign_columns(person):
            if column_key not in indexes:
                indexes[column_key] = len(headers)
                headers.append(field.label or (field.role or "value"))
            cells[indexes[column_key]] = field.value
        rows.append((number, cells))
    columns_by_role: dict[Role, tuple[int, ...]] = {}
    for (role, rank), index in sorted(indexes.items(), key=lambda item: (item[0][0] is Role.COUNTRY, item[0][1])):
        if role:
            columns_by_role[role] = (*columns_by_role.get(role, ()), index)
        if role is Role.COUNTRY and not rank.startswith(_STANDALONE_PREFIX):
            columns_by_role[Role.ADDRESS] += (index,)
    field_names = {index: _REPORT_FIELDS.get(role, role.value) for (role, _), index in indexes.items() if role}
    columns = tuple(Column(name, field_names.get(index)) for index, name in enumerate(headers))
    width = len(headers)
    parts = find_phone_part_columns(columns_by_role, headers)
    return Columns(1, columns, columns_by_role, phone_part_indexes=parts), tuple(
        Row(number, tuple(cells.get(index, "") for index in range(width))) for number, cells in rows
    )


def _assign_columns(person: Person) -> Iterator[tuple[tuple[Role | None, str], PersonField]]:
    """Yield each field with the key of its column: role and rank, or the label if it has no role.

    The second phone of a person has the key (Role.PHONE, "00002").
    """
    counts: dict[tuple[Role, str], int] = {}
    has_address = any(field.role is Role.ADDRESS for field in person.fields)
    for field in person.fields:
        if field.role is None:
            yield (None, field.label), field
        else:
            # The meaning of a consent depends on its label: people share its column only if their labels are equal.
            key = (field.role, field.label if field.role in CONSENT_ROLES else "")
            counts[key] = rank = counts.get(key, 0) + 1
            # A country alone is no address: its column is not one of those that end an address.
            is_standalone = field.role is Role.COUNTRY and not has_address
            yield (field.role, f"{_STANDALONE_PREFIX if is_standalone else ''}{rank:05}{key[1]}"), field
