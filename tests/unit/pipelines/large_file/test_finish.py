from dataclasses import asdict
from typing import Any

import pytest

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.errors import UnfinishedError
from contact_import.ledger.ledger import Ledger
from tests.conftest import Importer, build_contacts_csv


def _finish(importer: Importer, upload: Upload, **more: Any) -> dict[str, Any]:
    result: dict[str, Any] = importer.run_stage("Finish", {**asdict(upload), **more})
    return result


def _ledger(importer: Importer, upload: Upload) -> Ledger:
    return Ledger(Bucket(importer.s3, "contacts"), upload.import_id, lambda: importer.clock)


def test_an_import_without_a_plan_fails_with_a_sentence(importer: Importer) -> None:
    result = _finish(importer, importer.upload(build_contacts_csv(3)))

    assert (result["status"], result["rows"]["read"]) == ("failed", 0)
    assert "could not be read to its end" in result["error"]


def test_what_no_unit_has_sent_is_unsent_with_the_last_error_of_the_endpoint(importer: Importer) -> None:
    upload = importer.upload(build_contacts_csv(3))
    importer.run_stage("Plan", asdict(upload))
    _ledger(importer, upload).mark_unavailable("Cellcast was down")

    result = _finish(importer, upload, failure={"Error": "States.Timeout"})

    assert (result["status"], result["error"], result["rows"]["unsent"]) == ("failed", "Cellcast was down", 3)
    assert result["reasons"][0]["reason"] == "Cellcast was down"
    assert importer.sandbox.log == []


def test_a_batch_that_another_run_owns_is_waited_for(importer: Importer) -> None:
    importer.seconds = 3.0
    upload = importer.upload(build_contacts_csv(3))
    importer.run_stage("Plan", asdict(upload))
    _ledger(importer, upload).claim(1)

    with pytest.raises(UnfinishedError):
        _finish(importer, upload)


def test_a_finished_import_keeps_its_result(importer: Importer) -> None:
    upload = importer.upload(build_contacts_csv(3))
    first = importer.run(upload)

    assert _finish(importer, upload, failure={"Error": "States.Timeout"}) == first


def test_a_verification_that_did_not_run_is_reported(importer: Importer) -> None:
    importer.settings["verify"] = True
    upload = importer.upload(build_contacts_csv(3))
    importer.run_stage("Plan", asdict(upload))
    importer.run_stage("Batch", {"import_id": upload.import_id, "unit": 1})

    result = _finish(importer, upload)

    assert result["verified"]["error"] == "the import ended too early"
    assert result["rows"]["accepted"] == 3
