"""What of an import is really there: looked up under its own tag, on both roads."""

from collections.abc import Callable
from typing import Any

import pytest

from contact_import.domain.object_keys import import_id
from local.sandbox.endpoint import Exchange
from local.sandbox.faults import FAULTS, play
from tests.conftest import Office, people

ON = {"verify": True}
EMPTY = {"found": 0, "missing": 0, "missing_rows": [], "unknown_found_rows": [], "error": None}


def _by(office: Office, road: str, body: str, key: str = "incoming/june.csv") -> dict[str, Any]:
    upload = office.upload(body, key)
    return office.run(upload) if road == "inline" else office.run_large(upload)


ROADS = pytest.mark.parametrize("road", ["inline", "large"])


def _losing(office: Office, *numbers: str) -> Callable[[Exchange], None]:
    """An endpoint that says yes to all and does not keep these."""

    def lose(exchange: Exchange) -> None:
        exchange.serve()
        with office.sandbox.lock:
            office.sandbox.contacts[:] = [one for one in office.sandbox.contacts if one["phone_number"] not in numbers]

    return lose


@ROADS
def test_everybody_is_found_under_the_tag_of_the_import(office: Office, road: str) -> None:
    office.settings |= ON | {"batch_max_contacts": 10}
    office.sandbox.contacts.append({"phone_number": "+61491570156", "tags": ["other"]})

    result = _by(office, road, people(25) + "X,Y,\n")

    assert result["verified"] == EMPTY | {"found": 25}
    assert result["tags"] == [f"import-{result['import_id']}"]
    assert {seen.tags for seen in office.sandbox.log} == {(f"import-{result['import_id']}",)}
    assert result["messages"] == []


@ROADS
def test_who_is_not_there_is_named_by_row_and_stays_accepted(office: Office, road: str) -> None:
    office.settings |= ON
    office.sandbox.always = ("losing", _losing(office, "+61400000001", "+61400000003"))

    result = _by(office, road, people(5))

    assert result["verified"] == EMPTY | {"found": 3, "missing": 2, "missing_rows": [3, 5]}
    assert (result["status"], result["rows"]["accepted"]) == ("completed", 5)
    assert result["messages"] == ["Cellcast took 5 contacts and does not show 2 of them: rows 3, 5."]


@ROADS
def test_rows_that_are_unknown_and_there_are_told(office: Office, road: str) -> None:
    office.settings |= ON | {"on_ambiguous": "hold"}
    play(office.sandbox, ["200 empty"])

    result = _by(office, road, people(3))

    assert result["rows"]["unknown"] == 3
    assert result["verified"] == EMPTY | {"unknown_found_rows": [2, 3, 4]}


def test_a_contact_that_shows_up_a_moment_later_is_found(office: Office) -> None:
    office.settings |= ON
    office.seconds = 60

    def not_yet(exchange: Exchange) -> None:
        exchange.reply(200, {"status": True, "data": {"items": [], "next": None}})

    office.sandbox.get_faults.append(not_yet)

    assert office.drop(people(3))["verified"] == EMPTY | {"found": 3}


@ROADS
@pytest.mark.parametrize("fault", ["404", "200 array", "200 status false", "503 html", "endless", "redirect"])
def test_what_cannot_be_looked_up_is_said_and_changes_nothing(office: Office, road: str, fault: str) -> None:
    office.settings |= ON
    office.sandbox.get_faults.extend([FAULTS[fault]] * 400)

    result = _by(office, road, people(3))

    assert (result["status"], result["rows"]["accepted"]) == ("completed", 3)
    assert result["verified"]["error"]
    assert result["messages"] == [f"What arrived could not be looked up: {result['verified']['error']}."]


def test_contacts_of_others_are_not_counted_where_the_tag_is_not_heeded(office: Office) -> None:
    office.settings |= ON
    upload = office.upload(people(2))
    tag = f"import-{import_id(upload.bucket, upload.key, upload.version)}"

    def everybody(exchange: Exchange) -> None:
        items = [{"Number": "400000000", "Tags": ["x", {"name": tag}]}, {"Number": "400000001", "Tags": ["other"]}]
        exchange.reply(200, {"data": {"items": items}})

    office.sandbox.get_faults.append(everybody)

    assert office.run(upload)["verified"] == EMPTY | {"found": 1, "missing": 1, "missing_rows": [3]}


@ROADS
def test_nobody_is_asked_when_nobody_went_in(office: Office, road: str) -> None:
    office.settings |= ON
    office.sandbox.refused = frozenset({"+61400000000"})

    assert _by(office, road, people(1))["verified"] == EMPTY
    assert _by(office, road, people(3), "validate/june.csv")["verified"] is None
    assert office.sandbox.asked == []


def test_without_the_setting_no_tag_is_made_and_nobody_is_asked(office: Office) -> None:
    for road in ("inline", "large"):
        result = _by(office, road, people(3), f"incoming/{road}.csv")
        assert (result["verified"], result["tags"]) == (None, [])
    assert office.sandbox.asked == []


@ROADS
def test_an_import_that_broke_off_says_that_nobody_looked(office: Office, road: str) -> None:
    office.settings |= ON | {"batch_max_contacts": 1, "first_sip": 2}
    office.sandbox.refused = frozenset({"+61400000000", "+61400000001"})

    result = _by(office, road, people(5))

    assert result["verified"] == EMPTY | {"error": "the import broke off before"}
