from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_import.aws.s3 import Bucket
from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Status
from contact_import.errors import FileError
from contact_import.ledger.ledger import Ledger
from contact_import.pipelines.import_state import ImportState
from contact_import.pipelines.prepare import find_mapping, load_or_create_config, open_batches
from tests.conftest import Importer, build_contacts_csv

MAPPING = b'{"Mobile": "phone_number"}'


def _prepare(importer: Importer, upload: Any) -> tuple[ImportState, Any]:
    bucket = Bucket(importer.s3, "contacts")
    state = ImportState.from_upload(upload, importer.clock)
    ledger = Ledger(bucket, upload.import_id, lambda: importer.clock)
    return state, load_or_create_config(state, bucket, importer.build_settings(), ledger)


def test_a_later_run_splits_the_same_batches_although_the_settings_have_changed(importer: Importer) -> None:
    importer.settings["batch_max_contacts"] = 7
    upload = importer.upload(build_contacts_csv(20), "incoming/tag=VIP/june.csv")
    _, first = _prepare(importer, upload)
    importer.settings = {"batch_max_contacts": 3, "phone_region": "NZ"}
    importer.clock += timedelta(days=1)

    state, second = _prepare(importer, upload)

    assert second == first
    assert (state.started_at, state.labels) == (first.started_at, Labels(("VIP",)))
    with open_batches(second, Bucket(importer.s3, "contacts")) as (_, batches):
        assert [len(batch.contacts) for batch in batches] == [7, 7, 6]


def test_a_file_that_is_no_list_has_its_labels_in_the_result(importer: Importer) -> None:
    upload = importer.upload(b"%PDF-1.7", "incoming/tag=VIP/june.csv")
    state = ImportState.from_upload(upload, importer.clock)
    bucket = Bucket(importer.s3, "contacts")

    with pytest.raises(FileError):
        load_or_create_config(state, bucket, importer.build_settings(), Ledger(bucket, "x", lambda: importer.clock))

    assert state.labels == Labels(("VIP",))


def test_a_dry_run_has_no_tag_of_its_import(importer: Importer) -> None:
    importer.settings["verify"] = True

    (_, real), (_, dry) = (
        _prepare(importer, importer.upload(build_contacts_csv(1), key)) for key in ("incoming/a.csv", "validate/a.csv")
    )

    assert real.import_tag.startswith("import-")
    assert real.labels.tags == (real.import_tag,)
    assert (dry.import_tag, dry.labels.tags) == ("", ())


def test_the_mapping_of_the_metadata_wins_over_the_nearest_file(importer: Importer) -> None:
    bucket = Bucket(importer.s3, "contacts")
    upload = importer.upload("x", "incoming/a/b/june.csv")
    assert find_mapping(upload, {}, bucket) is None

    importer.upload(MAPPING, "incoming/mapping.json")
    far = find_mapping(upload, {}, bucket)
    importer.upload(MAPPING, "incoming/a/mapping.json")
    near = find_mapping(upload, {}, bucket)
    own = find_mapping(upload, {"mapping": MAPPING.decode()}, bucket)

    assert [found.source for found in (far, near, own) if found] == [
        "incoming/mapping.json",
        "incoming/a/mapping.json",
        "metadata",
    ]


def test_people_who_opted_out_are_held_back_while_the_file_is_read(importer: Importer) -> None:
    bucket = Bucket(importer.s3, "contacts")
    upload = importer.upload(build_contacts_csv(3))
    _, config = _prepare(importer, upload)
    bucket.put_json(
        f"work/{upload.import_id}/opt_outs.json", {"numbers": ["+61400000001"], "unreadable": 0, "blocking_error": ""}
    )

    with open_batches(replace(config, has_opt_out_list=True), bucket) as (_, batches):
        (batch,) = batches

    assert [contact.phone_number for contact in batch.contacts if isinstance(contact, Contact)] == [
        "+61400000000",
        "+61400000002",
    ]
    assert [outcome.status for outcome in batch.decided] == [Status.OPTED_OUT]


def test_rows_of_a_file_without_phones_are_invalid(importer: Importer) -> None:
    _, config = _prepare(importer, importer.upload("Name,Email\nAnn,a@example.com\n"))

    with open_batches(config, Bucket(importer.s3, "contacts")) as (table, batches):
        (batch,) = batches

    assert [(one.status, one.reason) for one in batch.decided] == [
        (Status.INVALID, "file: it has no column of phone numbers")
    ]
    assert table.error
