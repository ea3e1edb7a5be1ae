import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from contact_import.reports.csv_lines import BOM, CsvLineFormatter
from contact_import.resubmission.formula_escape import escape_formula
from contact_import.resubmission.report_columns import find_report_column

cells = st.text(st.sampled_from(",\"'=+\r\n\t ;x\u2028é"), max_size=4) | st.text(st.characters(codec=None), max_size=6)
headers = cells.filter(lambda name: not find_report_column(name))  # those are left out


@given(st.lists(headers, max_size=4), st.lists(st.tuples(st.lists(cells, max_size=6), cells), max_size=9))
def test_lines_are_those_of_the_csv_module(header: list[str], rows: list[tuple[list[str], str]]) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    for row, extra in rows:
        padded = [*row, *("" for _ in header)][: len(header)]
        writer.writerow([*map(escape_formula, padded), extra, "7"])

    extra_columns = [[extra for _, extra in rows], ["7"] * len(rows)]
    lines = CsvLineFormatter(header).format_rows([tuple(row) for row, _ in rows], extra_columns)

    assert len(lines) == len(rows)
    assert "".join(lines) == file.getvalue()


def test_the_file_begins_with_a_bom_and_lines_end_with_crlf() -> None:
    formatter = CsvLineFormatter(["Name", 'a "b", c'])

    assert formatter.format_header(["_row"]) == f'{BOM}Name,"a ""b"", c",_row\r\n'
    assert formatter.format_rows([("Ann", "x")], [["2"]]) == ["Ann,x,2\r\n"]


def test_a_formula_in_the_header_is_harmless() -> None:
    assert CsvLineFormatter(["=1+1"]).format_header(["_row"]) == f"{BOM}'=1+1,_row\r\n"


def test_columns_of_an_earlier_report_are_left_out() -> None:
    formatter = CsvLineFormatter(["_row", "A", "_surplus", "_mine"])

    assert formatter.format_header(["_row"]) == f"{BOM}A,_mine,_row\r\n"
    assert formatter.format_rows([("2", "a", "", "m")], [["5"]]) == ["a,m,5\r\n"]


def test_extra_cells_are_not_escaped() -> None:
    assert CsvLineFormatter(["A"]).format_rows([("=a",)], [["'=ready"]]) == ["'=a,'=ready\r\n"]
