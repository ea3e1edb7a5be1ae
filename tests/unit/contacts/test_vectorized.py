"""Each function for a column returns what its plain one in `fields.text` returns for each cell."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.contacts import vectorized
from contact_import.fields.text import EMPTY_WORDS, clean_text, join_address

_PIECES = "; ;  ;';&;&amp;;n/a;N/A;Null;(blanK);|;a;Zoë;Zoe\u0308;\u0308;\xa0;\u200d;,;, ;\n;\r;\t;a@b.au;.;-;\ud800;0"
ODD = st.sampled_from([*_PIECES.split(";"), "x" * 130])
CELLS = st.lists(st.lists(ODD, max_size=4).map("".join), min_size=1, max_size=6)


@given(CELLS, st.sampled_from([20, 255]))
def test_cleaning(cells: list[str], limit: int) -> None:
    assert list(vectorized.clean_column(cells, limit)) == [clean_text(cell, limit) for cell in cells]


@given(st.lists(st.tuples(*[st.lists(ODD, max_size=3).map("".join)] * 3), min_size=1, max_size=4))
def test_cleaning_of_several_columns(rows: list[tuple[str, ...]]) -> None:
    columns = list(zip(*rows, strict=True))

    assert list(map(list, vectorized.clean_columns(columns))) == [list(map(clean_text, cells)) for cells in columns]


def test_a_word_for_nothing_is_one_however_it_is_written() -> None:
    words = "|".join(EMPTY_WORDS)
    others = {letter for letter in map(chr, range(128, sys.maxunicode + 1)) if letter.casefold() in words}

    assert others == set(vectorized._CASEFOLD_TO_ASCII_CHARS)
    for word in ("NULL", "nUlL", "(blan\u212a)", "Unde\ufb01ned"):
        assert list(vectorized.clean_column(["a", word])) == ["a", clean_text(word)] == ["a", ""]


@given(st.lists(st.tuples(*[st.lists(ODD, max_size=3).map("".join)] * 3), min_size=1, max_size=4))
def test_addresses(rows: list[tuple[str, ...]]) -> None:
    columns = list(zip(*rows, strict=True))

    assert vectorized.join_addresses(columns) == [join_address(parts) for parts in rows]


@given(st.lists(st.lists(st.text(max_size=70), max_size=5), max_size=5), st.integers(1, 8))
def test_what_is_remembered(columns: list[list[str]], most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectorized, "_MAX_CACHED_VALUES", most)
        read_all, read_pairs = vectorized.memoize_column(str.upper), vectorized.memoize_column(" ".join)

        for cells in columns + columns:
            pairs = list(zip(cells, reversed(cells), strict=True))
            assert read_all(cells) == [cell.upper() for cell in cells]
            assert read_pairs(pairs) == [" ".join(pair) for pair in pairs]
