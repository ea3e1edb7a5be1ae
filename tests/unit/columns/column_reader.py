"""Files as text, and what is detected about their columns."""

import csv

from contact_import.columns.detect import Columns, detect_columns
from contact_import.domain.roles import Role
from contact_import.domain.row import Row


def parse_rows(text: str) -> list[Row]:
    lines = csv.reader(text.strip("\n").splitlines())
    return [Row(number, tuple(cells)) for number, cells in enumerate(lines, 1) if any(cells)]


def read_columns(text: str) -> Columns:
    return detect_columns(parse_rows(text))[0]


def list_headers(columns: Columns, role: Role) -> list[str]:
    """Return the headers of the role's columns, best first."""
    return [columns.header[index] for index in columns.role_indexes.get(role, ())]


def map_fields(columns: Columns) -> dict[str, str | None]:
    return {column.header: column.field for column in columns.columns}
