"""An uploaded file is imported, and its four result files are written."""

import csv
import gzip
import io
import json
from collections import Counter
from datetime import timedelta

import pytest

from contact_import.aws.events import Upload
from local.sandbox.faults import queue_faults
from tests.conftest import Importer, build_contacts_csv, set_batches_per_commit

HEADER = "First Name,Surname,Mobile,Email"


def _failed(importer: Importer, result: dict[str, object]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(importer.read_report_file(result, "failed.csv"), newline="")))


def test_the_right_people_arrive_with_the_right_fields_and_labels(importer: Importer) -> None:
    importer.import_file(
        f"{HEADER}\nAnn,Lee,0491 570 006,ann@example.com\n",
        "incoming/list=News letter/tag=VIP/june.csv",
        tags="May,Z%C3%BCrich",
    )

    (seen,) = importer.sandbox.log
    assert seen.contacts == (
        {"first_name": "Ann", "last_name": "Lee", "phone_number": "+61491570006", "email": "ann@example.com"},
    )
    assert (seen.tags, seen.lists) == (("VIP", "May", "Zürich"), ("News letter",))


def test_contacts_with_other_labels_go_in_other_requests(importer: Importer) -> None:
    rows = "".join(f"0400000{n:03d},{'A' if n % 2 else 'B'}\n" for n in range(100))

    result = importer.import_file(f"Mobile,Tags\n{rows}")

    assert result["rows"]["accepted"] == 100
    assert sorted((seen.tags, len(seen.contacts)) for seen in importer.sandbox.log) == [(("A",), 50), (("B",), 50)]


def test_every_row_is_accounted_for_and_failed_rows_are_in_file_order(importer: Importer) -> None:
    importer.settings["batch_max_contacts"] = 2
    body = f'{HEADER}\nA,A,0491570006,\nB,B,,\n"C\nC",C,0491570156,\nD,D,0491570006,\n\nE,E,(02) 5550 1234,\n'

    result = importer.import_file(body)

    assert result["status"] == "completed_with_failures"
    assert result["rows"] | {"read": 5, "accepted": 2, "invalid": 2, "duplicate": 1} == result["rows"]
    assert [(row["_row"], row["_status"]) for row in _failed(importer, result)] == [
        ("3", "invalid"),
        ("6", "duplicate"),
        ("8", "invalid"),
    ]


def test_the_corrected_file_imports_just_those_rows(importer: Importer) -> None:
    result = importer.import_file(f"{HEADER}\nAnn,Lee,0491570006,\n+Bob,-Ray,049157015,x\nCy,Noe,,\n")
    failed = importer.read_report_file(result, "failed.csv").replace("049157015,", "0491570156,")

    again = importer.import_file(failed, "incoming/june failed.csv")

    assert again["rows"] | {"read": 2, "accepted": 1, "invalid": 1} == again["rows"]
    assert importer.sandbox.contacts[-1]["first_name"] == "+Bob"
    assert not [column for column in again["columns"] if column["header"].startswith("_")]


def test_a_failed_file_of_a_file_without_header_is_understood_again(importer: Importer) -> None:
    result = importer.import_file("Ann,Lee,0491570006\nBob,Ray,049157015\n")
    failed = importer.read_report_file(result, "failed.csv").replace("049157015,", "0491570156,")

    again = importer.import_file(failed, "incoming/again.csv")

    assert (result["rows"]["accepted"], again["rows"]["accepted"], again["rows"]["read"]) == (1, 1, 1)
    assert importer.sandbox.contacts[-1]["first_name"] == "Bob"


def test_a_dry_run_sends_nothing_and_says_the_same(importer: Importer) -> None:
    result = importer.import_file(f"{HEADER}\nAnn,Lee,0491570006,\nBob,Ray,,\n", "validate/june.csv")

    assert result["dry_run"] is True
    assert (result["rows"]["accepted"], result["rows"]["invalid"]) == (1, 1)
    assert importer.sandbox.log == []
    assert result["failed_csv"].startswith("results/validate/june.csv/")


def test_the_same_event_again_finds_its_result_and_sends_nothing(importer: Importer) -> None:
    upload = importer.upload(build_contacts_csv(3))

    assert importer.run(upload) == importer.run(upload)
    assert len(importer.sandbox.log) == 1


