"""A mapping.json in the bucket decides what the columns of an upload contain."""

import json

import pytest

from contact_import.domain.object_keys import list_mapping_keys, starts_import
from local.sandbox.faults import set_default_fault
from tests.conftest import Importer

FILE = "Kunde,Handy,Telefon\nAnn Lee,0491 570 006,0491 570 156\n"
MAPPING = json.dumps({"Kunde": "name", "Telefon": "phone_number"})


def _lay(importer: Importer, key: str, body: str = MAPPING) -> None:
    importer.s3.put_object(Bucket="contacts", Key=key, Body=body.encode())


@pytest.mark.parametrize("folder", ["incoming/", "incoming/list=News/", "incoming/list=News/tag=VIP/"])
def test_a_mapping_beside_the_upload_or_in_a_folder_above_decides(importer: Importer, folder: str) -> None:
    _lay(importer, f"{folder}mapping.json")

    result = importer.import_file(FILE, "incoming/list=News/tag=VIP/june.csv")

    assert importer.sandbox.numbers == ["+61491570156"]
    assert result["columns"][1] == {"header": "Handy", "field": None}
    assert result["mapping"] == f"{folder}mapping.json"


def test_the_nearest_one_counts_and_metadata_before_any_file(importer: Importer) -> None:
    _lay(importer, "incoming/mapping.json", '{"Handy": null, "Telefon": null}')
    _lay(importer, "incoming/june/mapping.json")

    near = importer.import_file(FILE, "incoming/june/a.csv")
    own = importer.import_file(FILE, "incoming/june/b.csv", mapping="%7B%22Handy%22: %22phone_number%22%7D")

    assert (near["mapping"], own["mapping"]) == ("incoming/june/mapping.json", "metadata")
    assert importer.sandbox.numbers == ["+61491570156", "+61491570006"]


def test_a_wrong_mapping_fails_the_import_and_sends_nothing(importer: Importer) -> None:
    _lay(importer, "incoming/mapping.json", '{"Handy": "mobile"}')

    inline, large = importer.import_file(FILE), importer.run_large(importer.upload(FILE, "incoming/other.csv"))

    assert inline["status"] == large["status"] == "failed"
    assert "incoming/mapping.json maps 'Handy' to 'mobile'" in inline["error"]
    assert importer.sandbox.log == []


def test_a_mapping_of_the_dry_runs_is_their_own(importer: Importer) -> None:
    _lay(importer, "validate/mapping.json")

    assert importer.import_file(FILE, "validate/june.csv")["mapping"] == "validate/mapping.json"
    assert importer.import_file(FILE)["mapping"] is None


def test_what_was_mapped_holds_for_the_import_even_when_the_file_is_changed_meanwhile(importer: Importer) -> None:
    _lay(importer, "incoming/mapping.json")
    upload = importer.upload(FILE)
    set_default_fault(importer.sandbox, "503 html")
    assert importer.run_or_hand_over(upload, lambda _upload: None) is None
    importer.sandbox.default_fault = None
    _lay(importer, "incoming/mapping.json", '{"Handy": "phone_number"}')

    result = importer.run_large(upload)

    assert importer.sandbox.numbers == ["+61491570156"]
    assert result["mapping"] == "incoming/mapping.json"


def test_a_mapping_is_never_an_import() -> None:
    assert not starts_import("incoming/mapping.json")
    assert not starts_import("validate/a/mapping.json")
    assert starts_import("incoming/my mapping.json")
    assert list_mapping_keys("incoming/june.csv") == ["incoming/mapping.json"]
