"""The mapping that `inspect` and the import page write leads to the same contacts as no mapping does."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.columns.detect import detect_columns
from contact_import.columns.user_mapping import parse_mapping
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact, validate_rows
from contact_import.domain.row import Row
from contact_import.pipelines.column_mapping import build_mapping

OWN = "0491570006"
RULES = ValidationRules(date(2026, 11, 30))
PERSON = ["Name", "First Name", "Last Name", "Mobile", "Phone", "Email", "Date of birth", "Address", "Country", "Notes"]
OWNERS = ["Parent 1", "Parent 2", "Guardian", "Player", "Billing", "Shipping", "Witness", "Owner", "Guest 2"]
CELLS = {
    "Name": "Ann Moss",
    "First Name": "Bo",
    "Last Name": "Lee",
    "Email": "ann@example.com",
    "Date of birth": "14/05/1990",
    "Address": "1 High St",
    "Country": "Belgium",
    "Notes": "do not contact",
    "SMS consent": "no",
    "Status": "Unsubscribed",
}
FIELDS = [*PERSON, "SMS consent", "Status", "Tags", "Level"]


def _read(table: list[list[str]], mapping: dict[str, Any] | None = None) -> list[tuple[str, ...]]:
    """Return status or values of each row."""
    rows = [Row(number, tuple(cells)) for number, cells in enumerate(table, 1)]
    parsed = None if mapping is None else parse_mapping(json.dumps(mapping).encode(), "mapping.json")
    columns, skip = detect_columns(rows, mapping=parsed)
    results = validate_rows(rows[skip:], columns, RULES)
    return [one.values if isinstance(one, Contact) else (one.status.value,) for one in results]


def _write_mapping(table: list[list[str]]) -> dict[str, Any]:
    rows = [Row(number, tuple(cells)) for number, cells in enumerate(table, 1)]
    return build_mapping(detect_columns(rows)[0])


def _fill(header: str, number: int, is_filled: bool) -> str:
    if not is_filled:
        return ""
    field = next((name for name in CELLS if header.endswith(name)), "")
    if header.endswith(("Mobile", "Phone")):
        return f"04915701{10 + number + 7 * len(header) % 80:02}"
    return CELLS.get(field, "")


@given(
    st.lists(
        st.sampled_from(FIELDS)
        | st.builds(lambda owner, field: f"{owner} {field}", st.sampled_from(OWNERS), st.sampled_from(PERSON)),
        min_size=2,
        max_size=9,
        unique=True,
    ),
    st.lists(st.lists(st.booleans(), min_size=9, max_size=9), min_size=1, max_size=4),
)
def test_a_written_mapping_changes_nothing(header: list[str], filled: list[list[bool]]) -> None:
    lines = [
        [_fill(name, number, is_filled) for name, is_filled in zip(header, flags, strict=False)]
        for number, flags in enumerate(filled)
    ]
    table = [
        ["Mobile", *header],
        *(["" if flags[0] else OWN, *line] for line, flags in zip(lines, filled, strict=True)),
    ]

    assert _read(table, _write_mapping(table)) == _read(table)


@pytest.mark.parametrize(
    "text",
    [
        "Name,Mobile,Parent Name,Parent Mobile\nAnn,0491570006,,\nBo,,Di Poe,0491570157",
        "Billing Name,Billing Phone,Shipping Name,Shipping Phone\nEd Quo,,Quo Ed,0491570156",
        "Mobile,Name,Parent 1 Mobile,Parent 1 Email\n,Ann Moss,0491570156,",
        "Name,Mobile,Country\nAnn,0491570006,AU\nBo,0491570156,BE",
        "Name,Name,Mobile,Mobile\nAnn,x,0491570006,\nBo,y,,0491570156",
        "0491570006,Ann Moss\n0491570156,Bo Lee",
    ],
)
def test_lending_countries_and_columns_without_a_name_stay(text: str) -> None:
    table = [line.split(",") for line in text.splitlines()]

    assert _read(table, _write_mapping(table)) == _read(table)
    assert any(len(row) > 1 for row in _read(table))


def test_a_mapping_of_another_phone_ends_the_lending() -> None:
    table = [["Name", "Mobile", "Parent Name", "Parent Mobile"], ["Bo", OWN, "", ""], ["Ann", "", "Di", "0491570156"]]

    assert [row[0] for row in _read(table, {"Name": "name", "Mobile": "phone_number"})] == ["Bo", "Di"]
    assert [row[0] for row in _read(table, {"Name": "name", "Parent Mobile": "phone_number"})] == ["invalid", "Ann"]
    assert [row[0] for row in _read(table, {"Parent Name": None, "Parent Mobile": None})] == ["Bo", "invalid"]
