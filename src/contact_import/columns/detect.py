"""Which column of a file holds what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from contact_import.columns import header_match
from contact_import.columns.address_columns import find_address_columns
from contact_import.columns.header_match import (
    is_about_sms,
    is_attendee_header,
    is_billing_header,
    is_phone_and_email,
    rank_phone_header,
    split_words,
)
from contact_import.columns.header_row import find_header_row, read_header
from contact_import.columns.inference import NO_HEADER_WARNING, InferredRoles, find_last_name_column, infer_roles
from contact_import.columns.user_mapping import ColumnMapping
from contact_import.columns.value_types import ColumnProfile, profile_column
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.roles import CONSENT_ROLES, NAME_ROLES, Role
from contact_import.domain.row import Row

_REPORT_FIELDS = {
    Role.FULL_NAME: "name",
    Role.CONSENT: "consent",
    Role.OPT_OUT: "consent",
    Role.STATUS: "consent",
    Role.BIRTH_YEAR: "birthday",
    Role.BIRTH_MONTH: "birthday",
    Role.BIRTH_DAY: "birthday",
    Role.TITLE: "gender",
}
_MULTI_COLUMN_ROLES = frozenset(
    {Role.PHONE, Role.EMAIL, Role.ADDRESS, Role.COUNTRY, Role.POSTAL_CODE, Role.TAGS, Role.LISTS}
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file, as result.json tells of it. `field` is None for one that is left out."""

    header: str
    field: str | None


@dataclass(frozen=True, slots=True)
class Columns:
    """What was understood of the file's columns.

    `header_line` is the line of the header, None when the file has none. `role_indexes` gives for each role the
    indexes of its cells in a row, best first; a role that no column has is absent. `phone_type_indexes` gives for the
    index of a phone the index of the cell that says what kind it is. `billing_name_indexes` are those of the names
    that stand on a
    bill, for rows without any other. `warnings` are guesses about the whole file.
    """

    header_line: int | None
    columns: tuple[Column, ...]
    role_indexes: Mapping[Role, tuple[int, ...]]
    phone_type_indexes: Mapping[int, int] = MappingProxyType({})
    warnings: tuple[RowWarning, ...] = ()
    billing_name_indexes: frozenset[int] = frozenset()

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.header for column in self.columns)


def detect_columns(
    rows: Sequence[Row],
    *,
    region: str = "AU",
    match_role: Callable[[str], Role | None] = header_match.match_role,
    mapping: ColumnMapping | None = None,
) -> tuple[Columns, int]:
    """The columns by the file's first rows, and how many of these are not data: a preamble and the header.

    What the user `mapping` says of them beats what is guessed; raise FileError when that cannot be of this file.
    Whether
    there is a column of phones at all is for the caller to see: `Role.PHONE in columns.places`.
    """
    header_index = mapping.find_header_row(rows, region) if mapping else None
    header_index = find_header_row(rows, region, match_role) if header_index is None else header_index
    if header_index is None:
        return _detect_without_header(rows, region, mapping), 0
    header_row, skip = read_header(rows, header_index, region, match_role)
    header, data = header_row.cells, rows[skip:]
    explicit_roles = mapping.resolve_roles(header) if mapping else {}
    profiles = _profile_columns(data, len(header), region)
    inferred = _infer_unmapped_roles(header, profiles, [match_role(name) for name in header], mapping, explicit_roles)
    if (
        last_name_index := find_last_name_column(header, inferred.roles, [row.cells for row in data])
    ) is not None and last_name_index not in explicit_roles:
        inferred.roles[last_name_index] = Role.LAST_NAME
    role_indexes = _add_billing_names(
        group_columns_by_role(header, inferred.roles, lambda index: profiles[index].filled_count),
        header,
        inferred.roles,
    )
    role_indexes = _apply_mapping(role_indexes, explicit_roles)
    columns = _build_columns(header, role_indexes)
    warnings = (*inferred.warnings, *(mapping.build_missing_column_warnings(header) if mapping else ()))
    billing_name_indexes = frozenset(
        one for role in NAME_ROLES for one in role_indexes.get(role, ()) if is_billing_header(header[one])
    )
    return Columns(
        header_row.number,
        columns,
        role_indexes,
        _find_phone_type_columns(role_indexes, header),
        warnings,
        billing_name_indexes,
    ), skip


