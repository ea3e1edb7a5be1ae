import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from contact_import.duplicates import Seen

NUMBERS = st.sampled_from(
    ["+61400000000", "+61491570006", "+61499999999", "+61255501234", "+14165550100", "+6140000000"]
)


@given(st.lists(NUMBERS), st.integers(0, 4))
def test_it_remembers_the_first_row_whatever_the_size(numbers: list[str], few: int) -> None:
    first: dict[str, int] = {}
    seen = Seen(few)
    for row, number in enumerate(numbers, start=2):
        assert seen.earlier(number, row) == first.get(number)
        first.setdefault(number, row)


def test_a_number_takes_few_bytes_once_there_are_many() -> None:
    seen = Seen(few=1000)
    for row in range(2000):
        seen.earlier(f"+614{row * 997:08d}", row)
    tracemalloc.start()
    for row in range(2000, 100_000):
        assert seen.earlier(f"+614{row * 997:08d}", row) is None
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert grown < 98_000 * 20
    assert seen.earlier(f"+614{54_321 * 997:08d}", 1) == 54_321
