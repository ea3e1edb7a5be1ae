import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.duplicates import Seen

NUMBERS = st.sampled_from(
    ["+61400000000", "+61491570006", "+61499999999", "+61255501234", "+14165550100", "+6140000000"]
)


@given(st.lists(NUMBERS), st.integers(0, 4))
def test_it_remembers_the_first_row_whatever_the_size(numbers: list[str], few: int) -> None:
    first: dict[str, int] = {}
    with Seen(few) as seen:
        for row, number in enumerate(numbers, start=2):
            assert seen.earlier(number, row) == first.get(number)
            first.setdefault(number, row)


def test_memory_is_flat_once_there_are_many() -> None:
    with Seen(few=1000) as seen:
        for row in range(2000):
            seen.earlier(f"+614{row:08d}", row)
        tracemalloc.start()
        for row in range(2000, 100_000):
            assert seen.earlier(f"+614{row:08d}", row) is None
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert grown < 200_000
        assert seen.earlier("+61400054321", 1) == 54321


def test_a_full_disk_costs_the_row_and_not_the_duplicate(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError

    monkeypatch.setattr("os.pwrite", full)
    with Seen(few=0) as seen:
        seen.earlier("+61491570006", 2)
        seen.earlier("+61491570156", 3)

        assert seen.earlier("+61491570156", 4) == 0
