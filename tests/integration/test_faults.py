"""Each fault of the endpoint over a socket: no row is lost, and every repeated contact is counted."""

from collections import Counter

import pytest

from local.sandbox.faults import FAULTS, queue_faults, set_default_fault
from tests.conftest import API_KEY, Importer, build_contacts_csv

# Faults after which a contact may be in the account without a clear response.
AMBIGUOUS = {
    "500 json",
    "200 internal error",
    "500 after taking",
    "502 html",
    "504 after taking",
    "200 html",
    "200 empty",
    "200 array",
    "reset before taking",
    "reset after taking",
    "cut short after taking",
    "endless",
    "200 status false",
    "echoing the key",
}
PLAIN_RETRY = {"429", "429 seconds", "429 date", "503 html", "maintenance"}
CONTRADICTION = {
    "counts too low",
    "counts missing",
    "index out of range",
    "index twice",
    "words that fit no pattern",
    "400 status true",
}
HALVED = {"413", "400 code"}
STOPS = {"401", "200 code 401", "invalid_token", "403", "404", "redirect"}
SLOW = {"silent", "dripping after taking", "429 absurd"}  # each has a separate test


def test_every_fault_that_the_sandbox_knows_is_tried() -> None:
    tried = AMBIGUOUS | PLAIN_RETRY | CONTRADICTION | HALVED | STOPS | SLOW

    assert tried == set(FAULTS)


@pytest.mark.parametrize("fault", sorted(AMBIGUOUS))
def test_an_answer_that_never_came_is_asked_again_and_every_repeat_is_reported(importer: Importer, fault: str) -> None:
    queue_faults(importer.sandbox, [fault])

    result = importer.import_file(build_contacts_csv(3))

    assert result["rows"]["accepted"] == 3
    assert result["requests"]["possibly_repeated"] == 1
    repeats = max(Counter(importer.sandbox.numbers).values())
    assert repeats <= 1 + result["requests"]["possibly_repeated"]


@pytest.mark.parametrize("fault", sorted(AMBIGUOUS))
def test_held_back_it_is_unknown_and_nothing_is_sent_twice(importer: Importer, fault: str) -> None:
    importer.settings["on_ambiguous"] = "hold"
    queue_faults(importer.sandbox, [fault])

    result = importer.import_file(build_contacts_csv(3))

    assert result["rows"]["unknown"] == 3
    assert result["requests"]["possibly_repeated"] == 0
    assert len(importer.sandbox.log) == 1


@pytest.mark.parametrize("fault", ["500 after taking", "200 html", "reset after taking"])
def test_a_fault_that_never_ends_leaves_unknown_and_not_unsent(importer: Importer, fault: str) -> None:
    set_default_fault(importer.sandbox, fault)

    result = importer.import_file(build_contacts_csv(3))

    assert result["rows"]["unknown"] == 3
    assert 1 < len(importer.sandbox.log) <= 5


@pytest.mark.parametrize("fault", sorted(PLAIN_RETRY))
def test_what_was_surely_not_processed_is_asked_again_without_a_doubt(importer: Importer, fault: str) -> None:
    queue_faults(importer.sandbox, [fault, fault])

    result = importer.import_file(build_contacts_csv(3))

    assert result["rows"]["accepted"] == 3
    assert result["requests"]["retried"] == 2
    assert result["requests"]["possibly_repeated"] == 0
    assert result["requests"]["throttled"] == (2 if fault.startswith("429") else 0)
    assert sorted(importer.sandbox.numbers) == sorted(set(importer.sandbox.numbers))


def test_a_throttling_beyond_all_time_leaves_the_rows_unsent(importer: Importer) -> None:
    set_default_fault(importer.sandbox, "429 absurd")

    result = importer.import_file(build_contacts_csv(3))

    assert result["rows"]["unsent"] == 3
    assert len(importer.sandbox.log) <= 2


@pytest.mark.parametrize("fault", sorted(CONTRADICTION))
def test_an_answer_that_contradicts_itself_is_never_counted_as_accepted(importer: Importer, fault: str) -> None:
    queue_faults(importer.sandbox, [fault])

    result = importer.import_file(build_contacts_csv(3))

    assert result["rows"]["unknown"] == 3
    assert result["messages"]
    assert len(importer.sandbox.log) == 1


