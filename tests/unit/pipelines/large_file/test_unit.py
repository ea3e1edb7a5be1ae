from typing import Any

import pytest

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.checks.arrival import load_verification
from contact_import.errors import CanaryRejectedError
from contact_import.ledger.ledger import Ledger
from contact_import.pipelines.large_file.plan import plan_import
from contact_import.pipelines.large_file.unit import VERIFICATION_UNIT, send_unit
from contact_import.pipelines.large_file.unit_store import UnitStore
from tests.conftest import Importer, build_contacts_csv, set_unit_batches


@pytest.fixture(autouse=True)
def small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    set_unit_batches(monkeypatch, 2)


def _plan(importer: Importer, **settings: Any) -> Upload:
    importer.settings |= {"batch_max_contacts": 5} | settings
    upload = importer.upload(build_contacts_csv(30))
    plan_import(
        upload, bucket=Bucket(importer.s3, "contacts"), settings=importer.build_settings(), now=lambda: importer.clock
    )
    return upload


def _send(importer: Importer, upload: Upload, unit: int) -> None:
    importer.run_stage("Batch", {"import_id": upload.import_id, "unit": unit})


def test_whichever_unit_comes_first_sends_the_canary_before_itself(importer: Importer) -> None:
    upload = _plan(importer, canary_contacts=3)

    _send(importer, upload, 3)
    _send(importer, upload, 2)

    assert len(importer.sandbox.log[0].contacts) == 3
    store = UnitStore(Bucket(importer.s3, "contacts"), upload.import_id)
    assert [store.is_unit_done(unit) for unit in (1, 2, 3, 4)] == [True, True, True, False]
    assert len(importer.sandbox.numbers) == len(set(importer.sandbox.numbers)) == 23


def test_a_canary_that_is_rejected_stops_every_unit(importer: Importer) -> None:
    upload = _plan(importer, canary_contacts=3)
    importer.sandbox.refused_numbers = frozenset(f"+6140000{n:04d}" for n in range(30))

    with pytest.raises(CanaryRejectedError):
        _send(importer, upload, 2)
    _send(importer, upload, 3)

    assert [len(seen.contacts) for seen in importer.sandbox.log] == [3]


def test_a_unit_that_is_done_is_not_sent_again(importer: Importer) -> None:
    upload = _plan(importer)

    for _ in range(2):
        _send(importer, upload, 1)

    assert len(importer.sandbox.numbers) == 10


def test_the_last_unit_verifies_what_arrived_and_saves_it_once(importer: Importer) -> None:
    upload, bucket = _plan(importer, verify=True), Bucket(importer.s3, "contacts")
    for unit in (1, 2, 3):
        _send(importer, upload, unit)

    for _ in range(2):
        _send(importer, upload, VERIFICATION_UNIT)

    verification = load_verification(bucket, upload.import_id)
    assert verification is not None
    assert (verification.found, verification.missing) == (30, 0)
    assert len(importer.sandbox.query_paths) == 1


def test_nothing_is_verified_for_an_import_that_was_stopped(importer: Importer) -> None:
    upload, bucket = _plan(importer, verify=True), Bucket(importer.s3, "contacts")
    Ledger(bucket, upload.import_id, lambda: importer.clock).mark_stopped("the key is denied")

    send_unit(
        upload.import_id,
        VERIFICATION_UNIT,
        bucket=bucket,
        settings=importer.build_settings(),
        client=importer.build_client(),
        now=lambda: importer.clock,
    )

    assert load_verification(bucket, upload.import_id) is None
    assert importer.sandbox.query_paths == []
