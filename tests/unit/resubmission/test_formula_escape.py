import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.resubmission.formula_escape import escape_column, escape_formula, unescape_formula


@given(st.text(alphabet="'=+-@\t\r\n 0123456789aA\uff1d.", max_size=6))
def test_every_cell_reads_back_as_it_was(cell: str) -> None:
    assert unescape_formula(escape_formula(cell)) == cell


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1+1", "+61-491-570-006"]
)
def test_a_formula_runs_nowhere(cell: str) -> None:
    assert escape_formula(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["+61491570006", "+61 491 570 006", "-5", "0491 570 006", "O'Brien", "'90s"])
def test_a_number_and_ordinary_text_stay_readable(cell: str) -> None:
    assert escape_formula(cell) == cell


@given(st.lists(st.text(st.sampled_from("'=+-@1 a\t\uff1d"), max_size=4)))
def test_a_column_is_protected_as_each_of_its_cells(cells: list[str]) -> None:
    assert list(escape_column(cells)) == [escape_formula(cell) for cell in cells]
