"""The first contacts of a file, and what becomes of the rest."""

from itertools import pairwise
from typing import Any

import pytest

from local.sandbox.faults import play, play_always
from tests.conftest import Office, people
from tests.integration.test_large_file import _same

EVERYBODY = frozenset(f"+614000{n:05d}" for n in range(100))
SMALL = {"first_sip": 5, "batch_max_contacts": 10, "concurrency": 4}


def _by(office: Office, road: str, body: str, key: str = "incoming/june.csv") -> dict[str, Any]:
    upload = office.upload(body, key)
    return office.run(upload) if road == "inline" else office.run_large(upload)


ROADS = pytest.mark.parametrize("road", ["inline", "large"])


@ROADS
def test_nothing_more_is_sent_when_most_of_the_first_contacts_are_refused(office: Office, road: str) -> None:
    office.settings |= SMALL
    office.sandbox.refused = EVERYBODY

    result = _by(office, road, people(40))

    assert sum(len(seen.contacts) for seen in office.sandbox.log) == 5
    assert (result["status"], result["rows"]["refused"], result["rows"]["unsent"]) == ("failed", 5, 35)
    assert result["error"].startswith("Cellcast refused 5 of the first 5 contacts, so that nothing more was sent")
    assert "phone number" in result["error"]
    assert office.read(result, "failed.csv").count("Cellcast refused 5 of the first 5") == 35


def test_both_roads_say_the_same_of_it(office: Office) -> None:
    office.settings |= SMALL
    office.sandbox.refused = EVERYBODY
    body = people(40) + "X,Y,\n"

    inline, large = _by(office, "inline", body), _by(office, "large", body)

    _same(inline, large)
    assert office.read(large, "failed.csv") == office.read(inline, "failed.csv")


@ROADS
@pytest.mark.parametrize("size", [1, 3, 400])
def test_when_they_are_taken_everybody_is_sent_once(office: Office, road: str, size: int) -> None:
    office.settings |= {"first_sip": 5, "batch_max_contacts": size}

    result = _by(office, road, people(40))

    assert result["rows"]["accepted"] == 40
    assert len(office.sandbox.numbers) == len(set(office.sandbox.numbers)) == 40


@ROADS
def test_no_other_request_leaves_before_the_first_contacts_are_answered(office: Office, road: str) -> None:
    office.settings |= SMALL
    play(office.sandbox, ["503 html", "503 html", "429"])

    result = _by(office, road, people(40))

    sizes = [len(seen.contacts) for seen in office.sandbox.log]
    assert sizes[:4] == [5, 5, 5, 5]
    assert sorted(sizes[4:]) == [5, 10, 10, 10]
    assert all(one.at <= other.at for one, other in pairwise(office.sandbox.log))
    assert result["rows"]["accepted"] == 40


@ROADS
def test_a_file_of_no_more_than_the_first_contacts_is_just_that_file(office: Office, road: str) -> None:
    office.settings |= SMALL
    office.sandbox.refused = EVERYBODY

    result = _by(office, road, people(5) + "X,Y,\n")

    assert (result["status"], result["error"]) == ("completed_with_failures", None)
    assert (result["rows"]["refused"], result["rows"]["invalid"]) == (5, 1)


@ROADS
def test_rows_that_nobody_would_send_are_nothing_to_stop(office: Office, road: str) -> None:
    office.settings |= SMALL | {"batch_max_contacts": 1}
    office.sandbox.refused = EVERYBODY

    result = _by(office, road, people(5) + "X,Y,\n" * 20)

    assert (result["status"], result["error"]) == ("completed_with_failures", None)
    assert (result["rows"]["refused"], result["rows"]["invalid"]) == (5, 20)


@ROADS
def test_switched_off_the_file_goes_whole(office: Office, road: str) -> None:
    office.settings |= SMALL | {"first_sip": 0}
    office.sandbox.refused = EVERYBODY

    result = _by(office, road, people(40))

    assert result["rows"]["refused"] == 40
    assert result["error"] is None


@ROADS
@pytest.mark.parametrize("fault", ["200 empty", "counts missing"])
def test_an_answer_that_nobody_understands_is_no_refusal(office: Office, road: str, fault: str) -> None:
    office.settings |= SMALL | {"on_ambiguous": "hold"}
    play(office.sandbox, [fault])

    result = _by(office, road, people(40))

    assert (result["rows"]["unknown"], result["rows"]["accepted"]) == (5, 35)


@ROADS
def test_whole_requests_that_are_refused_stop_it_as_well(office: Office, road: str) -> None:
    office.settings |= SMALL
    play_always(office.sandbox, "400 code")

    result = _by(office, road, people(40))

    assert (result["rows"]["refused"], result["rows"]["unsent"]) == (5, 35)
    assert result["error"].endswith("is it the right file, and the right account?")


def test_a_run_that_died_after_the_first_contacts_hears_of_them_again(office: Office) -> None:
    office.settings |= SMALL | {"concurrency": 1}
    office.sandbox.refused = EVERYBODY
    upload = office.upload(people(40))
    assert office.run(upload)["error"]
    result_key = next(key for key in _keys(office) if key.endswith("result.json"))
    office.s3.delete_object(Bucket="contacts", Key=result_key)

    again = office.run_large(upload)

    assert len(office.sandbox.log) == 1
    assert (again["rows"]["refused"], again["rows"]["unsent"]) == (5, 35)
    assert again["error"].startswith("Cellcast refused 5 of the first 5")


def _keys(office: Office) -> list[str]:
    return [item["Key"] for item in office.s3.list_objects_v2(Bucket="contacts")["Contents"]]


def test_a_dry_run_asks_nobody(office: Office) -> None:
    office.settings |= SMALL

    for road in ("inline", "large"):
        assert _by(office, road, people(40), "validate/june.csv")["rows"]["accepted"] == 40
    assert office.sandbox.log == []


def test_where_the_first_contacts_stay_unanswered_nobody_else_is_sent(office: Office) -> None:
    office.settings |= SMALL
    office.seconds = 3
    play_always(office.sandbox, "503 html")
    handed: list[object] = []

    assert office.try_run(office.upload(people(40)), handed.append) is None
    assert len(handed) == 1
    assert {len(seen.contacts) for seen in office.sandbox.log} == {5}