def test_words_that_fit_no_pattern_are_kept_word_for_word(importer: Importer) -> None:
    queue_faults(importer.sandbox, ["words that fit no pattern"])

    assert "one of them was odd" in importer.import_file(build_contacts_csv(3))["messages"]


@pytest.mark.parametrize("fault", sorted(HALVED))
def test_a_refusal_that_names_no_one_is_halved_and_the_rest_goes_in(importer: Importer, fault: str) -> None:
    queue_faults(importer.sandbox, [fault])

    result = importer.import_file(build_contacts_csv(8))

    assert result["rows"]["accepted"] == 8
    assert [len(seen.contacts) for seen in importer.sandbox.log] == [8, 4, 4]


def test_halving_finds_the_one_culprit(importer: Importer) -> None:
    importer.sandbox.poison_number = "+61400000077"

    result = importer.import_file(build_contacts_csv(200))

    assert (result["rows"]["accepted"], result["rows"]["refused"]) == (199, 1)
    assert "+61400000077" not in importer.sandbox.numbers
    assert len(importer.sandbox.log) <= 20


def test_halving_is_bounded_when_everything_is_refused(importer: Importer) -> None:
    set_default_fault(importer.sandbox, "400 code")

    result = importer.import_file(build_contacts_csv(400))

    assert result["rows"]["refused"] == 400
    assert len(importer.sandbox.log) <= 64


@pytest.mark.parametrize("fault", sorted(STOPS))
def test_a_dead_key_or_address_costs_a_handful_of_calls_and_loses_no_row(importer: Importer, fault: str) -> None:
    importer.settings["batch_max_contacts"] = 10
    set_default_fault(importer.sandbox, fault)

    result = importer.import_file(build_contacts_csv(1000))

    assert result["status"] == "failed"
    assert result["error"]
    assert result["rows"]["unsent"] == 1000
    assert len(importer.sandbox.log) <= 2 + importer.build_settings().concurrency
    assert importer.read_report_file(result, "failed.csv").count("\n") == 1001


def test_a_key_that_dies_half_way_keeps_what_was_imported(importer: Importer) -> None:
    importer.settings |= {"batch_max_contacts": 10, "concurrency": 1}
    queue_faults(importer.sandbox, [""] * 3)
    set_default_fault(importer.sandbox, "401")

    result = importer.import_file(build_contacts_csv(100))

    assert (result["status"], result["rows"]["accepted"], result["rows"]["unsent"]) == ("failed", 30, 70)
    assert len(set(importer.sandbox.numbers)) == len(importer.sandbox.numbers) == 30


def test_a_key_that_was_rotated_is_fetched_once_and_the_import_goes_on(importer: Importer) -> None:
    importer.api_keys = ["an-old-key", API_KEY]

    result = importer.import_file(build_contacts_csv(3))

    assert result["rows"]["accepted"] == 3
    assert [seen.key for seen in importer.sandbox.log] == ["an-old-key", API_KEY]


def test_an_endpoint_that_is_not_there_leaves_the_rows_unsent_at_once(importer: Importer) -> None:
    importer.url = "http://127.0.0.1:9"
    importer.settings["batch_max_contacts"] = 10
    importer.outage_timeout = 0.2

    result = importer.import_file(build_contacts_csv(500))

    assert result["rows"]["unsent"] == 500
    assert result["requests"]["possibly_repeated"] == 0


def test_a_refused_contact_has_cellcasts_own_words(importer: Importer) -> None:
    importer.sandbox.refused_numbers = frozenset({"+61400000001"})

    result = importer.import_file(build_contacts_csv(3))

    assert (result["rows"]["accepted"], result["rows"]["refused"]) == (2, 1)
    assert "phone_number is not valid" in importer.read_report_file(result, "failed.csv")


def test_when_every_contact_is_refused_each_has_its_words(importer: Importer) -> None:
    importer.sandbox.refused_numbers = frozenset({"+61400000000", "+61400000001"})

    assert importer.import_file(build_contacts_csv(2))["rows"]["refused"] == 2


def test_a_key_that_an_answer_repeats_is_in_no_file(importer: Importer) -> None:
    set_default_fault(importer.sandbox, "echoing the key")

    result = importer.import_file(build_contacts_csv(2))

    assert result["rows"]["unknown"] == 2
    assert API_KEY not in importer.read_report_file(result, "result.json") + importer.read_report_file(
        result, "failed.csv"
    )