def test_a_run_that_died_before_its_report_sends_no_finished_batch_again(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_batches_per_commit(monkeypatch, 1)
    importer.settings |= {"batch_max_contacts": 2, "concurrency": 1}
    upload = importer.upload(build_contacts_csv(6))

    class DiedError(Exception):
        pass

    line = importer.build_client()
    post = line.post

    def dying(body: bytes, key: str, seconds: float) -> object:
        if len(importer.sandbox.log) == 2:
            raise DiedError
        return post(body, key, seconds)

    line.post = dying  # type: ignore[assignment]
    with pytest.raises(DiedError):
        importer.run(upload, line)
    importer.clock += timedelta(minutes=2)
    result = importer.run(upload)

    assert result["rows"]["accepted"] == 6
    assert result["requests"]["possibly_repeated"] == 1
    assert len(importer.sandbox.numbers) == len(set(importer.sandbox.numbers)) == 6


def test_a_run_that_died_leaves_its_whole_commit_group_in_doubt_and_no_more(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_batches_per_commit(monkeypatch, 2)
    importer.settings |= {"batch_max_contacts": 1, "concurrency": 1}
    upload, line = importer.upload(build_contacts_csv(6)), importer.build_client()
    post = line.post

    def dying(body: bytes, key: str, seconds: float) -> object:
        answer = post(body, key, seconds)
        if len(importer.sandbox.log) == 3:
            raise KeyboardInterrupt
        return answer

    line.post = dying  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        importer.run(upload, line)
    importer.clock += timedelta(minutes=2)
    result = importer.run(upload)

    assert (result["rows"]["accepted"], result["requests"]["possibly_repeated"]) == (6, 2)
    assert max(Counter(importer.sandbox.numbers).values()) == 2
    # The third was in. The fourth may be: the pool of threads ends with it.
    assert len(importer.sandbox.numbers) in (7, 8)


def test_the_same_key_with_new_content_is_another_import(importer: Importer) -> None:
    first = importer.import_file(build_contacts_csv(2))
    second = importer.import_file(build_contacts_csv(2, start=50))

    assert first["import_id"] != second["import_id"]
    assert len(set(importer.sandbox.numbers)) == 4


def test_a_file_that_is_replaced_before_it_is_read_is_still_that_version(importer: Importer) -> None:
    first = importer.upload(build_contacts_csv(2))
    importer.upload(build_contacts_csv(5, start=50))

    assert importer.run(first)["rows"]["read"] == 2


def test_a_file_that_is_gone_fails_with_a_sentence(importer: Importer) -> None:
    upload = importer.upload(build_contacts_csv(2))
    importer.s3.delete_object(Bucket="contacts", Key=upload.key, VersionId=upload.version_id)

    result = importer.run(upload)

    assert result["status"] == "failed"
    assert "not in the bucket any more" in result["error"]


def test_without_versions_other_content_under_the_key_is_never_mixed_in(importer: Importer) -> None:
    upload = importer.upload(build_contacts_csv(2))
    importer.upload(build_contacts_csv(5, start=50))

    result = importer.run(Upload(upload.bucket, upload.key, upload.etag, "", upload.size))

    assert result["status"] == "failed"
    assert importer.sandbox.log == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is empty"),
        (b"\n\n,,\n", "only blank lines"),
        (b"%PDF-1.7", "PDF"),
        (b"Name,Email\nAnn,a@example.com\n", "no column of phone numbers"),
        (("A," * 1500 + "Mobile\n").encode(), "more than 1,000 columns"),
    ],
)
def test_what_is_no_list_of_contacts_fails_with_one_sentence(importer: Importer, body: bytes, words: str) -> None:
    result = importer.import_file(body)

    assert result["status"] == "failed"
    assert words in result["error"]
    assert importer.sandbox.log == []


def test_rows_of_a_file_without_phones_are_all_in_failed_csv(importer: Importer) -> None:
    result = importer.import_file("Name,Email\nAnn,a@example.com\nBob,b@example.com\n")

    assert result["rows"]["invalid"] == 2
    assert [row["Name"] for row in _failed(importer, result)] == ["Ann", "Bob"]


