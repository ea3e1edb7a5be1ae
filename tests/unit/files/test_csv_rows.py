import csv
import io
import re
import time
from itertools import chain, count, islice
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.domain.row import Row
from contact_import.files import csv_rows
from contact_import.files.csv_rows import Dialect, read_blocks, read_rows
from contact_import.files.decoding import open_text
from contact_import.files.dialect import detect_dialect


def _lines(text: str) -> list[str]:
    return [*chain.from_iterable(open_text(io.BytesIO(text.encode())).read_blocks())]


def _rows(text: str) -> list[Row]:
    lines = _lines(text)
    return list(read_rows(lines, detect_dialect(lines)))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_each_delimiter_and_line_end_is_recognised(delimiter: str, end: str) -> None:
    text = end.join(delimiter.join(row) for row in (("Name", "Mobile"), ("Ann", "0491570006"), ("Bob", "0491570156")))

    assert [(row.number, row.cells) for row in _rows(text)] == [
        (1, ("Name", "Mobile")),
        (2, ("Ann", "0491570006")),
        (3, ("Bob", "0491570156")),
    ]


def test_a_quoted_newline_keeps_the_row_number() -> None:
    rows = _rows('Name,Note\nAnn,"two\r\nlines"\nBob,x\n')

    assert [(row.number, row.cells) for row in rows[1:]] == [(2, ("Ann", "two\r\nlines")), (4, ("Bob", "x"))]


def test_a_line_of_nothing_but_delimiters_is_no_row() -> None:
    assert [row.number for row in _rows('A,B\n,\n\n ,"  "\nx,y\n')] == [1, 5]


def test_a_million_blank_lines_are_passed_over() -> None:
    lines = ["A,B\n", *["\n"] * 1_000_000, "x,y\n"]

    assert [row.number for row in read_rows(lines, Dialect(width=2))] == [1, 1_000_002]


def test_an_unclosed_quote_costs_its_own_line_only() -> None:
    rows = _rows('A,B\n1,2\n"3,4\n' + "".join(f"{n},x\n" for n in range(5, 300)))

    assert [row.number for row in rows] == list(range(1, 299))
    assert [row.number for row in rows if row.parse_warning] == [3]
    assert rows[2].cells == ('"3', "4")


def test_an_unclosed_quote_waits_for_no_more_than_two_hundred_lines() -> None:
    lines = (f'"never,{n}\n' if n == 2 else f"x,{n}\n" for n in count(1))

    rows = list(islice(read_rows(lines, Dialect(width=2)), 3))

    assert [(row.number, row.cells) for row in rows] == [(1, ("x", "1")), (2, ('"never', "2")), (3, ("x", "3"))]
    assert next(lines) in {f"x,{n}\n" for n in range(190, 210)}


def test_an_unclosed_quote_at_the_end_is_reported() -> None:
    rows = _rows('A,B\n1,2\n3,"4\n')

    assert (rows[-1].cells, bool(rows[-1].parse_warning)) == (("3", '"4'), True)


def test_a_stray_quote_does_not_merge_two_people() -> None:
    rows = _rows('A,B,C\n1,"2,3\n4,5,6\n7,8"x,9\n10,11,12\n')

    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert rows[1].parse_warning


def test_quotes_around_whole_cells_are_taken_off_a_line_with_an_unclosed_one() -> None:
    rows = _rows('"A","B","C"\n"1","2","3"\n"4","say ""hi""","6\n"7","8","9"\n')

    assert [(row.number, row.cells, bool(row.parse_warning)) for row in rows[1:]] == [
        (2, ("1", "2", "3"), False),
        (3, ("4", 'say "hi"', '"6'), True),
        (4, ("7", "8", "9"), False),
    ]


def test_a_comma_in_a_closed_quote_stays_where_a_later_quote_is_not_closed() -> None:
    rows = _rows('A,B,C\n"Smith, Ann",1,"x\n4,5,6\n7,8,9\n')

    assert rows[1].cells == ("Smith, Ann", "1", "x")
    assert [row.number for row in rows] == [1, 2, 3, 4]


def test_letters_after_a_closing_quote_are_kept() -> None:
    rows = _rows('A,B\n"Ann" Lee,1\nBob,2\n')

    assert (rows[1].cells, rows[1].parse_warning) == (("Ann Lee", "1"), "")


