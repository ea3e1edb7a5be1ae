"""`inspect` describes a file: with the counts of an import, and values that identify no person."""

from pathlib import Path

import pytest

from local.inspection import build_inspection, mask_value


@pytest.mark.parametrize(
    ("cell", "masked"),
    [
        ("Ann Lee", "A•• L••"),
        ("0491 570 006", "0••• 5•• 0••"),
        ("ann@example.com", "a••@e••••••.c••"),
        ("", ""),
        ("x" * 41, "x" + "•" * 39 + "…"),
    ],
)
def test_a_value_keeps_its_shape_and_no_word(cell: str, masked: str) -> None:
    assert mask_value(cell) == masked


def test_rows_are_counted_as_an_import_counts_them(tmp_path: Path) -> None:
    path = tmp_path / "june.csv"
    path.write_text("Name,Mobile\nAnn,0491570006\nBen,0491 570 006\nCat,12\n", "utf-8")

    inspection = build_inspection(path, None)

    counts = {status: count for status, count in inspection["rows"].items() if count}
    assert counts == {"read": 3, "accepted": 1, "duplicate": 1, "invalid": 1}
    assert inspection["mapping"] == {"Name": "name", "Mobile": "phone_number"}
    assert inspection["error"] is None


def test_without_a_phone_column_every_row_is_invalid_and_read_once(tmp_path: Path) -> None:
    path = tmp_path / "june.csv"
    path.write_text("Name,Note\nAnn,x\nBen,y\n", "utf-8")

    inspection = build_inspection(path, None)

    assert (inspection["rows"]["read"], inspection["rows"]["invalid"]) == (2, 2)
    assert inspection["columns"][0]["values"] == ["A••", "B••"]
