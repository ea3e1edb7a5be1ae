import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.ledger.read_ahead import read_ahead


@given(st.lists(st.integers(), max_size=20), st.integers(1, 9))
def test_results_come_in_the_order_of_their_keys(keys: list[int], max_ahead: int) -> None:
    assert list(read_ahead(lambda key: -key, keys, max_ahead=max_ahead)) == [-key for key in keys]


def test_no_more_is_read_than_may_be_in_memory() -> None:
    taken: list[int] = []

    def take_keys() -> object:
        for key in range(100):
            taken.append(key)
            yield key

    results = read_ahead(lambda key: key, take_keys(), max_ahead=3)  # type: ignore[arg-type,var-annotated]

    assert [next(results) for _ in range(2)] == [0, 1]
    assert len(taken) == 5  # the two that were given, and three ahead
    results.close()  # type: ignore[attr-defined]


def test_several_reads_are_under_way_at_once() -> None:
    barrier = threading.Barrier(4, timeout=20)

    def read(key: int) -> int:
        barrier.wait()
        return key

    assert list(read_ahead(read, range(4), max_ahead=4)) == [0, 1, 2, 3]


def test_an_error_is_raised_in_its_turn() -> None:
    def read(key: int) -> int:
        if key == 2:
            raise LookupError(key)
        return key

    results = read_ahead(read, range(9), max_ahead=8)

    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(LookupError):
        next(results)
