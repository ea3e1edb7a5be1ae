"""Convert columns to JSON and back, for import.json and the header of failed.csv."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from contact_import.columns.detect import Column, Columns
from contact_import.columns.records.column_records import OtherRecord
from contact_import.domain.consent import Consent
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.roles import Role
from contact_import.fields.birthday import DateOrder
from contact_import.fields.consent.kinds import ConsentKind


def serialize_columns(columns: Columns) -> dict[str, Any]:
    """Return the columns as a JSON object. `parse_columns` reverses it."""
    # Mappings with indexes as keys become lists of pairs, because the keys of JSON objects are texts.
    return {
        "header_line": columns.header_line,
        "columns": [(column.header, column.field) for column in columns.columns],
        "role_indexes": dict(columns.role_indexes),
        "phone_type_indexes": list(columns.phone_type_indexes.items()),
        "warnings": [(warning.field, warning.reason) for warning in columns.warnings],
        "billing_name_indexes": sorted(columns.billing_name_indexes),
        "other_records": [(dict(one.role_indexes), one.can_be_contact) for one in columns.other_records],
        "consent_values": [(index, dict(values)) for index, values in columns.consent_values.items()],
        "phone_part_indexes": list(columns.phone_part_indexes.items()),
        "report_indexes": dict(columns.report_indexes),
        "date_order": columns.date_order,
        "number_states": list(columns.number_states.items()),
    }


def parse_columns(value: Mapping[str, Any]) -> Columns:
    """Parse the object that `serialize_columns` returned. Any other raises whatever its first wrong part raises."""
    return Columns(
        value["header_line"],
        tuple(Column(header, field) for header, field in value["columns"]),
        MappingProxyType(_parse_role_indexes(value["role_indexes"])),
        MappingProxyType(dict(value["phone_type_indexes"])),
        tuple(RowWarning(field, reason) for field, reason in value["warnings"]),
        frozenset(value["billing_name_indexes"]),
        tuple(OtherRecord(_parse_role_indexes(indexes), likely) for indexes, likely in value["other_records"]),
        MappingProxyType(
            {
                index: {text: Consent(verdict) for text, verdict in values.items()}
                for index, values in value["consent_values"]
            }
        ),
        MappingProxyType({index: (country, area) for index, (country, area) in value["phone_part_indexes"]}),
        MappingProxyType(dict(value["report_indexes"])),
        DateOrder(value["date_order"]),
        # A failed.csv of an earlier version does not have it.
        MappingProxyType(
            {phone: (state, ConsentKind(kind)) for phone, (state, kind) in value.get("number_states", ())}
        ),
    )


def _parse_role_indexes(value: Mapping[str, list[int]]) -> dict[Role, tuple[int, ...]]:
    return {Role(role): tuple(indexes) for role, indexes in value.items()}
