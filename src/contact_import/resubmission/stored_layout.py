"""Store the columns of an upload in its failed.csv, so that the rows of a resubmission are read like the first time.

The failed rows alone may lead to other results than the whole file did: by the values of a column without a header, the
order of day and month, or a mapping.json of another folder. So the header of the last column contains the columns.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from contact_import.columns.detect import Column, Columns, add_consent_values, build_columns, detect_columns
from contact_import.columns.records.column_records import OtherRecord
from contact_import.columns.role_columns import put_mapped_first
from contact_import.columns.user_mapping import ColumnMapping
from contact_import.domain.row import Row
from contact_import.errors import FileError
from contact_import.fields.birthday import DateOrder
from contact_import.resubmission.formula_escape import unescape_formula
from contact_import.resubmission.report_columns import IMPORTER, find_report_column, find_report_indexes
from contact_import.resubmission.stored_columns import parse_columns, serialize_columns

_HEADER_SEARCH_ROWS = 30  # a person may have put lines above the header
_MAX_JSON_BYTES = 1024 * 1024  # far more than 1,000 columns need; a damaged or forged header unpacks to no more


def format_importer_header(columns: Columns, date_order: DateOrder) -> str:
    """Return the header of the last column of failed.csv: `_importer eNp…`.

    After the name it has one word of URL-safe Base64 (RFC 4648, section 5), which no delimiter, quoting or encoding
    changes.
    """
    # Without the report columns of an earlier failed.csv, whose header would make this one grow with every round.
    names = tuple(Column(IMPORTER, None) if find_report_column(one.header) else one for one in columns.columns)
    stored = serialize_columns(
        replace(columns, columns=names, warnings=(), report_indexes=MappingProxyType({}), date_order=date_order)
    )
    packed = zlib.compress(json.dumps(stored, separators=(",", ":")).encode(), 9)
    return f"{IMPORTER} {base64.urlsafe_b64encode(packed).decode()}"


def detect_resubmitted_columns(
    rows: Sequence[Row], *, region: str, mapping: ColumnMapping | None
) -> tuple[Columns, int] | None:
    """Return the columns of a failed.csv that was uploaded again, and the number of rows before its data.

    Return None for any other file. A user's `mapping` outranks the stored columns, unless it is for another file.
    """
    found = ((index, find_report_indexes(row.cells)) for index, row in enumerate(rows[:_HEADER_SEARCH_ROWS]))
    index, report_indexes = next((one for one in found if one[1]), (0, {}))
    if not report_indexes:
        return None
    header_row, skip = rows[index], index + 1
    header_row = header_row._replace(cells=tuple(map(unescape_formula, header_row.cells)))
    columns = _detect_from_header([header_row, *rows[skip:]], region, mapping)
    if IMPORTER in report_indexes:
        restored = _restore_columns(header_row.cells[report_indexes[IMPORTER]], columns, report_indexes)
        columns = _apply_mapping(restored, mapping) if restored else columns
    return replace(columns, header_line=header_row.number, report_indexes=MappingProxyType(report_indexes)), skip


def _detect_from_header(rows: Sequence[Row], region: str, mapping: ColumnMapping | None) -> Columns:
    try:
        return detect_columns(rows, region=region, mapping=mapping, has_header=True)[0]
    except FileError:
        return detect_columns(rows, region=region, has_header=True)[0]


def _overlay_mapping(columns: Columns, mapping: ColumnMapping) -> Columns:
    """Return known columns with the roles and consent values that the mapping gives to some of them.

    Raise FileError when the mapping cannot be for this file.
    """
    explicit_roles = mapping.resolve_roles(columns.header)
    if explicit_roles:
        reserved_roles = mapping.reserved_roles
        others = {
            role: tuple(index for index in indexes if index not in explicit_roles)
            for role, indexes in columns.role_indexes.items()
            if role not in reserved_roles
        }
        role_indexes = put_mapped_first(others, explicit_roles)
        columns = replace(columns, columns=build_columns(columns.header, role_indexes), role_indexes=role_indexes)
    added = add_consent_values(columns, mapping).consent_values
    merged = {
        index: {**columns.consent_values.get(index, {}), **added.get(index, {})}
        for index in {*columns.consent_values, *added}
    }
    return replace(columns, consent_values=MappingProxyType(merged))


def _apply_mapping(columns: Columns, mapping: ColumnMapping | None) -> Columns:
    try:
        return _overlay_mapping(columns, mapping) if mapping else columns
    except FileError:
        return columns


def _restore_columns(cell: str, detected: Columns, report_indexes: Mapping[str, int]) -> Columns | None:
    """Return the columns of the first upload at their places in this file, or None if the cell is damaged."""
    try:
        packed = base64.urlsafe_b64decode(cell.split(None, 1)[1].strip())
        text = zlib.decompressobj().decompress(packed, _MAX_JSON_BYTES)
        return _move_columns(parse_columns(json.loads(text)), detected, report_indexes)
    except (IndexError, KeyError, TypeError, ValueError, AttributeError, binascii.Error, zlib.error, RecursionError):
        return None


def _move_columns(stored: Columns, detected: Columns, report_indexes: Mapping[str, int]) -> Columns:
    """Return the stored columns at their present places. A person may have moved, deleted or added columns.

    Added columns have the roles of `detected`.
    """
    moves = _find_moves(stored.header, detected.header)
    kept = set(moves.values())
    new = set(range(len(detected.columns))) - kept - set(report_indexes.values())
    role_indexes = _move_roles(stored.role_indexes, moves)
    for role, indexes in detected.role_indexes.items():
        added = tuple(index for index in indexes if index in new)
        if added:
            role_indexes[role] = (*role_indexes.get(role, ()), *added)
    fields = {moves[index]: column.field for index, column in enumerate(stored.columns) if index in moves}
    return Columns(
        detected.header_line,
        tuple(
            Column(column.header, fields.get(index, column.field if index in new else None))
            for index, column in enumerate(detected.columns)
        ),
        MappingProxyType(role_indexes),
        _move_pairs(stored.phone_type_indexes, moves),
        (),
        frozenset(moves[index] for index in stored.billing_name_indexes if index in moves),
        tuple(OtherRecord(_move_roles(one.role_indexes, moves), one.can_be_contact) for one in stored.other_records),
        MappingProxyType({moves[index]: values for index, values in stored.consent_values.items() if index in moves}),
        MappingProxyType(
            {
                moves[index]: (_move(country, moves), _move(area, moves))
                for index, (country, area) in stored.phone_part_indexes.items()
                if index in moves
            }
        ),
        date_order=stored.date_order,
    )


def _find_moves(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """Return the new index of each old column with the same header. Equal headers keep their order."""
    places: dict[str, list[int]] = {}
    for index, name in enumerate(new):
        if not find_report_column(name):
            places.setdefault(name.strip(), []).append(index)
    moves = {}
    for index, name in enumerate(old):
        if not find_report_column(name) and (found := places.get(name.strip())):
            moves[index] = found.pop(0)
    return moves


def _move(index: int | None, moves: Mapping[int, int]) -> int | None:
    return None if index is None else moves.get(index)


def _move_roles[K](roles: Mapping[K, tuple[int, ...]], moves: Mapping[int, int]) -> dict[K, tuple[int, ...]]:
    moved = {role: tuple(moves[index] for index in indexes if index in moves) for role, indexes in roles.items()}
    return {role: indexes for role, indexes in moved.items() if indexes}


def _move_pairs(pairs: Mapping[int, int], moves: Mapping[int, int]) -> Mapping[int, int]:
    return MappingProxyType({moves[a]: moves[b] for a, b in pairs.items() if a in moves and b in moves})
