"""Cellcast's opt-out list: people who are on it get nothing, and without it nobody does."""

from typing import Any

import pytest

from contact_import.errors import EndpointAwayError
from local.sandbox.endpoint import Exchange
from local.sandbox.faults import FAULTS, play_always
from tests.conftest import Office, people

ON = {"screen_opt_outs": True}
FILE = "Name,Mobile\nAnn,0491570006\nBob,0491 570 156\nCy,0491570157\nBob again,0491570156\n"


def _large(office: Office, body: str, key: str = "incoming/large.csv") -> dict[str, Any]:
    """As an upload comes in that is too large for one invocation."""
    office.settings["inline_max_bytes"] = 1
    upload = office.upload(body, key)
    assert office.try_run(upload, lambda _upload: None) is None
    office.settings["inline_max_bytes"] = 20_000_000
    return office.run_large(upload)


def test_those_who_opted_out_get_nothing_on_either_road(office: Office) -> None:
    office.settings |= ON
    office.sandbox.opted_out = ["491570156", "61491570157", "+64211234567"]

    inline, large = office.drop(FILE), _large(office, FILE)

    for result in (inline, large):
        assert result["rows"] | {"accepted": 1, "opted_out": 3} == result["rows"]
        assert result["reasons"] == [
            {"status": "opted_out", "reason": "consent: Cellcast's opt-out list has the number", "count": 3}
        ]
    assert set(office.sandbox.numbers) == {"+61491570006"}


def test_it_is_not_asked_for_unless_it_is_told_to(office: Office) -> None:
    office.sandbox.opted_out = ["491570156"]

    assert office.drop(FILE)["rows"]["accepted"] == 3
    assert office.sandbox.asked == []


def test_a_list_of_many_pages_is_read_once_for_all_runs_of_an_import(office: Office) -> None:
    office.settings |= ON
    office.sandbox.opted_out = [f"4000{n:05d}" for n in range(250)]
    upload = office.upload(people(300))
    office.settings["inline_max_bytes"] = 1
    for _ in range(2):
        assert office.try_run(upload, lambda _upload: None) is None
    office.sandbox.opted_out = []

    result = office.run_large(upload)

    assert (result["rows"]["opted_out"], result["rows"]["accepted"]) == (250, 50)
    assert len(office.sandbox.asked) == 3


@pytest.mark.parametrize(
    "fault",
    ["404", "200 array", "200 empty", "200 status false", "503 html", "redirect", "reset before taking", "endless"],
)
def test_without_the_list_nothing_is_sent_and_every_row_is_unsent(office: Office, fault: str) -> None:
    office.settings |= ON
    office.sandbox.get_faults.extend([FAULTS[fault]] * 400)

    result = office.drop(FILE)

    assert (result["status"], result["rows"]["unsent"]) == ("failed", 3)
    assert result["error"].startswith("Cellcast's opt-out list could not be read, so that nothing was sent: ")
    assert office.sandbox.log == []


def test_where_it_can_be_tried_later_it_is_three_times_and_then_the_import_fails(office: Office) -> None:
    office.settings |= ON
    office.sandbox.get_faults.extend([FAULTS["404"]] * 3)
    upload = office.upload(FILE)
    for _ in range(2):
        with pytest.raises(EndpointAwayError, match="could not be read by now"):
            office.try_run(upload, lambda _upload: None)

    result = office.try_run(upload, lambda _upload: None)

    assert result is not None
    assert (result["status"], result["rows"]["unsent"]) == ("failed", 3)
    assert office.sandbox.log == []


def test_a_later_try_that_reads_it_goes_on(office: Office) -> None:
    office.settings |= ON
    office.sandbox.opted_out = ["491570156"]
    office.sandbox.get_faults.append(FAULTS["404"])
    upload = office.upload(FILE)
    with pytest.raises(EndpointAwayError):
        office.try_run(upload, lambda _upload: None)

    assert office.run(upload)["rows"]["opted_out"] == 2


def test_the_large_road_sends_nothing_either_without_the_list(office: Office) -> None:
    office.settings |= ON
    office.keys = ["wrong"]
    denied = _large(office, FILE)
    office.sandbox.asked.clear()

    # The state machine started by hand, so that nobody read the list before.
    never = office.run_large(office.upload(FILE, "incoming/by hand.csv"))

    assert denied["error"] == "Cellcast did not take the API key"
    assert never["error"].startswith("Cellcast's opt-out list was not read before the import")
    for result in (denied, never):
        assert (result["status"], result["rows"]["unsent"]) == ("failed", 3)
    assert office.sandbox.log == []


def test_a_run_that_goes_on_obeys_what_the_first_one_found(office: Office) -> None:
    office.settings |= ON | {"batch_max_contacts": 1, "concurrency": 1}
    office.sandbox.opted_out = ["491570156"]
    upload = office.upload(FILE)
    play_always(office.sandbox, "503 html")
    assert office.try_run(upload, lambda _upload: None) is None
    office.sandbox.always = None
    office.settings["screen_opt_outs"] = False
    office.sandbox.opted_out = []

    result = office.run_large(upload)

    assert (result["rows"]["opted_out"], result["rows"]["accepted"]) == (2, 2)


def test_entries_that_nobody_can_read_are_counted_in_the_messages(office: Office) -> None:
    office.settings |= ON

    def odd(exchange: Exchange) -> None:
        exchange.reply(200, {"data": {"data": [{"number": "STOP"}, {"number": None}, {"number": "491570156"}]}})

    office.sandbox.get_faults.append(odd)

    result = office.drop(FILE)

    assert result["messages"] == ["Cellcast's opt-out list has 2 entries without a number that can be read."]
    assert result["rows"]["opted_out"] == 2


def test_a_dry_run_says_who_would_be_left_out(office: Office) -> None:
    office.settings |= ON
    office.sandbox.opted_out = ["491570156"]

    rows = office.drop(FILE, "validate/june.csv")["rows"]

    assert (rows["accepted"], rows["opted_out"]) == (2, 2)
    assert office.sandbox.log == []
