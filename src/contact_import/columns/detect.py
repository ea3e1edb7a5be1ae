"""Detect the content of each column of a file from its header, its values and a user's mapping.

`header_match` matches headers to roles, `inference` corrects the roles by the values, and `role_columns` orders the
columns of each role. `contacts.validate` reads the rows with the result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from types import MappingProxyType

from contact_import.columns.address_columns import drop_places_of_ip_address
from contact_import.columns.header_check import correct_consent_roles
from contact_import.columns.header_match import is_billing_header, match_role
from contact_import.columns.header_row import find_header_row, has_people, is_shifted, read_header
from contact_import.columns.inference import find_last_name_column, infer_unmapped_roles
from contact_import.columns.inferred_roles import NO_HEADER_WARNING, REPORT_FIELDS
from contact_import.columns.records.column_records import OtherRecord, lends_phone_to_payer
from contact_import.columns.records.number_states import NumberStates, find_number_states
from contact_import.columns.role_columns import (
    add_billing_names,
    find_phone_part_columns,
    find_phone_type_columns,
    group_columns_by_role,
    put_mapped_first,
)
from contact_import.columns.user_mapping import ColumnMapping
from contact_import.columns.value_types import ColumnProfile, profile_column
from contact_import.domain.consent import ConsentValues
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.roles import CONSENT_ROLES, NAME_ROLES, Role
from contact_import.domain.row import Row
from contact_import.fields.birthday import DateOrder

_SKIPPED_PEOPLE_WARNING = RowWarning("file", "the people above the header have no phone column and were not imported")
_SHIFTED_WARNING = RowWarning("file", "the header has one cell less than the rows; the first column has no name")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file, in the form of result.json. `field` is None for an ignored column."""

    header: str
    field: str | None


@dataclass(frozen=True, slots=True)
class Columns:
    """The content of a file's columns. Indexes count the cells of a row from 0.

    - `header_line`: the line of the header, None for a file without a header
    - `role_indexes`: the columns of each role, best first; a role without a column is absent
    - `phone_type_indexes`: for a phone, the column with its type (`Mobile`, `Work Fax`)
    - `warnings`: what was inferred about the file as a whole
    - `billing_name_indexes`: the names on a bill, which are used in rows without another name
    - `other_records`: the columns of people who are the contact in some rows only
    - `consent_values`: for a consent column, the verdicts of values in the user's mapping, folded by `fold_value`
    - `phone_part_indexes`: for a phone, the columns with its country or calling code, and with its area code
    - `number_states`: for a phone, the column with the state of its number, and the kind of that column
    - `report_indexes`: the columns that an earlier import added, by name, if the file is a failed.csv
    - `date_order`: the order of day and month in the birthdays of the first upload, if the file is a failed.csv
    """

    header_line: int | None
    columns: tuple[Column, ...]
    role_indexes: Mapping[Role, tuple[int, ...]]
    phone_type_indexes: Mapping[int, int] = MappingProxyType({})
    warnings: tuple[RowWarning, ...] = ()
    billing_name_indexes: frozenset[int] = frozenset()
    other_records: tuple[OtherRecord, ...] = ()
    consent_values: Mapping[int, ConsentValues] = MappingProxyType({})
    phone_part_indexes: Mapping[int, tuple[int | None, int | None]] = MappingProxyType({})
    report_indexes: Mapping[str, int] = MappingProxyType({})
    date_order: DateOrder = DateOrder.UNKNOWN
    number_states: NumberStates = MappingProxyType({})

    @property
    def header(self) -> tuple[str, ...]:
        """Return the headers of all columns."""
        return tuple(column.header for column in self.columns)

    @property
    def has_phones(self) -> bool:
        """Return whether a row can have a phone: that of the contact, or of a receiver who is the same person."""
        lenders = (lends_phone_to_payer(record, self.header) for record in self.other_records)
        return Role.PHONE in self.role_indexes or any(lenders)


def detect_columns(
    rows: Sequence[Row], *, region: str = "AU", mapping: ColumnMapping | None = None, has_header: bool = False
) -> tuple[Columns, int]:
    """Detect the columns from a file's first rows. Also return the number of leading rows to skip (preamble, header).

    `region` is the ISO country of national phone numbers. A user's `mapping` outranks headers and values. Raise
    FileError when it cannot be for this file. With `has_header` the first row is the header and all others are data.
    The result may have no phone column: the caller must check `has_phones`.
    """
    if has_header:
        return add_consent_values(_detect_with_header(rows[0], rows[1:], region, mapping), mapping), 1
    header_index = mapping.find_header_row(rows, region) if mapping else None
    header_index = find_header_row(rows, region) if header_index is None else header_index
    if header_index is None:
        return add_consent_values(_detect_without_header(rows, region, mapping), mapping), 0
    header, skip = read_header(rows, header_index, region)
    warnings = [_SKIPPED_PEOPLE_WARNING] if has_people(rows[:header_index], region) else []
    if is_shifted(header, rows[skip:], region):
        header = header._replace(cells=("", *header.cells))
        warnings.append(_SHIFTED_WARNING)
    columns = add_consent_values(_detect_with_header(header, rows[skip:], region, mapping), mapping)
    return replace(columns, warnings=(*warnings, *columns.warnings)), skip


