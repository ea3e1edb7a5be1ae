"""Whose account it is: asked on a real socket, before an import and by the command."""

import json
from collections.abc import Callable

import pytest

from contact_import.cellcast.queries import Account, Unanswered, account
from local.__main__ import USAGE_ERROR, main
from local.sandbox.endpoint import Exchange, Sandbox
from local.sandbox.faults import FAULTS
from local.sandbox.queries import ACCOUNT
from tests.conftest import KEY, Office, people

ON = {"check_account": True}


def _says(body: object, status: int = 200) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.reply(status, body)


def test_an_import_asks_nothing_unless_it_is_told_to(office: Office) -> None:
    result = office.drop(people(3))

    assert result["account"] is None
    assert office.sandbox.asked == []


def test_both_roads_say_whose_account_was_filled_and_ask_once(office: Office) -> None:
    office.settings |= ON
    office.sandbox.account = "Bürgerverein <b>"
    handed: list[object] = []

    inline = office.drop(people(3))
    office.settings["inline_max_bytes"] = 1
    upload = office.upload(people(3), "incoming/large.csv")
    for _ in range(2):
        assert office.try_run(upload, handed.append) is None
    large = office.run_large(upload)

    assert inline["account"] == large["account"] == {"name": "Bürgerverein <b>", "balance": "12.50"}
    assert office.sandbox.asked == [ACCOUNT, ACCOUNT]


def test_a_key_that_is_not_taken_sends_nothing_on_either_road(office: Office) -> None:
    office.settings |= ON
    office.keys = ["wrong", "wrong too"]

    inline = office.drop(people(3))
    office.settings["inline_max_bytes"] = 1
    upload = office.upload(people(3), "incoming/large.csv")
    assert office.try_run(upload, lambda _upload: None) is None
    large = office.run_large(upload)

    for result in (inline, large):
        assert (result["status"], result["rows"]["unsent"]) == ("failed", 3)
        assert result["error"] == "Cellcast did not take the API key"
    assert office.sandbox.log == []


def test_a_key_that_was_changed_meanwhile_is_fetched_anew(office: Office) -> None:
    office.settings |= ON
    office.keys = ["old", KEY]

    assert office.drop(people(3))["rows"]["accepted"] == 3
    assert office.sandbox.asked == [ACCOUNT, ACCOUNT]


@pytest.mark.parametrize(
    "fault",
    ["404", "400 code", "200 status false", "200 array", "redirect", "endless", "500 json", "502 html", "silent"],
)
def test_an_import_goes_on_without_an_answer_and_says_so(office: Office, fault: str) -> None:
    office.settings |= ON
    office.seconds = 5
    office.sandbox.get_faults.extend([FAULTS[fault]] * 400)

    result = office.drop(people(3))

    assert result["account"] is None
    assert any(text.startswith("The account could not be read: ") for text in result["messages"])
    if fault != "silent":  # it takes the time of the whole run
        assert result["rows"]["accepted"] == 3


@pytest.mark.parametrize("fault", ["429", "503 html", "reset before taking", "200 empty", "maintenance"])
def test_a_passing_fault_is_asked_again(office: Office, fault: str) -> None:
    office.settings |= ON
    office.sandbox.get_faults.append(FAULTS[fault])

    assert office.drop(people(3))["account"]["name"] == "Sandbox"


@pytest.mark.parametrize(
    ("body", "heard"),
    [
        ({"data": {"account_name": " Ann's ", "balance": 3}}, Account("Ann's", 3)),
        ({"status": True, "message": "success", "data": {"account_name": "A", "balance": {}}}, Account("A")),
        ({"account_name": "A", "data": []}, Account("A")),
        ({"data": {"account_name": "maintenance"}}, Account("maintenance")),
        ({"data": {"account_name": ""}}, Unanswered("the answer names no account")),
        ({"data": None}, Unanswered("the answer names no account")),
    ],
)
def test_an_account_is_what_the_answer_names(office: Office, body: object, heard: object) -> None:
    office.sandbox.get_faults.append(_says(body))

    assert account(office.line()) == heard


def test_a_key_that_comes_back_in_an_answer_goes_no_further(office: Office) -> None:
    office.sandbox.get_faults.append(_says({"data": {"account_name": f"of {KEY}"}}))

    assert account(office.line()) == Account("of ***")


def test_the_command_says_whose_account_it_is_and_never_the_key(capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox(key="cc-secret", account="Ann's shop") as sandbox:
        url = sandbox.start()
        statuses = [
            main(["check", "--cellcast-url", url, "--api-key", key, "--json"])
            for key in ("Bearer cc-secret", "cc-wrong")
        ]
        shown = capsys.readouterr()
        assert main(["check", "--cellcast-url", url, "--api-key", "cc-secret"]) == 0

    assert statuses == [0, 1]
    right, wrong = map(json.loads, shown.out.splitlines())
    assert right == {"account": {"name": "Ann's shop", "balance": "12.50"}, "error": None}
    assert wrong["error"] == "Cellcast did not take the API key."
    assert "cc-" not in shown.out + shown.err
    assert "Ann's shop" in capsys.readouterr().out


def test_the_command_turns_down_what_would_send_the_key_in_the_open() -> None:
    assert main(["check", "--cellcast-url", "http://example.com", "--api-key", "k"]) == USAGE_ERROR
    assert main(["check", "--cellcast-url", "https://example.com"]) == USAGE_ERROR
