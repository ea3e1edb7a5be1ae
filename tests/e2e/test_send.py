"""`cellcast-import send` brings a file to a running API and fetches its results."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-for-send-77"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    command = [sys.executable, "-m", "local", "serve", "--port", "0", "--token", TOKEN]
    command += ["--out", str(tmp_path_factory.mktemp("serve"))]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "src"},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stderr
        found = next(filter(None, (re.search(r"listening on (http://\S+);", line) for line in server.stderr)))
        yield found[1]
        server.terminate()
        server.communicate(timeout=30)


def _send(tmp_path: Path, content: str, *options: str) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "ju\u00f1i list.csv"
    path.write_text(content, "utf-8")
    command = [sys.executable, "-m", "local", "send", str(path), "--out", str(tmp_path / "out"), *options]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "src", "CONTACT_IMPORT_TOKEN": TOKEN},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_file_is_sent_and_its_four_files_come_back(address: str, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"Col A": "last_name"}', "utf-8")
    content = "Col A,Mobile\nLee,0491 570 006\nMoss,12\n"

    done = _send(tmp_path, content, "--to", address, "--list", "News, VIP", "--mapping", str(mapping))

    (folder,) = (tmp_path / "out" / "ju\u00f1i list.csv").iterdir()
    result = json.loads((folder / "result.json").read_text("utf-8"))
    assert done.returncode == 2, done.stderr
    assert "1 of 2 contacts" in done.stdout
    assert {one.name for one in folder.iterdir()} == {"failed.csv", "accepted.csv", "report.html", "result.json"}
    assert "Moss" in (folder / "failed.csv").read_text("utf-8-sig")
    assert (result["list"], result["columns"][0]["field"]) == (["News", "VIP"], "last_name")


def test_a_dry_run_sends_nothing(address: str, tmp_path: Path) -> None:
    done = _send(tmp_path, "Mobile\n0491570006\n", "--to", address, "--dry-run")

    assert done.returncode == 0, done.stderr
    assert "would be imported" in done.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--to", "{address}", "--token", "wrong"), "Missing or wrong token"),
        (("--to", "http://contacts.example"), "https"),
        ((), "--to"),
        (("--to", "{address}", "--stack", "x"), "--to"),
    ],
)
def test_what_cannot_be_sent_says_why(address: str, tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    done = _send(tmp_path, "Mobile\n0491570006\n", *(one.format(address=address) for one in options))

    assert done.returncode == 64
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert TOKEN not in done.stderr


def test_an_empty_file_is_refused_in_a_sentence(address: str, tmp_path: Path) -> None:
    done = _send(tmp_path, "", "--to", address)

    assert (done.returncode, done.stderr) == (64, "cellcast-import: The file is empty.\n")