def add_consent_values(columns: Columns, mapping: ColumnMapping | None) -> Columns:
    """Return the columns with the verdicts that the mapping gives to values of consent."""
    if not mapping or not mapping.consent_values:
        return columns
    indexes = [index for role in CONSENT_ROLES for index in columns.role_indexes.get(role, ())]
    header = columns.header if columns.header_line is not None else [""] * len(columns.columns)
    values = mapping.resolve_consent_values(header, indexes)
    # A state whose values the user settled is an answer of the person.
    states = {phone: state for phone, state in columns.number_states.items() if state[0] not in values}
    return replace(columns, consent_values=values, number_states=MappingProxyType(states))


def _detect_with_header(header_row: Row, data: Sequence[Row], region: str, mapping: ColumnMapping | None) -> Columns:
    """Match each header to a role, correct the roles by the values below it, and order the columns of each role."""
    header = header_row.cells
    explicit_roles = mapping.resolve_roles(header) if mapping else {}
    profiles = _profile_columns(data, len(header), region)
    inferred = infer_unmapped_roles(
        header,
        profiles,
        drop_places_of_ip_address(header, [match_role(name) for name in header]),
        mapping,
        explicit_roles,
    )
    last_name_index = find_last_name_column(header, inferred.roles, [row.cells for row in data])
    if last_name_index is not None and last_name_index not in explicit_roles:
        inferred.roles[last_name_index] = Role.LAST_NAME
    corrected = correct_consent_roles(header, inferred.roles, [row.cells for row in data])
    inferred.roles = [explicit_roles.get(index, role) for index, role in enumerate(corrected)]
    role_indexes = group_columns_by_role(header, inferred.roles, lambda index: profiles[index].filled_count)
    role_indexes = put_mapped_first(
        add_billing_names(role_indexes, header, list(map(match_role, header))), explicit_roles
    )
    name_indexes = chain.from_iterable(role_indexes.get(role, ()) for role in NAME_ROLES)
    return Columns(
        header_row.number,
        build_columns(header, role_indexes, inferred.other_records),
        role_indexes,
        find_phone_type_columns(role_indexes, header),
        (*inferred.warnings, *(mapping.build_missing_column_warnings(header) if mapping else ())),
        frozenset(index for index in name_indexes if is_billing_header(header[index])),
        inferred.other_records,
        phone_part_indexes=find_phone_part_columns(
            role_indexes,
            header,
            [index for record in inferred.other_records for index in record.get_indexes(Role.PHONE)],
        ),
        number_states=find_number_states(role_indexes, header),
    )


def _detect_without_header(rows: Sequence[Row], region: str, mapping: ColumnMapping | None) -> Columns:
    """Detect the columns from their values alone."""
    width = max((len(row.cells) for row in rows), default=0)
    header = [""] * width
    explicit_roles = mapping.resolve_roles(header) if mapping else {}
    profiles = _profile_columns(rows, width, region)
    inferred = infer_unmapped_roles(header, profiles, [None] * width, mapping, explicit_roles)
    role_indexes = group_columns_by_role(header, inferred.roles, lambda index: profiles[index].filled_count)
    role_indexes = put_mapped_first(role_indexes, explicit_roles)
    unique_roles = {role for role in inferred.roles if inferred.roles.count(role) == 1}
    # These names become the header of failed.csv, and match the same roles when that is uploaded again.
    names = [
        role.value if role in unique_roles and role else f"column {number}"
        for number, role in enumerate(inferred.roles, 1)
    ]
    missing = mapping.build_missing_column_warnings(header) if mapping else ()
    warnings = (*((NO_HEADER_WARNING,) if width else ()), *missing)
    return Columns(
        None,
        build_columns(names, role_indexes),
        role_indexes,
        warnings=warnings,
        phone_part_indexes=find_phone_part_columns(role_indexes, header),
    )


def _profile_columns(rows: Sequence[Row], width: int, region: str) -> list[ColumnProfile]:
    # A cell takes up to 0.3 ms to classify, so 3,000 cells take about a second. A file may have 1,000 columns.
    sample_size = max(5, min(60, 3000 // (width or 1)))
    return [
        profile_column((row.cells[index] for row in rows if index < len(row.cells)), region, sample_size=sample_size)
        for index in range(width)
    ]


def build_columns(
    header: Sequence[str], role_indexes: Mapping[Role, tuple[int, ...]], other_records: Sequence[OtherRecord] = ()
) -> tuple[Column, ...]:
    """Return the columns in the form of result.json, including those of `other_records`, which some rows use."""
    lent = [
        (role, record.get_indexes(role))
        for record in other_records
        for role in record.list_lent_roles(has_own_phone=Role.PHONE in role_indexes)
    ]
    field_by_index = {
        index: REPORT_FIELDS.get(role, role.value)
        for role, indexes in (*lent, *role_indexes.items())
        if role not in (Role.COUNTRY, Role.EMAIL)
        for index in indexes
    }
    for index in role_indexes.get(Role.EMAIL, ()):
        field_by_index.setdefault(index, Role.EMAIL.value)  # `Email / Phone` is reported as a phone
    return tuple(Column(name, field_by_index.get(index)) for index, name in enumerate(header))
