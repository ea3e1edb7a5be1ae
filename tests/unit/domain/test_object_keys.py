from datetime import date

import pytest

from contact_import.domain.object_keys import (
    WORK,
    is_dry_run,
    is_result_key,
    list_mapping_keys,
    make_group_key,
    make_groups_prefix,
    make_orphaned_key,
    make_results_prefix,
    make_submission_key,
    make_webhook_prefix,
    starts_import,
)


@pytest.mark.parametrize("key", ["results/a.csv/1/failed.csv", "work/1/batches/000001.json", "incoming/", "june.csv"])
def test_nothing_but_a_dropped_file_starts_an_import(key: str) -> None:
    assert not starts_import(key)


@pytest.mark.parametrize("key", ["incoming/june.csv", "validate/list=A/june.csv", "incoming/../results/x.csv"])
def test_a_dropped_file_starts_an_import(key: str) -> None:
    assert starts_import(key)


def test_only_validate_is_a_dry_run() -> None:
    assert is_dry_run("validate/june.csv")
    assert not is_dry_run("incoming/validate/june.csv")


def test_results_are_under_the_name_of_the_upload() -> None:
    assert make_results_prefix("incoming/a b/jüne.csv", "id") == "results/a b/jüne.csv/id/"
    assert make_results_prefix("validate/june.csv", "id") == "results/validate/june.csv/id/"


def test_the_longest_key_still_has_results() -> None:
    longest = "incoming/" + "ü" * 500
    other = longest[:-1] + "a"

    prefix = make_results_prefix(longest, "0" * 24)

    assert len(f"{prefix}accepted.csv".encode()) <= 1024
    assert prefix != make_results_prefix(other, "0" * 24)


def test_the_mapping_beside_the_upload_counts_before_those_above() -> None:
    assert list_mapping_keys("incoming/a/b/june.csv") == [
        "incoming/a/b/mapping.json",
        "incoming/a/mapping.json",
        "incoming/mapping.json",
    ]


def test_a_mapping_starts_no_import() -> None:
    assert not starts_import("incoming/a/mapping.json")
    assert starts_import("incoming/a/mapping.json.csv")


@pytest.mark.parametrize("prefix", [make_results_prefix("incoming/june.csv", "1"), make_webhook_prefix("1", date.min)])
def test_only_the_last_file_of_an_import_is_a_result(prefix: str) -> None:
    assert is_result_key(f"{prefix}result.json")
    assert not is_result_key(f"{prefix}failed.csv")
    assert not is_result_key("incoming/result.json")


def test_batches_are_listed_in_the_order_of_their_numbers() -> None:
    keys = [make_group_key("1", number) for number in (1, 9, 10, 2_500, 99_999_999)]

    assert sorted(keys) == keys
    assert all(key.startswith(make_groups_prefix("1")) for key in keys)


def test_state_is_under_work_where_nothing_starts_an_import() -> None:
    for key in (make_group_key("1", 1), make_submission_key("1"), make_orphaned_key("1", date(2026, 1, 2))):
        assert key.startswith(WORK)
        assert not starts_import(key)
