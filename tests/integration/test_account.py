"""The account of the API key, queried before an import and by `cellcast-import check`."""

import json
from collections.abc import Callable

import pytest

from contact_import.cellcast.queries import QueryFailed
from contact_import.checks.account import Account, query_account
from local.__main__ import main
from local.commands.arguments import USAGE_ERROR
from local.sandbox.endpoint import Exchange, Sandbox
from local.sandbox.faults import FAULTS
from local.sandbox.queries import ACCOUNT
from tests.conftest import API_KEY, Importer, build_contacts_csv

ON = {"check_account": True}


def _says(body: object, status: int = 200) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.send_json(status, body)


def test_an_import_asks_nothing_unless_it_is_configured(importer: Importer) -> None:
    result = importer.import_file(build_contacts_csv(3))

    assert result["account"] is None
    assert importer.sandbox.query_paths == []


def test_both_paths_say_whose_account_was_filled_and_ask_once(importer: Importer) -> None:
    importer.settings |= ON
    importer.sandbox.account_name = "Bürgerverein <b>"
    handed: list[object] = []

    inline = importer.import_file(build_contacts_csv(3))
    importer.settings["inline_max_bytes"] = 1
    upload = importer.upload(build_contacts_csv(3), "incoming/large.csv")
    for _ in range(2):
        assert importer.run_or_hand_over(upload, handed.append) is None
    large = importer.run_large(upload)

    assert inline["account"] == large["account"] == {"name": "Bürgerverein <b>", "balance": "12.50"}
    assert importer.sandbox.query_paths == [ACCOUNT, ACCOUNT]


def test_a_key_that_is_not_taken_sends_nothing_on_either_path(importer: Importer) -> None:
    importer.settings |= ON
    importer.api_keys = ["wrong", "wrong too"]

    inline = importer.import_file(build_contacts_csv(3))
    importer.settings["inline_max_bytes"] = 1
    upload = importer.upload(build_contacts_csv(3), "incoming/large.csv")
    assert importer.run_or_hand_over(upload, lambda _upload: None) is None
    large = importer.run_large(upload)

    for result in (inline, large):
        assert (result["status"], result["rows"]["unsent"]) == ("failed", 3)
        assert result["error"] == "Cellcast rejected the API key"
    assert importer.sandbox.log == []


def test_a_key_that_was_changed_meanwhile_is_fetched_again(importer: Importer) -> None:
    importer.settings |= ON
    importer.api_keys = ["old", API_KEY]

    assert importer.import_file(build_contacts_csv(3))["rows"]["accepted"] == 3
    assert importer.sandbox.query_paths == [ACCOUNT, ACCOUNT]


@pytest.mark.parametrize(
    "fault",
    ["404", "400 code", "200 status false", "200 array", "redirect", "endless", "500 json", "502 html", "silent"],
)
def test_an_import_goes_on_without_an_answer_and_says_so(importer: Importer, fault: str) -> None:
    importer.settings |= ON
    importer.seconds = 5
    importer.sandbox.query_faults.extend([FAULTS[fault]] * 400)

    result = importer.import_file(build_contacts_csv(3))

    assert result["account"] is None
    assert any(text.startswith("The account could not be read: ") for text in result["messages"])
    if fault != "silent":  # it takes the time of the whole run
        assert result["rows"]["accepted"] == 3


@pytest.mark.parametrize("fault", ["429", "503 html", "reset before taking", "200 empty", "maintenance"])
def test_a_passing_fault_is_asked_again(importer: Importer, fault: str) -> None:
    importer.settings |= ON
    importer.sandbox.query_faults.append(FAULTS[fault])

    assert importer.import_file(build_contacts_csv(3))["account"]["name"] == "Sandbox"


@pytest.mark.parametrize(
    ("body", "heard"),
    [
        ({"data": {"account_name": " Ann's ", "balance": 3}}, Account("Ann's", 3)),
        ({"status": True, "message": "success", "data": {"account_name": "A", "balance": {}}}, Account("A")),
        ({"account_name": "A", "data": []}, Account("A")),
        ({"data": {"account_name": "maintenance"}}, Account("maintenance")),
        ({"data": {"account_name": ""}}, QueryFailed("the response names no account")),
        ({"data": None}, QueryFailed("the response names no account")),
    ],
)
def test_an_account_is_what_the_answer_names(importer: Importer, body: object, heard: object) -> None:
    importer.sandbox.query_faults.append(_says(body))

    assert query_account(importer.build_client()) == heard


def test_a_key_that_comes_back_in_an_answer_goes_no_further(importer: Importer) -> None:
    importer.sandbox.query_faults.append(_says({"data": {"account_name": f"of {API_KEY}"}}))

    assert query_account(importer.build_client()) == Account("of ***")


def test_the_command_says_whose_account_it_is_and_never_the_key(capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox(key="cc-secret", account_name="Ann's shop") as sandbox:
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
    assert wrong["error"] == "Cellcast rejected the API key."
    assert "cc-" not in shown.out + shown.err
    assert "Ann's shop" in capsys.readouterr().out


def test_the_command_turns_down_what_would_send_the_key_in_the_open() -> None:
    assert main(["check", "--cellcast-url", "http://example.com", "--api-key", "k"]) == USAGE_ERROR
    assert main(["check", "--cellcast-url", "https://example.com"]) == USAGE_ERROR
