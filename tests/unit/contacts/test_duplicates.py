import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.contacts.duplicates import Seen

NUMBERS = st.sampled_from(
    [
        *("+61400000000", "+61400008191", "+61400008192", "+61491570006", "+61499999999", "+61500000000"),
        *("+61399999999", "+61255501234", "+14165550100", "+6140000000"),
    ]
)


@given(st.lists(st.lists(NUMBERS, max_size=6)), st.integers(0, 4))
def test_it_remembers_the_first_row_whatever_the_size(blocks: list[list[str]], few: int) -> None:
    first: dict[str, int] = {}
    seen, row = Seen(few), 1
    for numbers in blocks:
        rows = range(row + 1, row + 1 + len(numbers))
        wanted = {}
        for place, (row, number) in enumerate(zip(rows, numbers, strict=True)):
            if number in first:
                wanted[place] = first[number]
            first.setdefault(number, row)
        assert seen.find_earlier(numbers, rows) == wanted
    assert dict(seen.get_pairs()) == first
    assert seen.find_rows(list(first)) == dict(enumerate(first.values()))
    assert seen.find_rows(["", "+61491570110"]) == {}


@given(st.lists(NUMBERS, max_size=12), st.integers(0, 4), st.integers(0, 14))
def test_what_is_saved_and_loaded_finds_the_same_rows(numbers: list[str], few: int, again_from: int) -> None:
    seen, loaded = Seen(few), Seen(few)
    found = [seen.find_earlier([number], [row]) for row, number in enumerate(numbers)]

    loaded.load(io.BytesIO(b"".join(seen.to_bytes()) + b"more"))

    assert dict(loaded.get_pairs()) == dict(seen.get_pairs())
    read_again = [loaded.find_earlier([number], [row]) for row, number in enumerate(numbers)][again_from:]
    assert read_again == found[again_from:]


@pytest.mark.parametrize("few", [100, 100_000])
def test_every_number_of_a_long_file_keeps_its_row(few: int) -> None:
    numbers = [f"+614{n * 7_919_993 % 10**8:08d}" for n in range(3000)]
    seen = Seen(few)
    for start in range(0, 3000, 200):
        assert seen.find_earlier(numbers[start : start + 200], range(start, start + 200)) == {}

    assert seen.find_earlier(numbers, range(5000, 8000)) == dict(enumerate(range(3000)))


def test_a_number_takes_few_bytes_once_there_are_many() -> None:
    seen = Seen(dict_limit=1000)
    seen.find_earlier([f"+614{row * 997:08d}" for row in range(2000)], range(2000))
    tracemalloc.start()
    for row in range(2000, 100_000):
        assert seen.find_earlier([f"+614{row * 997:08d}"], [row]) == {}
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert grown < 98_000 * 20
    assert seen.find_earlier([f"+614{54_321 * 997:08d}"], [1]) == {0: 54_321}
