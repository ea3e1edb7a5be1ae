import pytest

from contact_import.domain.object_keys import compute_import_id, is_dry_run, make_results_prefix, starts_import


@pytest.mark.parametrize("key", ["results/a.csv/1/failed.csv", "work/1/batches/000001.json", "incoming/", "june.csv"])
def test_nothing_but_a_dropped_file_starts_an_import(key: str) -> None:
    assert not starts_import(key)


@pytest.mark.parametrize("key", ["incoming/june.csv", "validate/list=A/june.csv", "incoming/../results/x.csv"])
def test_a_dropped_file_starts_an_import(key: str) -> None:
    assert starts_import(key)


def test_only_validate_is_a_dry_run() -> None:
    assert is_dry_run("validate/june.csv")
    assert not is_dry_run("incoming/validate/june.csv")


def test_the_same_event_is_the_same_import_and_new_content_another() -> None:
    first = compute_import_id("bucket", "incoming/june.csv", "v1")

    assert compute_import_id("bucket", "incoming/june.csv", "v1") == first
    assert compute_import_id("bucket", "incoming/june.csv", "v2") != first
    assert compute_import_id("bucket", "incoming/july.csv", "v1") != first


def test_results_stand_under_the_name_of_the_upload() -> None:
    assert make_results_prefix("incoming/a b/jüne.csv", "id") == "results/a b/jüne.csv/id/"
    assert make_results_prefix("validate/june.csv", "id") == "results/validate/june.csv/id/"


def test_the_longest_key_still_has_results() -> None:
    longest = "incoming/" + "ü" * 500
    other = longest[:-1] + "a"

    prefix = make_results_prefix(longest, "0" * 24)

    assert len(f"{prefix}accepted.csv".encode()) <= 1024
    assert prefix != make_results_prefix(other, "0" * 24)
