"""Quotes out of place: a line keeps the cells of its file's header."""

import csv
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.files.csv_rows import Dialect, read_rows
from contact_import.files.stray_quotes import split_by_width


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('Ann,"5" pipe, long",no', ("Ann", '5" pipe, long', "no")),
        ('Ann,"never closed,no', ("Ann", '"never closed', "no")),
        ('"Ann,"Perth, WA",no', ('"Ann', "Perth, WA", "no")),
        ('"Moss, Ann","say ""hi"" 5" tall, no",no', ("Moss, Ann", 'say "hi" 5" tall, no', "no")),
    ],
)
def test_a_cell_is_quoted_only_where_its_closing_quote_ends_it(line: str, cells: tuple[str, ...]) -> None:
    assert split_by_width(line + "\r\n", 3, delimiter=",", quote='"') == cells


def test_a_line_without_a_reading_of_that_width_has_none() -> None:
    assert split_by_width('Ann,"x', 3, delimiter=",", quote='"') is None


def test_a_wide_line_of_many_quotes_costs_little() -> None:
    line = ",".join(['"x'] * 30 + ["y"] * 900)
    started = time.process_time()

    found = split_by_width(line, 930, delimiter=",", quote='"')

    assert found == tuple(line.split(","))
    assert time.process_time() - started < 1


CELLS = st.text(st.sampled_from('abc ,"'), min_size=1, max_size=8).filter(str.strip)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6), st.data())
def test_a_stray_opening_quote_moves_no_cell_and_no_line(rows: list[list[str]], data: st.DataObject) -> None:
    rows = [["0491570006", *row] for row in rows]
    line_number = data.draw(st.integers(0, len(rows) - 1))
    place = data.draw(st.integers(0, 3))
    rows[line_number] = [cell.replace('"', "").replace(",", "") + "x" for cell in rows[line_number]]
    rows[line_number][place] = '"' + rows[line_number][place]
    out = io.StringIO(newline="")
    for number, row in enumerate(rows):
        if number == line_number:
            out.write(",".join(row) + "\n")
        else:
            csv.writer(out, lineterminator="\n").writerow(row)

    found = list(read_rows(out.getvalue().splitlines(keepends=True), Dialect(width=4)))

    assert [row.number for row in found] == list(range(1, len(rows) + 1))
    assert {len(row.cells) for row in found} == {4}
    assert found[line_number].cells == tuple(rows[line_number])
    assert found[line_number].parse_warning
    others = [row.cells for row in found if row.number != line_number + 1]
    assert others == [tuple(row) for number, row in enumerate(rows) if number != line_number]


TEXTS = st.text(st.sampled_from("abc ,"), min_size=1, max_size=8).filter(str.strip)


@given(st.lists(TEXTS, min_size=4, max_size=4), st.integers(0, 3))
def test_a_stray_opening_quote_beside_quoted_cells_keeps_the_width(cells: list[str], place: int) -> None:
    cells = [f"x{cell}z" for cell in cells]  # a comma behind the quote would begin another cell
    cells[place] = cells[place].replace(",", "")
    written = [f'"{cell}"' for cell in cells]
    written[place] = '"' + cells[place]

    (row,) = read_rows([",".join(written) + "\n"], Dialect(width=4))

    assert [cell.removeprefix('"') for cell in row.cells] == cells
    assert row.parse_warning


def test_two_stray_quotes_do_not_hide_a_person_between_them() -> None:
    lines = ['Ann,0491570006,"tall,no\n', 'Bo,0491570156,small",yes\n', "Cy,0491570157,,no\n"]

    found = list(read_rows(lines, Dialect(width=4)))

    assert [row.cells[0] for row in found] == ["Ann", "Bo", "Cy"]
    assert found[1].cells[3] == "yes"