def _detect_without_header(rows: Sequence[Row], region: str, mapping: ColumnMapping | None) -> Columns:
    width = max((len(row.cells) for row in rows), default=0)
    empty_header = [""] * width
    explicit_roles = mapping.resolve_roles(empty_header) if mapping else {}
    profiles = _profile_columns(rows, width, region)
    inferred = _infer_unmapped_roles(empty_header, profiles, [None] * width, mapping, explicit_roles)
    role_indexes = _apply_mapping(
        group_columns_by_role(empty_header, inferred.roles, lambda index: profiles[index].filled_count), explicit_roles
    )
    unique_roles = {role for role in inferred.roles if inferred.roles.count(role) == 1}
    # The names that a corrected failed.csv will have as its header.
    names = tuple(
        role.value if role in unique_roles and role else f"column {n}" for n, role in enumerate(inferred.roles, 1)
    )
    warnings = ((NO_HEADER_WARNING,) if width else ()) + tuple(
        mapping.build_missing_column_warnings(empty_header) if mapping else ()
    )
    return Columns(None, _build_columns(names, role_indexes), role_indexes, warnings=warnings)


def _infer_unmapped_roles(
    header: Sequence[str],
    profiles: Sequence[ColumnProfile],
    roles: Sequence[Role | None],
    mapping: ColumnMapping | None,
    explicit_roles: Mapping[int, Role | None],
) -> InferredRoles:
    """The guesses about the columns of which nobody told anything, and what was told of the others."""
    if not mapping:
        return infer_roles(header, profiles, roles)
    inferred = infer_roles(
        ["" if index in explicit_roles else name for index, name in enumerate(header)],
        [ColumnProfile() if index in explicit_roles else one for index, one in enumerate(profiles)],
        [None if index in explicit_roles else role for index, role in enumerate(roles)],
    )
    reserved_roles = mapping.reserved_roles
    inferred.roles = [
        explicit_roles.get(index, None if role in reserved_roles else role) for index, role in enumerate(inferred.roles)
    ]
    fields = {_REPORT_FIELDS.get(role, role.value) for role in reserved_roles}
    inferred.warnings = {one: None for one in inferred.warnings if one.field not in fields}
    return inferred


def _apply_mapping(
    role_indexes: Mapping[Role, tuple[int, ...]], explicit_roles: Mapping[int, Role | None]
) -> Mapping[Role, tuple[int, ...]]:
    """What was told of stands first, in the order in which it was told; a country is a part of the address, too."""
    ordered: dict[Role, tuple[int, ...]] = {}
    for index, role in explicit_roles.items():
        for one in (role, Role.ADDRESS) if role is Role.COUNTRY else (role,) if role else ():
            ordered[one] = (*ordered.get(one, ()), index)
    for role, indexes in role_indexes.items():
        rest = (index for index in indexes if index not in explicit_roles or role is Role.EMAIL)
        ordered[role] = tuple(dict.fromkeys((*ordered.get(role, ()), *rest)))
    return MappingProxyType({role: indexes for role, indexes in ordered.items() if indexes})


