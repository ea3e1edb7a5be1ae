"""Build the mapping.json that leads to the columns of a file. `inspect` and the import page show it for correction."""

from typing import Any

from contact_import.columns.detect import Columns
from contact_import.columns.user_mapping import ROLE_BY_FIELD
from contact_import.domain.roles import Role
from contact_import.resubmission.report_columns import find_report_column

FIELD_NAMES = {role: name for name, role in reversed(ROLE_BY_FIELD.items())}


def build_mapping(columns: Columns) -> dict[str, Any]:
    """Return the mapping.json that leads to the same columns: {"Mobile": "phone_number", "column 3": None, …}.

    A key is a header, or "column N" if the header is missing or not unique; None leaves the column out. The columns of
    one field are in the order in which they are read.
    """
    roles: dict[int, Role] = {}
    for role, indexes in columns.role_indexes.items():
        for index in indexes:
            # A mapping gives a column one field only. As a phone or a country, the column has the most to say.
            if role is Role.PHONE or index not in roles or role is Role.COUNTRY:
                roles[index] = role
    keys = list_column_keys(columns)
    order = [
        index for role in dict.fromkeys(roles.values()) for index in columns.role_indexes[role] if roles[index] is role
    ]
    # What other people lend in some rows stays as it is found: a mapping knows one person only.
    lent = {index for record in columns.other_records for index in record.get_indexes(*record.role_indexes)}
    unmapped = [
        index
        for index, name in enumerate(columns.header)
        if index not in roles and index not in lent and not find_report_column(name.strip())
    ]
    # A country that is not part of the address would become part of it: a mapping knows only the address.
    mapped = [
        index
        for index in order
        if roles[index] is not Role.COUNTRY or index in columns.role_indexes.get(Role.ADDRESS, ())
    ]
    fields: dict[str, Any] = {keys[index]: FIELD_NAMES[roles[index]] for index in mapped}
    for index, values in columns.consent_values.items():
        if values:
            fields[keys[index]] = {"field": fields[keys[index]], "consent": dict(values)}
    return fields | {keys[index]: None for index in unmapped}


def list_column_keys(columns: Columns) -> list[str]:
    """Return the key of each column in a mapping: its header, or "column N" if that is missing or not unique."""
    names = [name.strip() for name in columns.header]
    is_named = [columns.header_line is not None and name != "" and names.count(name) == 1 for name in names]
    return [name if named else f"column {n}" for n, (name, named) in enumerate(zip(names, is_named, strict=True), 1)]
