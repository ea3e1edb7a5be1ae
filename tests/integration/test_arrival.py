"""With VERIFY=true an import looks up which of its contacts arrived, on both paths."""

from collections.abc import Callable
from typing import Any

import pytest

from contact_import.domain.ids import compute_import_id
from local.sandbox.endpoint import Exchange
from local.sandbox.faults import FAULTS, queue_faults
from tests.conftest import Importer, build_contacts_csv

ON = {"verify": True}
EMPTY = {"found": 0, "missing": 0, "missing_rows": [], "unknown_found_rows": [], "error": None}


def _import_by(importer: Importer, import_path: str, body: str, key: str = "incoming/june.csv") -> dict[str, Any]:
    upload = importer.upload(body, key)
    return importer.run(upload) if import_path == "inline" else importer.run_large(upload)


IMPORT_PATHS = pytest.mark.parametrize("import_path", ["inline", "large"])


def _losing(importer: Importer, *numbers: str) -> Callable[[Exchange], None]:
    """Return a fault that accepts every contact and forgets these."""

    def lose(exchange: Exchange) -> None:
        exchange.respond()
        with importer.sandbox.lock:
            importer.sandbox.contacts[:] = [
                one for one in importer.sandbox.contacts if one["phone_number"] not in numbers
            ]

    return lose


@IMPORT_PATHS
def test_everyone_is_found_under_the_tag_of_the_import(importer: Importer, import_path: str) -> None:
    importer.settings |= ON | {"batch_max_contacts": 10}
    importer.sandbox.contacts.append({"phone_number": "+61491570156", "tags": ["other"]})

    result = _import_by(importer, import_path, build_contacts_csv(25) + "X,Y,\n")

    assert result["verified"] == EMPTY | {"found": 25}
    assert result["tags"] == [f"import-{result['import_id']}"]
    assert {seen.tags for seen in importer.sandbox.log} == {(f"import-{result['import_id']}",)}
    assert result["messages"] == []


@IMPORT_PATHS
def test_who_is_not_there_is_named_by_row_and_stays_accepted(importer: Importer, import_path: str) -> None:
    importer.settings |= ON
    importer.sandbox.default_fault = ("losing", _losing(importer, "+61400000001", "+61400000003"))

    result = _import_by(importer, import_path, build_contacts_csv(5))

    assert result["verified"] == EMPTY | {"found": 3, "missing": 2, "missing_rows": [3, 5]}
    assert (result["status"], result["rows"]["accepted"]) == ("completed", 5)
    assert result["messages"] == ["Cellcast accepted 5 contacts but does not list 2 of them: rows 3, 5."]


@IMPORT_PATHS
def test_rows_that_are_unknown_and_there_are_reported(importer: Importer, import_path: str) -> None:
    importer.settings |= ON | {"on_ambiguous": "hold"}
    queue_faults(importer.sandbox, ["200 empty"])

    result = _import_by(importer, import_path, build_contacts_csv(3))

    assert result["rows"]["unknown"] == 3
    assert result["verified"] == EMPTY | {"unknown_found_rows": [2, 3, 4]}


def test_a_contact_that_shows_up_a_moment_later_is_found(importer: Importer) -> None:
    importer.settings |= ON
    importer.seconds = 60

    def not_yet(exchange: Exchange) -> None:
        exchange.send_json(200, {"status": True, "data": {"items": [], "next": None}})

    importer.sandbox.query_faults.append(not_yet)

    assert importer.import_file(build_contacts_csv(3))["verified"] == EMPTY | {"found": 3}


@IMPORT_PATHS
@pytest.mark.parametrize("fault", ["404", "200 array", "200 status false", "503 html", "endless", "redirect"])
def test_what_cannot_be_looked_up_is_said_and_changes_nothing(importer: Importer, import_path: str, fault: str) -> None:
    importer.settings |= ON
    importer.sandbox.query_faults.extend([FAULTS[fault]] * 400)

    result = _import_by(importer, import_path, build_contacts_csv(3))

    assert (result["status"], result["rows"]["accepted"]) == ("completed", 3)
    assert result["verified"]["error"]
    assert result["messages"] == [f"Arrival could not be verified: {result['verified']['error']}."]


def test_contacts_of_others_are_not_counted_where_the_tag_is_not_heeded(importer: Importer) -> None:
    importer.settings |= ON
    upload = importer.upload(build_contacts_csv(2))
    tag = f"import-{compute_import_id(upload.bucket, upload.key, upload.version)}"

    def list_everyone(exchange: Exchange) -> None:
        items = [{"Number": "400000000", "Tags": ["x", {"name": tag}]}, {"Number": "400000001", "Tags": ["other"]}]
        exchange.send_json(200, {"data": {"items": items}})

    importer.sandbox.query_faults.append(list_everyone)

    assert importer.run(upload)["verified"] == EMPTY | {"found": 1, "missing": 1, "missing_rows": [3]}


@IMPORT_PATHS
def test_no_query_is_made_when_no_one_was_imported(importer: Importer, import_path: str) -> None:
    importer.settings |= ON
    importer.sandbox.refused_numbers = frozenset({"+61400000000"})

    assert _import_by(importer, import_path, build_contacts_csv(1))["verified"] == EMPTY
    assert _import_by(importer, import_path, build_contacts_csv(3), "validate/june.csv")["verified"] is None
    assert importer.sandbox.query_paths == []


def test_without_the_setting_no_tag_is_made_and_no_one_is_asked(importer: Importer) -> None:
    for path in ("inline", "large"):
        result = _import_by(importer, path, build_contacts_csv(3), f"incoming/{path}.csv")
        assert (result["verified"], result["tags"]) == (None, [])
    assert importer.sandbox.query_paths == []


@IMPORT_PATHS
def test_an_import_that_broke_off_says_that_no_one_looked(importer: Importer, import_path: str) -> None:
    importer.settings |= ON | {"batch_max_contacts": 1, "canary_contacts": 2}
    importer.sandbox.refused_numbers = frozenset({"+61400000000", "+61400000001"})

    result = _import_by(importer, import_path, build_contacts_csv(5))

    assert result["verified"] == EMPTY | {"error": "the import ended too early"}