def _profile_columns(rows: Sequence[Row], width: int, region: str) -> list[ColumnProfile]:
    sample_size = max(5, min(60, 3000 // (width or 1)))  # a look takes up to 0.3 ms, and a file may have 1,000 columns
    return [
        profile_column((row.cells[index] for row in rows if index < len(row.cells)), region, sample_size=sample_size)
        for index in range(width)
    ]


def group_columns_by_role(
    header: Sequence[str], roles: Sequence[Role | None], count_filled: Callable[[int], int]
) -> Mapping[Role, tuple[int, ...]]:
    """The places of each role, best first, when the roles are known. `count_filled` counts a column's cells."""
    role_indexes: dict[Role, tuple[int, ...]] = {}
    for index, role in enumerate(roles):
        if role and (role in _MULTI_COLUMN_ROLES or role in CONSENT_ROLES or role not in role_indexes):
            role_indexes[role] = (*role_indexes.get(role, ()), index)
    phones = sorted(role_indexes.get(Role.PHONE, ()), key=lambda index: rank_phone_header(header[index]))
    phone_and_email_indexes = tuple(index for index in phones if is_phone_and_email(header[index]))
    role_indexes[Role.PHONE] = tuple(phones)
    role_indexes.setdefault(Role.EMAIL, phone_and_email_indexes)
    if not any(role in role_indexes for role in (Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTHDAY)):
        role_indexes[Role.BIRTHDAY] = role_indexes.pop(Role.BIRTH_DAY, ())  # `Birth day` may be the whole of it
    role_indexes |= find_address_columns(role_indexes, header, count_filled)
    _keep_sms_consent(role_indexes, header)
    return MappingProxyType({role: indexes for role, indexes in role_indexes.items() if indexes})


def _add_billing_names(
    role_indexes: Mapping[Role, tuple[int, ...]], header: Sequence[str], roles: Sequence[Role | None]
) -> Mapping[Role, tuple[int, ...]]:
    """Behind `First Name`, which may be empty, the `Billing First Name`: who pays for a guest is another person."""
    name_indexes = {role: role_indexes[role] for role in NAME_ROLES if role in role_indexes}
    if any(is_attendee_header(header[index]) for indexes in name_indexes.values() for index in indexes):
        return role_indexes
    billing_name_indexes = [
        index for index, role in enumerate(roles) if role in name_indexes and is_billing_header(header[index])
    ]
    for index in billing_name_indexes:
        role = roles[index]
        if role and not any(is_billing_header(header[other]) for other in name_indexes[role]):
            name_indexes[role] = (*name_indexes[role], index)
    return {**role_indexes, **name_indexes}


def _keep_sms_consent(role_indexes: dict[Role, tuple[int, ...]], header: Sequence[str]) -> None:
    """A column about SMS alone decides over one about marketing at large, but not over `Do not contact`."""
    consents = [index for role in CONSENT_ROLES for index in role_indexes.get(role, ())]
    if any(is_about_sms(header[index]) for index in consents):
        for role in CONSENT_ROLES:
            role_indexes[role] = tuple(
                index
                for index in role_indexes.get(role, ())
                if is_about_sms(header[index]) or _is_general_opt_out(header[index])
            )


def _is_general_opt_out(header: str) -> bool:
    return bool({"contact", "disturb", "message", "blocked", "deleted"} & set(split_words(header)))


def _build_columns(header: Sequence[str], role_indexes: Mapping[Role, tuple[int, ...]]) -> tuple[Column, ...]:
    field_by_index = {
        index: _REPORT_FIELDS.get(role, role.value)
        for role, indexes in role_indexes.items()
        if role not in (Role.COUNTRY, Role.EMAIL)
        for index in indexes
    }
    for index in role_indexes.get(Role.EMAIL, ()):
        field_by_index.setdefault(index, Role.EMAIL.value)  # `Email / Phone` is first of all a phone
    return tuple(Column(name, field_by_index.get(index)) for index, name in enumerate(header))


def _find_phone_type_columns(role_indexes: Mapping[Role, tuple[int, ...]], header: Sequence[str]) -> Mapping[int, int]:
    """Google's `Phone 1 - Type` (or Label) beside `Phone 1 - Value`."""
    type_indexes = {
        split_words(name)[:-1]: index
        for index, name in enumerate(header)
        if split_words(name)[-1:] in (("type",), ("label",)) and "phone" in split_words(name)
    }
    return MappingProxyType(
        {
            index: type_indexes[split_words(header[index])[:-1]]
            for index in role_indexes.get(Role.PHONE, ())
            if split_words(header[index])[-1:] == ("value",) and split_words(header[index])[:-1] in type_indexes
        }
    )
