"""Files with SCREEN_OPT_OUTS on: people on Cellcast's opt-out list get nothing; without the list nothing is sent."""

from typing import Any

import pytest

from contact_import.errors import EndpointUnavailableError
from local.sandbox.endpoint import Exchange
from local.sandbox.faults import FAULTS, set_default_fault
from tests.conftest import Importer, build_contacts_csv

ON = {"screen_opt_outs": True}
FILE = "Name,Mobile\nAnn,0491570006\nBob,0491 570 156\nCy,0491570157\nBob again,0491570156\n"


def _large(importer: Importer, body: str, key: str = "incoming/large.csv") -> dict[str, Any]:
    """Start an import as the upload of a file that is too large for one invocation does."""
    importer.settings["inline_max_bytes"] = 1
    upload = importer.upload(body, key)
    assert importer.run_or_hand_over(upload, lambda _upload: None) is None
    importer.settings["inline_max_bytes"] = 20_000_000
    return importer.run_large(upload)


def test_those_who_opted_out_get_nothing_on_either_path(importer: Importer) -> None:
    importer.settings |= ON
    importer.sandbox.opted_out = ["491570156", "61491570157", "+64211234567"]

    inline, large = importer.import_file(FILE), _large(importer, FILE)

    for result in (inline, large):
        assert result["rows"] | {"accepted": 1, "opted_out": 3} == result["rows"]
        assert result["reasons"] == [
            {
                "status": "opted_out",
                "reason": "consent: the number is on Cellcast's opt-out list",
                "count": 3,
                "first_rows": [3, 4, 5],
            }
        ]
    assert set(importer.sandbox.numbers) == {"+61491570006"}


def test_it_is_not_asked_for_unless_it_is_configured(importer: Importer) -> None:
    importer.sandbox.opted_out = ["491570156"]

    assert importer.import_file(FILE)["rows"]["accepted"] == 3
    assert importer.sandbox.query_paths == []


def test_a_list_of_many_pages_is_read_once_for_all_runs_of_an_import(importer: Importer) -> None:
    importer.settings |= ON
    importer.sandbox.opted_out = [f"4000{n:05d}" for n in range(250)]
    upload = importer.upload(build_contacts_csv(300))
    importer.settings["inline_max_bytes"] = 1
    for _ in range(2):
        assert importer.run_or_hand_over(upload, lambda _upload: None) is None
    importer.sandbox.opted_out = []

    result = importer.run_large(upload)

    assert (result["rows"]["opted_out"], result["rows"]["accepted"]) == (250, 50)
    assert len(importer.sandbox.query_paths) == 3


@pytest.mark.parametrize(
    "fault",
    ["404", "200 array", "200 empty", "200 status false", "503 html", "redirect", "reset before taking", "endless"],
)
def test_without_the_list_nothing_is_sent_and_every_row_is_unsent(importer: Importer, fault: str) -> None:
    importer.settings |= ON
    importer.sandbox.query_faults.extend([FAULTS[fault]] * 400)

    result = importer.import_file(FILE)

    assert (result["status"], result["rows"]["unsent"]) == ("failed", 3)
    assert result["error"].startswith("Cellcast's opt-out list could not be read, so nothing was sent: ")
    assert importer.sandbox.log == []


def test_where_it_can_be_tried_later_it_is_three_times_and_then_the_import_fails(importer: Importer) -> None:
    importer.settings |= ON
    importer.sandbox.query_faults.extend([FAULTS["404"]] * 3)
    upload = importer.upload(FILE)
    for _ in range(2):
        with pytest.raises(EndpointUnavailableError, match="could not be read yet"):
            importer.run_or_hand_over(upload, lambda _upload: None)

    result = importer.run_or_hand_over(upload, lambda _upload: None)

    assert result is not None
    assert (result["status"], result["rows"]["unsent"]) == ("failed", 3)
    assert importer.sandbox.log == []


def test_a_later_try_that_reads_it_goes_on(importer: Importer) -> None:
    importer.settings |= ON
    importer.sandbox.opted_out = ["491570156"]
    importer.sandbox.query_faults.append(FAULTS["404"])
    upload = importer.upload(FILE)
    with pytest.raises(EndpointUnavailableError):
        importer.run_or_hand_over(upload, lambda _upload: None)

    assert importer.run(upload)["rows"]["opted_out"] == 2


def test_the_large_path_sends_nothing_either_without_the_list(importer: Importer) -> None:
    importer.settings |= ON
    importer.api_keys = ["wrong"]
    denied = _large(importer, FILE)
    importer.sandbox.query_paths.clear()

    # The state machine is started by hand: no function has read the list before.
    never = importer.run_large(importer.upload(FILE, "incoming/by hand.csv"))

    assert denied["error"] == "Cellcast rejected the API key"
    assert never["error"].startswith("Cellcast's opt-out list was not read before the import")
    for result in (denied, never):
        assert (result["status"], result["rows"]["unsent"]) == ("failed", 3)
    assert importer.sandbox.log == []


def test_a_run_that_goes_on_obeys_what_the_first_one_found(importer: Importer) -> None:
    importer.settings |= ON | {"batch_max_contacts": 1, "concurrency": 1}
    importer.sandbox.opted_out = ["491570156"]
    upload = importer.upload(FILE)
    set_default_fault(importer.sandbox, "503 html")
    assert importer.run_or_hand_over(upload, lambda _upload: None) is None
    importer.sandbox.default_fault = None
    importer.settings["screen_opt_outs"] = False
    importer.sandbox.opted_out = []

    result = importer.run_large(upload)

    assert (result["rows"]["opted_out"], result["rows"]["accepted"]) == (2, 2)


def test_entries_that_no_one_can_read_are_counted_in_the_messages(importer: Importer) -> None:
    importer.settings |= ON

    def odd(exchange: Exchange) -> None:
        exchange.send_json(200, {"data": {"data": [{"number": "STOP"}, {"number": None}, {"number": "491570156"}]}})

    importer.sandbox.query_faults.append(odd)

    result = importer.import_file(FILE)

    assert result["messages"] == ["Cellcast's opt-out list has 2 entries without a number that can be read."]
    assert result["rows"]["opted_out"] == 2


def test_a_dry_run_says_who_would_be_left_out(importer: Importer) -> None:
    importer.settings |= ON
    importer.sandbox.opted_out = ["491570156"]

    rows = importer.import_file(FILE, "validate/june.csv")["rows"]

    assert (rows["accepted"], rows["opted_out"]) == (2, 2)
    assert importer.sandbox.log == []