@pytest.mark.parametrize("line", ['x"y,"z\n', '"a""b\n', '"\n', '"",""x,"\n'])
def test_quotes_that_never_close_on_any_line_cost_little_time(line: str) -> None:
    def cost(body: str) -> float:
        started = time.process_time()
        assert len(list(read_rows(["A,B\n", *[body] * 20_000], Dialect(width=2)))) <= 20_001
        return time.process_time() - started

    # Each line was once read again with every one of the 200 before it. Best of three: a busy machine is slow at times.
    assert min(cost(line) for _ in range(3)) < 50 * min(cost("x,y\n") for _ in range(3))


def test_backslashes_escape_quotes_only_where_the_file_does_so() -> None:
    assert _rows('A;B\n"say \\"hi\\"; you";2\n')[1].cells == ('say "hi"; you', "2")
    assert _rows('A,B\n"C:\\dir",2\n"say ""hi""",3\n')[1].cells == ("C:\\dir", "2")


def test_a_blank_before_a_quote_is_no_part_of_the_cell() -> None:
    assert _rows('A, "B"\n1, "x, y"\n')[1].cells == ("1", "x, y")


def test_a_cell_of_over_a_megabyte_makes_its_row_unreadable_and_no_other() -> None:
    rows = _rows("A,B\n" + "x" * 1_200_000 + ",2\n3,4\n")

    assert [bool(row.parse_error) for row in rows] == [False, True, False]


def test_a_cell_of_several_lines_is_bounded_as_well() -> None:
    rows = _rows('A,B\n"' + "x" * 1_000_000 + "\n" + "y" * 1_000_000 + '",2\n3,4\n')

    assert [(row.number, bool(row.parse_error)) for row in rows] == [(1, False), (2, True), (4, False)]


@pytest.mark.parametrize("start", ["", '"', "x,", '"a",'])
def test_a_line_over_the_bound_is_one_unreadable_row_with_few_cells(start: str) -> None:
    rows = _rows("A,B\n" + start + "xy," * 1_000_000 + "\n3,4\n")

    assert [(row.number, bool(row.parse_error)) for row in rows] == [(1, False), (2, True), (3, False)]
    assert len(rows[1].cells) <= 1000
    assert sum(map(len, rows[1].cells)) < 100_000


def test_a_row_of_ten_thousand_cells_is_unreadable() -> None:
    rows = _rows("A,B\n" + "x," * 10_000 + "\n3,4\n")

    assert [bool(row.parse_error) for row in rows] == [False, True, False]


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=8)


@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=20),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_a_csv_writer_wrote_reads_back_with_the_number_of_its_line(
    rows: list[tuple[str, ...]], delimiter: str, end: str, quoting: Literal[0, 1]
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    wanted = []
    for row in rows:
        number = len(re.findall("\r\n|\r|\n", out.getvalue())) + 1
        writer.writerow(row)
        if any(cell.strip() for cell in row):
            wanted.append((number, row, "", ""))

    found = read_rows(_lines(out.getvalue()), Dialect(delimiter, width=3))

    assert [(row.number, row.cells, row.parse_warning, row.parse_error) for row in found] == wanted


@given(st.text(st.sampled_from('a,;"\n\r\\ \t|'), max_size=80))
def test_no_text_breaks_the_reader_and_no_letter_is_lost(text: str) -> None:
    found = _rows(text)

    assert sum(cell.count("a") for row in found for cell in row.cells) == text.count("a")
    assert [row.number for row in found] == sorted({row.number for row in found})


PIECES = st.sampled_from(
    ["a", "b", ",", ",", '"', '""', '"a,b"', "\n", "\n", "\r\n", "\r", " ", "\xa0", "\\", "Zoë", "\x1c"]
)
DIALECTS = st.builds(
    Dialect,
    first_line=st.integers(1, 2),
    width=st.sampled_from([0, 2]),
    backslash_escape=st.booleans(),
    skip_initial_space=st.booleans(),
    quote_char=st.sampled_from("\"'"),
    is_wrapped=st.booleans(),
)


@given(st.lists(PIECES, max_size=60).map("".join), DIALECTS, st.integers(1, 9))
def test_many_lines_at_once_read_as_each_with_care(text: str, dialect: Dialect, at_once: int) -> None:
    lines = _lines(text)
    blocks = [lines[start : start + at_once] for start in range(0, len(lines), at_once)]

    quickly = list(read_rows(lines, dialect))
    in_blocks = list(chain.from_iterable(read_blocks(blocks, dialect)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_rows, "_parse_single_line_records", lambda _, __: None)
        carefully = list(read_rows(lines, dialect))
    assert quickly == in_blocks == carefully
    assert all(type(row) is Row and type(row.cells) is tuple for row in quickly)
