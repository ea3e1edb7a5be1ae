"""Consent end to end: a no, or something unclear, is never sent, on both paths and in whatever order it comes."""

import csv
import io
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from contact_import.aws.s3 import Bucket
from contact_import.domain.person import Person, PersonField
from contact_import.domain.roles import Role
from contact_import.pipelines.webhook.batch import SubmissionBatch
from contact_import.reports.advice import find_advice
from tests.conftest import Importer
from tests.make_submissions import make_person, make_submission

ANN, BEN = "+61491570006", "+61491570156"
LINES = [
    "Ann,0491570006,Yes",
    "Ann,+61 491 570 006,No",
    "Bo,0491570156,Pending",
    "Cy,0491570157,",
    "Di,0491570158,TRUE",
]
NO = Person((PersonField("mobile", Role.PHONE, ANN), PersonField("sms opt in", Role.CONSENT, "no")))


def _read_csv(importer: Importer, result: dict[str, Any], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(importer.read_report_file(result, name), newline="")))


@pytest.mark.parametrize("path", ["inline", "large"])
def test_the_order_of_rows_changes_nobodys_verdict_on_either_path(importer: Importer, path: str) -> None:
    importer.settings["batch_max_contacts"] = 1
    for number, lines in enumerate(list(permutations(LINES))[::17]):
        body, key = "\n".join(["Name,Mobile,SMS consent", *lines]), f"incoming/{number}.csv"
        result = importer.import_file(body, key) if path == "inline" else importer.run_large(importer.upload(body, key))

        assert result["rows"] | {"read": 5, "accepted": 2, "opted_out": 3} == result["rows"]
        assert set(importer.sandbox.numbers) == {"+61491570157", "+61491570158"}
        consent = {name: result["consent"][name] for name in ("yes", "silent", "no", "unclear")}
        assert consent == {"yes": 2, "silent": 1, "no": 1, "unclear": {"Pending": 1}}


@pytest.mark.parametrize("path", ["inline", "large"])
def test_the_evidence_is_kept_on_either_path(importer: Importer, path: str) -> None:
    body = "Name,Mobile,SMS consent\nAnn,0491570006,Yes\nBo,0491570156,\n"
    result = importer.import_file(body) if path == "inline" else importer.run_large(importer.upload(body))

    accepted = _read_csv(importer, result, "accepted.csv")
    assert [row["_consent"] for row in accepted] == ["yes: SMS consent = Yes", "silent"]


@pytest.mark.parametrize("path", ["inline", "large"])
def test_silence_is_held_back_where_consent_is_required(importer: Importer, path: str) -> None:
    importer.settings["require_consent"] = True
    body = "Name,Mobile,SMS consent\nAnn,0491570006,\nAnn,0491570006,Yes\nBo,0491570156,\n"
    result = importer.import_file(body) if path == "inline" else importer.run_large(importer.upload(body))

    assert importer.sandbox.numbers == [ANN]
    assert {row["_reason"] for row in _read_csv(importer, result, "failed.csv")} == {
        "SMS consent: empty, and this importer requires consent"
    }


