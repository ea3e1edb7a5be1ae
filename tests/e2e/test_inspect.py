"""`cellcast-import inspect`, and a run with the mapping that came of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.__main__ import BROKEN_PIPE, main
from local.commands.arguments import USAGE_ERROR
from local.sandbox.endpoint import Sandbox
from tests.make_workbook import make_workbook

FILE = "Kunde,Handy,Telefon\nAnn Lee,0491 570 006,0491 570 156\nBob Ray,12,0491 570 157\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "june.csv"
    path.write_text(FILE, "utf-8")
    return path


def test_it_says_what_would_be_understood_and_shows_no_value_whole(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(file), "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert found["format"] == {"encoding": "utf-8", "delimiter": ",", "header_line": 1}
    assert found["columns"][1] == {"header": "Handy", "field": "phone_number", "values": ["0••• 5•• 0••", "1•"]}
    assert found["rows"] | {"read": 2, "accepted": 2} == found["rows"]
    assert found["error"] is None


def test_the_same_for_people_has_every_column_and_no_person(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["inspect", str(file)])

    shown = capsys.readouterr().out
    assert "Kunde" in shown
    assert "nothing was sent" in shown
    assert "Ann" not in shown
    assert "0491" not in shown


def test_what_is_in_a_file_steers_no_terminal(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("Name\x1b[2J,Mobile\n\u202eAnn\x1b]0;x\x07,0491 570 006\n", "utf-8")

    main(["inspect", str(file)])

    shown = capsys.readouterr().out
    assert "Name" in shown
    assert not {"\x1b", "\u202e", "\x07"} & set(shown)


def test_the_mapping_that_it_writes_can_be_corrected_and_run(file: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    assert main(["inspect", str(file), "--write-mapping", str(mapping)]) == 0
    written = json.loads(mapping.read_text("utf-8"))
    assert written == {"Handy": "phone_number", "Telefon": "phone_number", "Kunde": None}
    mapping.write_text(json.dumps(written | {"Handy": None, "Kunde": "name"}), "utf-8")

    with Sandbox(key="k") as sandbox:
        endpoint = ["--cellcast-url", sandbox.start(), "--api-key", "k"]
        files = [str(file), "--mapping", str(mapping), "--out", str(tmp_path / "out")]
        # A separate process: the embedded AWS of this one may hold a bucket of that name from another test.
        command = [sys.executable, "-m", "local", "run", *files, *endpoint, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["mapping"] == "metadata"
    assert sandbox.numbers == ["+61491570156", "+61491570157"]
    assert sandbox.contacts[0]["first_name"] == "Ann"


def test_of_a_workbook_it_names_the_sheet_and_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "june.xlsx"
    path.write_bytes(make_workbook({"Notes": [["Call"]], "June": [["Name", "Mobile"], ["Ann Lee", 491570006]]}))

    assert main(["inspect", str(path)]) == 0

    shown = capsys.readouterr().out
    assert "sheet “June”, the header is in row 1" in shown
    assert "only the sheet “June” is read, not “Notes”" in " ".join(shown.split())
    assert "Ann" not in shown


def test_a_file_that_cannot_be_imported_ends_with_1_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "june.csv"
    path.write_bytes(b"%PDF-1.7")
    other = tmp_path / "other.csv"
    other.write_text("Name,Email\nAnn,a@example.com\n", "utf-8")

    assert main(["inspect", str(path)]) == 1
    assert "PDF" in capsys.readouterr().out
    assert main(["inspect", str(other), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["rows"]["invalid"] == 1


def test_a_reader_that_leaves_early_hears_no_complaint(file: Path) -> None:
    for extra in ([], ["--json"]):
        reading, writing = os.pipe()
        os.close(reading)
        command = [sys.executable, "-m", "local", "inspect", str(file), *extra]

        ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)

        os.close(writing)
        assert (ended.returncode, ended.stderr) == (BROKEN_PIPE, "")


def test_a_mapping_is_not_overwritten_and_not_imported(file: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text("{}", "utf-8")

    assert main(["inspect", str(file), "--write-mapping", str(mapping)]) == USAGE_ERROR
    assert mapping.read_text("utf-8") == "{}"
    assert main(["run", str(mapping)]) == USAGE_ERROR


def test_a_delivery_is_shown_as_a_file_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    delivery = tmp_path / "delivery.json"
    delivery.write_text('{"name": "Ada Moss", "mobile": "0491 570 006", "owner": {"name": "Bo"}}', "utf-8")

    assert main(["inspect", str(delivery), "--sender", "typeform"]) == 0

    shown = capsys.readouterr().out
    assert "would be sent" in shown
    assert "about another person" in shown
    assert "nothing was sent" in shown
    assert "0491" not in shown
    assert main(["inspect", str(delivery), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["people"][0]["status"] == "sendable"
    assert main(["inspect", str(delivery), "--sender", "nobody"]) == USAGE_ERROR
