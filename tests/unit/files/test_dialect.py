"""Delimiters and quotes as tools and people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.domain.row import Row
from contact_import.files.csv_rows import Dialect, read_rows
from contact_import.files.dialect import detect_dialect


def _cells(text: str) -> list[tuple[str, ...]]:
    return [row.cells for row in _rows(text)]


def _detect(text: str) -> Dialect:
    return detect_dialect(text.splitlines(keepends=True))


def _rows(text: str) -> list[Row]:
    lines = text.splitlines(keepends=True)
    return list(read_rows(lines, detect_dialect(lines)))


def test_lines_that_are_quoted_as_a_whole_are_read_as_the_table_inside() -> None:
    text = '"Name,Mobile,City"\r\n"Ann,0491570006,""Perth, WA"""\r\n\r\n"Bob,0491570156,Hobart"\r\n'

    assert [(row.number, row.cells) for row in _rows(text)] == [
        (1, ("Name", "Mobile", "City")),
        (2, ("Ann", "0491570006", "Perth, WA")),
        (4, ("Bob", "0491570156", "Hobart")),
    ]


def test_a_line_that_is_not_quoted_as_a_whole_is_read_among_those_that_are() -> None:
    lines = ['"Name;Mobile"\n', '"Ann;0491570006"\n']

    rows = list(read_rows([*lines, '"Bob";"0491570156"\n', "Cy;0491570157\n"], detect_dialect(lines)))

    assert [row.cells for row in rows[2:]] == [("Bob", "0491570156"), ("Cy", "0491570157")]


@pytest.mark.parametrize(
    "text",
    [
        '"Address"\n"1 High St, Perth"\n"2 Low St, Hobart"\n',
        '"Name, Mobile"\n"Ann, 0491570006"\n"Bob"\n',
        'Name\n"Smith, Ann"\n',
    ],
)
def test_quoted_cells_of_a_single_column_are_no_table(text: str) -> None:
    assert {len(cells) for cells in _cells(text)} == {1}


def test_single_quotes_are_marks_where_every_line_has_them_so() -> None:
    text = "'Name';'City';'Mobile'\n'Ann \"Nan\" O''Neil';'Perth; WA';'0491570006'\n'Bob';;0491570156\n"

    assert _cells(text) == [
        ("Name", "City", "Mobile"),
        ('Ann "Nan" O\'Neil', "Perth; WA", "0491570006"),
        ("Bob", "", "0491570156"),
    ]


def test_single_quotes_are_marks_below_a_header_without_any() -> None:
    text = "Name,Mobile,Address\n'Moss, Ann','0491570006','1 High St, Perth'\n'Lee, Bo',0491570156,''\n"

    assert _cells(text) == [
        ("Name", "Mobile", "Address"),
        ("Moss, Ann", "0491570006", "1 High St, Perth"),
        ("Lee, Bo", "0491570156", ""),
    ]


HEADERS = st.lists(
    st.sampled_from(["First Name", "Last Name", "Email", "Postcode", "Opt out", "Tags", "Notes", "Suburb"]),
    min_size=1,
    max_size=6,
    unique=True,
)


@given(st.permutations(",;\t|"), HEADERS, st.data(), st.integers(3, 40), st.sampled_from(["Mobile", "Phone", "Cell"]))
def test_other_delimiters_in_every_row_do_not_cut_what_the_header_does_not(
    delimiters: list[str], names: list[str], data: st.DataObject, rows: int, phone: str
) -> None:
    delimiter, *others = delimiters
    names = [phone, *names]
    # Each cell but the phone may hold another delimiter, as often in each row.
    parts = [data.draw(st.integers(1, 6)) for _ in names[1:]]
    inner = data.draw(st.sampled_from(others))
    row = delimiter.join(["0491570006", *(inner.join("abcdef"[:count]) for count in parts)])

    dialect = _detect("\n".join([delimiter.join(names), *[row] * rows]) + "\n")

    assert (dialect.delimiter, dialect.width) == (delimiter, len(names))


def test_a_caret_is_a_delimiter_where_it_cuts_a_known_header() -> None:
    assert _cells("Name^Mobile\nAnn^0491570006\n") == [("Name", "Mobile"), ("Ann", "0491570006")]
    assert {len(cells) for cells in _cells("Note^x\nAnn^0491570006\n")} == {1}


def test_of_two_delimiters_that_cut_the_header_the_safer_is_taken_and_reported() -> None:
    dialect = _detect("Name,Mobile,Opt out,Notes;Email;Phone\nAnn,0491570006,no,x;a;0491570006\n")

    assert (dialect.delimiter, dialect.alternative_delimiter) == (",", ";")


def test_a_backslash_escapes_a_single_quote_where_that_is_the_mark() -> None:
    assert _cells("'Name', 'Mobile'\n'Ann O\\'Neil', '0491570006'\n")[1] == ("Ann O'Neil", "0491570006")


def test_an_unclosed_single_quote_costs_its_own_line_only() -> None:
    lines = ["'Name','Mobile'\n", "'Ann','0491570006'\n"]

    rows = list(read_rows([*lines, "'Bob,'0491570156'\n", "'Cy','0491570157'\n"], detect_dialect(lines)))

    assert [row.cells for row in rows[3:]] == [("Cy", "0491570157")]


@pytest.mark.parametrize(
    "text",
    [
        "Name,Mobile\n'Ann','0491570006'\nBo,0491570156\n",
        "'Name','Mobile'\nO'Neil,0491570006\n",
        "Name's,Mobile\n't Hooft,'0491570006\n",
    ],
)
def test_single_quotes_are_letters_where_not_every_line_has_them_so(text: str) -> None:
    assert [",".join(cells) for cells in _cells(text)] == text.splitlines()


def test_reported_delimiters_go_with_both_ways() -> None:
    assert _cells('sep=;\n"Name;Mobile"\n"Ann;0491570006"\n') == [("Name", "Mobile"), ("Ann", "0491570006")]
    assert _cells("sep=;\n'Name';'Mobile'\n'Ann';'0491570006'\n") == [("Name", "Mobile"), ("Ann", "0491570006")]


def test_decimal_commas_and_commas_in_text_do_not_beat_the_semicolon() -> None:
    text = "Name;Umsatz;Ort\nMüller, Jürgen;1,50;Köln, Altstadt\nMeier, Eva;2,75;Bonn\n"

    assert _detect(text).delimiter == ";"


def test_a_name_with_a_comma_in_every_row_does_not_beat_the_semicolon() -> None:
    assert _detect("Name, Vorname;Handy\nMüller, Eva;0491570006\n").delimiter == ";"


def test_a_first_line_that_tells_no_usable_delimiter_is_passed_over() -> None:
    for told in ("", '"', " ", "a", "\\"):
        rows = _rows(f"sep={told}\r\nName;Mobile\r\nAnn;0491570006\r\n")

        assert [(row.number, row.cells) for row in rows] == [(2, ("Name", "Mobile")), (3, ("Ann", "0491570006"))]


def test_the_width_is_learned_behind_excels_first_line_too() -> None:
    assert _detect("sep=;\nName;Mobile\n") == Dialect(";", first_line=2, width=2)


def test_excels_first_line_tells_the_delimiter_and_is_no_row() -> None:
    rows = _rows("sep=;\r\nName;Mobile\r\nAnn;1,2,3,4\r\n")

    assert [(row.number, row.cells) for row in rows] == [(2, ("Name", "Mobile")), (3, ("Ann", "1,2,3,4"))]
