"""The canary batch: the first contacts decide whether the others are sent."""

from itertools import pairwise
from typing import Any

import pytest

from contact_import.checks.canary import is_canary_stop
from local.sandbox.faults import queue_faults, set_default_fault
from tests.conftest import Importer, build_contacts_csv
from tests.integration.test_large_file import _same

EVERYBODY = frozenset(f"+614000{n:05d}" for n in range(100))
SMALL = {"canary_contacts": 5, "batch_max_contacts": 10, "concurrency": 4}


def _import_by(importer: Importer, import_path: str, body: str, key: str = "incoming/june.csv") -> dict[str, Any]:
    upload = importer.upload(body, key)
    return importer.run(upload) if import_path == "inline" else importer.run_large(upload)


IMPORT_PATHS = pytest.mark.parametrize("import_path", ["inline", "large"])


@IMPORT_PATHS
def test_nothing_more_is_sent_when_most_of_the_first_contacts_are_refused(importer: Importer, import_path: str) -> None:
    importer.settings |= SMALL
    importer.sandbox.refused_numbers = EVERYBODY

    result = _import_by(importer, import_path, build_contacts_csv(40))

    assert sum(len(seen.contacts) for seen in importer.sandbox.log) == 5
    assert (result["status"], result["rows"]["refused"], result["rows"]["unsent"]) == ("failed", 5, 35)
    assert result["error"].startswith("Cellcast rejected 5 of the first 5 contacts, so nothing more was sent")
    assert "phone number" in result["error"]
    assert importer.read_report_file(result, "failed.csv").count("Cellcast rejected 5 of the first 5") == 35


def test_both_paths_say_the_same_of_it(importer: Importer) -> None:
    importer.settings |= SMALL
    importer.sandbox.refused_numbers = EVERYBODY
    body = build_contacts_csv(40) + "X,Y,\n"

    inline, large = _import_by(importer, "inline", body), _import_by(importer, "large", body)

    _same(inline, large)
    assert importer.read_report_file(large, "failed.csv") == importer.read_report_file(inline, "failed.csv")


@IMPORT_PATHS
@pytest.mark.parametrize("size", [1, 3, 400])
def test_when_they_are_taken_everyone_is_sent_once(importer: Importer, import_path: str, size: int) -> None:
    importer.settings |= {"canary_contacts": 5, "batch_max_contacts": size}

    result = _import_by(importer, import_path, build_contacts_csv(40))

    assert result["rows"]["accepted"] == 40
    assert len(importer.sandbox.numbers) == len(set(importer.sandbox.numbers)) == 40


@IMPORT_PATHS
def test_no_other_request_leaves_before_the_first_contacts_are_answered(importer: Importer, import_path: str) -> None:
    importer.settings |= SMALL
    queue_faults(importer.sandbox, ["503 html", "503 html", "429"])

    result = _import_by(importer, import_path, build_contacts_csv(40))

    sizes = [len(seen.contacts) for seen in importer.sandbox.log]
    assert sizes[:4] == [5, 5, 5, 5]
    assert sorted(sizes[4:]) == [5, 10, 10, 10]
    assert all(one.received_at <= other.received_at for one, other in pairwise(importer.sandbox.log))
    assert result["rows"]["accepted"] == 40


@IMPORT_PATHS
def test_a_file_of_no_more_than_the_first_contacts_is_just_that_file(importer: Importer, import_path: str) -> None:
    importer.settings |= SMALL
    importer.sandbox.refused_numbers = EVERYBODY

    result = _import_by(importer, import_path, build_contacts_csv(5) + "X,Y,\n")

    assert (result["status"], result["error"]) == (
        "failed",
        "Nothing was imported: no row could be sent. The reasons are in failed.csv.",
    )
    assert (result["rows"]["refused"], result["rows"]["invalid"]) == (5, 1)


@IMPORT_PATHS
def test_rows_that_no_one_would_send_are_nothing_to_stop(importer: Importer, import_path: str) -> None:
    importer.settings |= SMALL | {"batch_max_contacts": 1}
    importer.sandbox.refused_numbers = EVERYBODY

    result = _import_by(importer, import_path, build_contacts_csv(5) + "X,Y,\n" * 20)

    assert (result["status"], result["error"]) == (
        "failed",
        "Nothing was imported: no row could be sent. The reasons are in failed.csv.",
    )
    assert (result["rows"]["refused"], result["rows"]["invalid"]) == (5, 20)


@IMPORT_PATHS
def test_switched_off_the_file_goes_whole(importer: Importer, import_path: str) -> None:
    importer.settings |= SMALL | {"canary_contacts": 0}
    importer.sandbox.refused_numbers = EVERYBODY

    result = _import_by(importer, import_path, build_contacts_csv(40))

    assert result["rows"]["refused"] == 40
    assert not is_canary_stop(result["error"])


@IMPORT_PATHS
@pytest.mark.parametrize("fault", ["200 empty", "counts missing"])
def test_an_answer_that_no_one_understands_is_no_refusal(importer: Importer, import_path: str, fault: str) -> None:
    importer.settings |= SMALL | {"on_ambiguous": "hold"}
    queue_faults(importer.sandbox, [fault])

    result = _import_by(importer, import_path, build_contacts_csv(40))

    assert (result["rows"]["unknown"], result["rows"]["accepted"]) == (5, 35)


@IMPORT_PATHS
def test_whole_requests_that_are_refused_stop_it_as_well(importer: Importer, import_path: str) -> None:
    importer.settings |= SMALL
    set_default_fault(importer.sandbox, "400 code")

    result = _import_by(importer, import_path, build_contacts_csv(40))

    assert (result["rows"]["refused"], result["rows"]["unsent"]) == (5, 35)
    assert result["error"].endswith("check the file and the account.")


def test_a_run_that_died_after_the_first_contacts_hears_of_them_again(importer: Importer) -> None:
    importer.settings |= SMALL | {"concurrency": 1}
    importer.sandbox.refused_numbers = EVERYBODY
    upload = importer.upload(build_contacts_csv(40))
    assert importer.run(upload)["error"]
    result_key = next(key for key in _keys(importer) if key.endswith("result.json"))
    importer.s3.delete_object(Bucket="contacts", Key=result_key)

    again = importer.run_large(upload)

    assert len(importer.sandbox.log) == 1
    assert (again["rows"]["refused"], again["rows"]["unsent"]) == (5, 35)
    assert again["error"].startswith("Cellcast rejected 5 of the first 5")


def _keys(importer: Importer) -> list[str]:
    return [item["Key"] for item in importer.s3.list_objects_v2(Bucket="contacts")["Contents"]]


def test_a_dry_run_asks_no_one(importer: Importer) -> None:
    importer.settings |= SMALL

    for path in ("inline", "large"):
        assert _import_by(importer, path, build_contacts_csv(40), "validate/june.csv")["rows"]["accepted"] == 40
    assert importer.sandbox.log == []


def test_where_the_first_contacts_stay_unanswered_no_one_else_is_sent(importer: Importer) -> None:
    importer.settings |= SMALL
    importer.seconds = 3
    set_default_fault(importer.sandbox, "503 html")
    handed: list[object] = []

    assert importer.run_or_hand_over(importer.upload(build_contacts_csv(40)), handed.append) is None
    assert len(handed) == 1
    assert {len(seen.contacts) for seen in importer.sandbox.log} == {5}
