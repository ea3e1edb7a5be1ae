"""The one-machine command, as a person types it."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.sandbox.endpoint import Sandbox
from tests.conftest import build_contacts_csv

ROOT = Path(__file__).parents[2]


@pytest.fixture
def external_sandbox() -> Iterator[tuple[Sandbox, str]]:
    with Sandbox(key="k") as sandbox:
        yield sandbox, sandbox.start()


def _command(*arguments: str | Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "local", "run", *map(str, arguments), "--out", str(out)]


def _run(*arguments: str | Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = _command(*arguments, out=out)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CELLCAST"))}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_without_a_file_the_sample_shows_every_status(tmp_path: Path) -> None:
    done = _run(out=tmp_path)

    assert done.returncode == 2, done.stderr
    for status in ("accepted", "invalid", "duplicate", "opted_out", "refused", "unsent", "unknown"):
        assert status in done.stdout
    assert {path.name for path in (tmp_path / "sample.csv" / "latest").iterdir()} == {
        "result.json",
        "failed.csv",
        "accepted.csv",
        "report.html",
    }


def test_a_practice_run_says_so_in_the_terminal_the_report_and_the_result(tmp_path: Path) -> None:
    upload = tmp_path / "june.csv"
    upload.write_text(build_contacts_csv(3), "utf-8")

    done = _run(upload, out=tmp_path / "out")

    result = tmp_path / "out" / "june.csv" / "latest" / "result.json"
    assert done.stdout.startswith("Practice run: ")
    assert "import started" not in done.stdout + done.stderr  # the log of the functions is in a file
    assert "All 3 contacts would have been imported." in done.stdout
    assert json.loads(result.read_text("utf-8"))["sandbox"] is True
    assert "practice run: nothing left this machine" in result.with_name("report.html").read_text("utf-8")


def test_json_is_one_result_a_line_for_a_foreign_endpoint_and_nothing_else(
    tmp_path: Path, external_sandbox: tuple[Sandbox, str]
) -> None:
    sandbox, url = external_sandbox
    odd = tmp_path / "jün i+%41.csv"
    odd.write_text(build_contacts_csv(3), "utf-8")
    other = tmp_path / "other.csv"
    other.write_text("Name,Mobile\nAnn,0491570006\nBob,12\n", "utf-8")

    done = _run(
        odd, other, "--json", "--cellcast-url", url, "--api-key", "k", "--list", "A, B", "--tag", "Zürich",
        out=tmp_path / "out",
    )  # fmt: skip

    assert done.returncode == 2, done.stderr
    assert done.stderr == ""
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["rows"]["accepted"], second["rows"]["invalid"]) == (3, 1)
    assert first["sandbox"] is False
    assert {(seen.tags, seen.lists) for seen in sandbox.log} == {(("Zürich",), ("A, B",))}
    assert len(sandbox.numbers) == 4


def test_on_a_terminal_a_bar_shows_how_far_it_is_and_no_log(tmp_path: Path) -> None:
    upload = tmp_path / "june.csv"
    upload.write_text(build_contacts_csv(4000), "utf-8")
    master, terminal = pty.openpty()
    environment = os.environ | {"CALLS_PER_SECOND": "3", "COLUMNS": "100", "TERM": "xterm"}
    command = _command(upload, out=tmp_path / "out")
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=terminal) as running:
        os.close(terminal)
        shown = b"".join(iter(lambda: _read(master), b"")).decode()

    assert running.returncode == 0, shown
    assert "june.csv sending" in shown
    assert "4,000 rows" in shown
    assert " accepted, 0 not" in shown
    assert "_aws" not in shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # EIO: the writer closed the terminal
        return b""


def test_the_failed_rows_can_be_corrected_and_dropped_again(
    tmp_path: Path, external_sandbox: tuple[Sandbox, str]
) -> None:
    sandbox, url = external_sandbox
    upload = tmp_path / "june.csv"
    upload.write_text("Name,Mobile\nAnn,0491570006\nBob,049157015\n", "utf-8")
    endpoint = ("--cellcast-url", url, "--api-key", "k")
    _run(upload, *endpoint, out=tmp_path / "out")
    failed = tmp_path / "out" / "june.csv" / "latest" / "failed.csv"
    failed.write_text(failed.read_text("utf-8").replace("049157015,", "0491570156,"), "utf-8")

    done = _run(failed, *endpoint, out=tmp_path / "out")

    assert done.returncode == 0, done.stdout
    assert sandbox.numbers == ["+61491570006", "+61491570156"]


@pytest.mark.parametrize(
    ("body", "status"), [(build_contacts_csv(2), 0), ("Mobile\n0491570006\n12\n", 2), ("Name\nAnn\n", 1)]
)
def test_the_exit_status_tells_how_it_went(tmp_path: Path, body: str, status: int) -> None:
    upload = tmp_path / "june.csv"
    upload.write_text(body, "utf-8")

    assert _run(upload, out=tmp_path / "out").returncode == status


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.csv"], "nowhere.csv does not exist"),
        (["local"], "local is a folder; name its files"),
        (["--cellcast-url", "https://api.cellcast.com"], "needs --api-key"),
        (["--cellcast-url", "http://api.cellcast.com", "--api-key", "k"], "CELLCAST_URL must begin with https"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_a_wrong_call_gets_one_sentence(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = _run(*arguments, out=tmp_path)

    assert done.returncode == 64
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_a_dry_run_calls_no_one(tmp_path: Path, external_sandbox: tuple[Sandbox, str]) -> None:
    sandbox, url = external_sandbox
    upload = tmp_path / "june.csv"
    upload.write_text(build_contacts_csv(2), "utf-8")

    done = _run(upload, "--dry-run", "--json", "--cellcast-url", url, "--api-key", "k", out=tmp_path / "out")

    assert json.loads(done.stdout)["dry_run"] is True
    assert sandbox.log == []


def test_what_the_functions_log_names_no_one(tmp_path: Path, external_sandbox: tuple[Sandbox, str]) -> None:
    upload = tmp_path / "Quartermain.csv"
    upload.write_text("Name,Mobile,Email\nZebedee Quartermain,0491570006,z@quartermain.example\n", "utf-8")

    _run(upload, "--cellcast-url", external_sandbox[1], "--api-key", "unheard-of-key", out=tmp_path / "out")

    log = (tmp_path / "out" / "functions.log").read_text("utf-8")
    assert "import finished" in log
    for secret in ("Quartermain", "Zebedee", "491570006", "unheard-of-key"):
        assert secret not in log


def test_the_failed_file_opens_as_a_table(tmp_path: Path) -> None:
    upload = tmp_path / "june.csv"
    upload.write_text('Name,Mobile\n"Ann\nMarie",12\n=1+1,13\n', "utf-8")

    _run(upload, out=tmp_path / "out")

    text = (tmp_path / "out" / "june.csv" / "latest" / "failed.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(row["Name"], row["_row"]) for row in rows] == [("Ann\nMarie", "2"), ("'=1+1", "4")]


def test_a_number_on_the_opt_out_list_is_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("Name,Mobile\nAnn,0491570006\nBob,0491570156\n", "utf-8")

    done = _run(path, "--opted-out", "0491 570 156", "--json", out=tmp_path / "out")

    rows = json.loads(done.stdout)["rows"]
    assert (done.returncode, rows["accepted"], rows["opted_out"]) == (2, 1, 1)


def test_a_real_accounts_opt_out_list_is_nobodys_to_make_up(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("Mobile\n0491570006\n", "utf-8")

    done = _run(
        path, "--opted-out", "0491570156", "--cellcast-url", "http://127.0.0.1:9", "--api-key", "k", out=tmp_path
    )

    assert (done.returncode, "--opted-out is for the sandbox" in done.stderr) == (64, True)