def test_only_a_header_is_a_failed_import_that_says_so(importer: Importer) -> None:
    result = importer.import_file(f"{HEADER}\n")

    assert (result["status"], result["rows"]["read"]) == ("failed", 0)
    assert result["error"].startswith("The file has a header and no rows below it.")


def test_a_file_that_breaks_off_keeps_the_rows_before_and_says_so(importer: Importer) -> None:
    whole = gzip.compress(build_contacts_csv(5000).encode())

    result = importer.import_file(whole[: len(whole) // 2], "incoming/june.csv.gz")

    assert result["status"] == "failed"
    assert "cut short" in result["error"]
    assert 0 < result["rows"]["accepted"] == len(set(importer.sandbox.numbers))


def test_nuls_are_left_out_and_cost_no_one(importer: Importer) -> None:
    result = importer.import_file(b"Name,Mobile\nA\0nn,0491570006\n\0\0\0\n")

    assert (result["rows"]["read"], result["rows"]["accepted"]) == (1, 1)
    assert importer.sandbox.contacts[0]["first_name"] == "Ann"


def test_result_json_is_what_it_is_documented_to_be(importer: Importer) -> None:
    result = importer.import_file(f"{HEADER},Notes\nAnn,Lee,0491570006,junk,x\n")

    assert json.loads(importer.read_report_file(result, "result.json")) == result
    assert result["format"] == {"encoding": "utf-8", "delimiter": ",", "header_line": 1}
    assert result["columns"][-1] == {"header": "Notes", "field": None}
    assert result["warnings"] == [
        {"field": "email", "column": "Email", "reason": "not an e-mail address", "count": 1, "first_row": 2}
    ]
    assert result["source"]["key"] == "incoming/june.csv"
    assert result["error"] is None


def test_the_page_shows_hostile_text_as_text(importer: Importer) -> None:
    result = importer.import_file("Mobile,<script>alert(1)</script>\n0491570006,x\n")

    page = importer.read_report_file(result, "report.html")

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize("size", [1, 2, 7, 400])
def test_the_size_of_a_batch_changes_nothing_but_the_number_of_calls(importer: Importer, size: int) -> None:
    importer.settings["batch_max_contacts"] = size
    body = build_contacts_csv(20) + "X,Y,\nZ,Z,0400000001\n"

    result = importer.import_file(body)

    assert (result["rows"]["accepted"], result["rows"]["invalid"], result["rows"]["duplicate"]) == (20, 1, 1)
    assert sorted(importer.sandbox.numbers) == [f"+6140000{n:04d}" for n in range(20)]
    assert [row["_row"] for row in _failed(importer, result)] == ["22", "23"]


def test_a_request_is_never_larger_than_it_may_be(importer: Importer) -> None:
    importer.settings["batch_max_bytes"] = 500

    result = importer.import_file(build_contacts_csv(50))

    assert result["rows"]["accepted"] == 50
    assert all(
        len(json.dumps({"contacts": seen.contacts, "tags": [], "list": []}, separators=(",", ":"))) <= 500
        for seen in importer.sandbox.log
    )


def test_results_of_an_interrupted_write_are_written_again_the_same(importer: Importer) -> None:
    queue_faults(importer.sandbox, ["words that fit no pattern"])
    upload = importer.upload(build_contacts_csv(3) + "X,Y,\n")
    first = importer.run(upload)
    failed = importer.read_report_file(first, "failed.csv")
    importer.s3.delete_object(Bucket="contacts", Key=first["failed_csv"].replace("failed.csv", "result.json"))

    second = importer.run(upload)

    assert importer.read_report_file(second, "failed.csv") == failed
    assert second["rows"] == first["rows"]
    assert second["messages"] == first["messages"]
    assert len(importer.sandbox.log) == 1


def test_a_suggestion_is_in_failed_csv_and_on_the_page_and_is_not_read_back(importer: Importer) -> None:
    result = importer.import_file("Name,Mobile,Text to\nAnn,,0491 570 006\nBob,0491570156,\nCy,12,\n")

    rows = _failed(importer, result)
    assert [row["_suggestion"] for row in rows] == ["Mobile: 0491570006 (found under Text to)", ""]
    assert "found under Text to" in importer.read_report_file(result, "report.html")
    again = importer.import_file(importer.read_report_file(result, "failed.csv"), "incoming/again.csv")
    assert again["rows"]["invalid"] == 2
