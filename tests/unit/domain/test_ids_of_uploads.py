"""The import of a file that came over the API has its id before the file is there."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.domain.ids import compute_import_id, find_upload_time, is_api_upload, is_import_id, make_upload_id
from contact_import.domain.object_keys import make_history_key

MOMENT = datetime(2026, 11, 29, 23, 0, tzinfo=UTC)
UPLOAD_ID = make_upload_id(MOMENT, "f" * 32)


@given(st.text(min_size=1), st.text(), st.text())
def test_the_version_of_the_copy_does_not_count_and_that_of_any_other_file_does(
    name: str, version: str, other: str
) -> None:
    key, by_hand = f"incoming/upload={UPLOAD_ID}/{name}", f"incoming/{name}"

    assert compute_import_id("b", key, version) == compute_import_id("b", key, other)
    if not is_api_upload(by_hand):
        is_same = compute_import_id("b", by_hand, version) == compute_import_id("b", by_hand, other)
        assert is_same is (version == other)


def test_a_dry_run_and_the_import_of_an_upload_are_two() -> None:
    ids = {compute_import_id("b", f"{folder}/upload={UPLOAD_ID}/x.csv", "") for folder in ("incoming", "validate")}

    assert len(ids) == 2


@pytest.mark.parametrize(
    "key", ["incoming/upload=12/x", f"results/upload={UPLOAD_ID}/x", f"incoming/a/upload={UPLOAD_ID}/x", "incoming/x"]
)
def test_other_keys_are_not_those_of_the_api(key: str) -> None:
    assert not is_api_upload(key)
    assert find_upload_time(key) is None


def test_an_upload_id_holds_its_moment() -> None:
    assert is_import_id(UPLOAD_ID)
    assert find_upload_time(f"validate/upload={UPLOAD_ID}/0/x.csv") == MOMENT


@given(st.integers(0, 2**32 - 10**6 - 1), st.integers(1, 10**6))
def test_the_newest_line_of_the_history_sorts_first(second: int, later: int) -> None:
    keys = [make_history_key(datetime.fromtimestamp(one, UTC), "0" * 24) for one in (second + later, second)]

    assert keys == sorted(keys)
