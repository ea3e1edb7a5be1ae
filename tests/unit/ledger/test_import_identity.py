from contact_import.aws.events import Upload
from contact_import.ledger.import_identity import ImportIdentity


def test_a_file_has_its_results_below_its_key_and_its_id() -> None:
    identity = ImportIdentity.from_upload(Upload("contacts", "incoming/list=News/june.csv", "etag", "v1"))

    assert identity.result_key == f"results/list=News/june.csv/{identity.import_id}/result.json"
    assert (identity.is_dry_run, identity.source_kind) == (False, "s3")


def test_a_file_under_validate_is_a_dry_run_with_other_results() -> None:
    identity = ImportIdentity.from_upload(Upload("contacts", "validate/june.csv", "etag", "v1"))

    assert identity.is_dry_run
    assert identity.results_prefix.startswith("results/validate/june.csv/")


def test_the_same_event_has_the_same_identity() -> None:
    first, second = (ImportIdentity.from_upload(Upload("contacts", "incoming/a.csv", "etag", "v1", 7)) for _ in "12")

    assert first == second