@pytest.mark.parametrize("path", ["inline", "large"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_name_that_refuses_holds_its_number_in_a_file_without_consent_columns(
    importer: Importer, path: str, encoding: str
) -> None:
    importer.settings["batch_max_contacts"] = 1
    lines = ["Ann,0491570006", "Bo,0491570156", "Ann (Don\u2019t text),+61 491 570 006", "Cy - DECEASED,0491570157"]
    for number, order in enumerate(permutations(lines)):
        if number % 5:
            continue
        body, key = "\n".join(["Name,Mobile", *order]).encode(encoding), f"incoming/{number}.csv"
        result = importer.import_file(body, key) if path == "inline" else importer.run_large(importer.upload(body, key))

        assert result["rows"] | {"read": 4, "accepted": 1, "opted_out": 3} == result["rows"]
    assert set(importer.sandbox.numbers) == {BEN}


@pytest.mark.parametrize("path", ["inline", "large"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_remark_that_refuses_holds_its_number(importer: Importer, path: str, encoding: str) -> None:
    importer.settings["batch_max_contacts"] = 1
    lines = ["Ann,0491570006,", "Bo,0491570156,likes tea", "Ann,+61491570006,Do not contact", "Cy,0491570157,DNC"]
    for number, order in enumerate(permutations(lines)):
        if number % 5:
            continue
        body, key = "\n".join(["Name,Mobile,Notes", *order]).encode(encoding), f"incoming/{number}.csv"
        result = importer.import_file(body, key) if path == "inline" else importer.run_large(importer.upload(body, key))

        assert result["rows"] | {"read": 4, "accepted": 1, "opted_out": 3} == result["rows"]
        assert (result["consent"]["silent"], result["consent"]["no"]) == (2, 2)
        reasons = {row["_reason"] for row in _read_csv(importer, result, "failed.csv")}
        assert reasons >= {"Notes: “Do not contact” means no SMS", "Notes: “DNC” means no SMS"}
    assert set(importer.sandbox.numbers) == {BEN}


@pytest.mark.parametrize(
    ("header", "value"),
    [("SMS consent", "maybe"), ("Subscription status", "suspended"), ("Communication preferences", "Pending")],
)
def test_who_follows_the_advice_about_an_unclear_consent_sends_the_row(
    importer: Importer, header: str, value: str
) -> None:
    result = importer.import_file(f"Name,Mobile,{header}\nAnn,0491570006,{value}\n")
    (line,) = _read_csv(importer, result, "failed.csv")
    advice = find_advice(line["_status"], line["_reason"]).advice
    assert "write Yes in failed.csv" in advice
    assert "with an empty _status cell" in advice

    corrected = io.StringIO(newline="")
    writer = csv.DictWriter(corrected, line.keys())
    writer.writeheader()
    writer.writerow(line | {header: "Yes", "_status": ""})
    importer.import_file(corrected.getvalue(), "incoming/again.csv")

    assert importer.sandbox.numbers == [ANN]


def test_a_line_whose_remark_no_longer_refuses_is_sent_when_it_comes_back(importer: Importer) -> None:
    result = importer.import_file("Name,Mobile,Notes\nAnn,0491570006,Do not call before 9am\nBo,0491570156,\n")
    (line,) = _read_csv(importer, result, "failed.csv")
    assert line["_reason"].endswith("may mean no SMS; if it does not, change the cell")

    failed = importer.read_report_file(result, "failed.csv")
    for number, changed in enumerate([failed, failed.replace("Do not call before 9am", "an early bird")]):
        importer.import_file(changed, f"incoming/again{number}.csv")

        assert importer.sandbox.numbers == [BEN, ANN][: number + 1]


@pytest.mark.parametrize("path", ["inline", "large"])
def test_labels_of_duplicates_are_added_on_either_path(importer: Importer, path: str) -> None:
    body = "Name,Mobile,Tags,SMS consent\nAnn,0491570006,VIP,Yes\nAnn,0491570006,Perth,Yes\nAnn,0491570006,Perth,\n"
    result = importer.import_file(body) if path == "inline" else importer.run_large(importer.upload(body))

    assert result["rows"] | {"accepted": 1, "duplicate": 2} == result["rows"]
    assert [request.tags for request in importer.sandbox.log] == [("VIP", "Perth")]


def test_a_file_without_consent_columns_is_not_read_twice(importer: Importer) -> None:
    result = importer.import_file("Name,Mobile\nAnn,0491570006\n")

    assert result["consent"] | {"silent": 1, "columns": []} == result["consent"]
    assert not [key for key in Bucket(importer.s3, "contacts").list_keys("work/") if "first_pass" in key]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_no_beats_a_yes_of_the_same_window_whatever_came_first(importer: Importer, order: tuple[int, int]) -> None:
    yes = Person((PersonField("mobile", Role.PHONE, ANN), PersonField("sms opt in", Role.CONSENT, "yes")))
    submissions = [make_submission("yes", yes), make_submission("no", NO)]
    ordered = [submissions[place] for place in order]
    importer.clock += timedelta(seconds=1)

    ended = SubmissionBatch(Bucket(importer.s3, "contacts"), importer.build_client(), 4, lambda: importer.clock).run(
        ordered
    )

    assert importer.sandbox.numbers == []
    for one in submissions:
        result = ended[one.import_id].result
        assert result
        assert result["rows"]["opted_out"] == 1


@pytest.mark.parametrize("people", list(permutations([NO, make_person(ANN), make_person(BEN)])))
def test_a_no_beats_a_yes_of_the_same_delivery(importer: Importer, people: tuple[Person, ...]) -> None:
    one = make_submission("several", *people)

    SubmissionBatch(Bucket(importer.s3, "contacts"), importer.build_client(), 4, lambda: importer.clock).run([one])

    assert importer.sandbox.numbers == [BEN]
