"""A run ends at any moment, and the same command follows: no contact is lost, and none is sent twice in silence."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.sandbox.endpoint import Exchange, Sandbox
from tests.conftest import build_contacts_csv

ROOT = Path(__file__).parents[2]
CONTACTS, BATCH = 400, 20


@pytest.fixture
def account() -> Iterator[Sandbox]:
    def answer_slowly(exchange: Exchange) -> None:
        time.sleep(0.1)
        exchange.respond()

    with Sandbox(key="k", default_fault=("slow", answer_slowly)) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def _interruptible() -> None:
    """Let the commands receive Ctrl-C also where these tests run in the background, where a shell ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Command:
    """The same command, as often as it is typed."""

    def __init__(self, folder: Path, sandbox: Sandbox, *options: str, policy: str = "resend") -> None:
        self.upload, self.out, self._sandbox = folder / "june.csv", folder / "out", sandbox
        self.upload.write_text(build_contacts_csv(CONTACTS), "utf-8")
        endpoint = ("--cellcast-url", sandbox.start(), "--api-key", "k")
        arguments = ("run", str(self.upload), "--out", str(self.out), *endpoint, *options)
        self.line = [sys.executable, "-m", "local", *arguments]
        self._environment = os.environ | {"BATCH_MAX_CONTACTS": str(BATCH), "ON_AMBIGUOUS": policy}

    def start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.line, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def finish(self) -> tuple[int, str]:
        """Run to the end and return the status and all that was printed."""
        with self.start() as running:
            printed, errors = running.communicate(timeout=180)
        assert "Traceback" not in errors
        return running.returncode, printed + errors

    def end_after(self, requests: int, number: signal.Signals, pause: float = 0.0) -> tuple[int, str]:
        """Send a signal some moments after so many more requests have arrived."""
        goal = len(self._sandbox.log) + requests
        with self.start() as running:
            while len(self._sandbox.log) < goal and running.poll() is None:
                time.sleep(0.005)
            time.sleep(pause)
            running.send_signal(number)
            printed, errors = running.communicate(timeout=180)
        return running.returncode, printed + errors

    @property
    def latest(self) -> Path:
        return self.out / "june.csv" / "latest"

    def load_result(self) -> dict[str, Any]:
        result: dict[str, Any] = json.loads((self.latest / "result.json").read_bytes())
        return result

    def read_csv(self, name: str) -> list[dict[str, str]]:
        with (self.latest / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


@pytest.mark.parametrize("policy", ["resend", "hold"])
@pytest.mark.parametrize("options", [(), ("--large",)], ids=["inline", "large"])
def test_after_kills_at_random_moments_no_one_is_lost_or_sent_twice_in_silence(
    tmp_path: Path, account: Sandbox, policy: str, options: tuple[str, ...]
) -> None:
    moments = random.Random(f"{policy} {options}")
    command = Command(tmp_path, account, *options, policy=policy)
    for _ in range(2):
        command.end_after(moments.randint(1, 6), signal.SIGKILL, moments.uniform(0, 0.15))

    status, printed = command.finish()

    result, sent = command.load_result(), Counter(account.numbers)
    rows = result["rows"]
    assert rows["read"] == CONTACTS == rows["accepted"] + rows["unknown"], printed
    assert len(command.read_csv("accepted.csv")) == rows["accepted"]
    unknown = {row["Mobile"] for row in command.read_csv("failed.csv")}
    assert len(unknown) == rows["unknown"]
    # A batch that several runs in a row may have sent is counted once.
    twice = sum(count > 1 for count in sent.values())
    if policy == "hold":
        assert twice == 0
        assert len(sent) >= rows["accepted"]
    else:
        assert (status, len(sent), rows["unknown"]) == (0, CONTACTS, 0)
        assert twice <= BATCH * result["requests"]["possibly_repeated"]


@pytest.mark.parametrize("options", [(), ("--large",)], ids=["inline", "large"])
def test_one_ctrl_c_writes_exact_results_and_the_same_command_continues(
    tmp_path: Path, account: Sandbox, options: tuple[str, ...]
) -> None:
    command = Command(tmp_path, account, *options)

    status, printed = command.end_after(5, signal.SIGINT)

    rows, folder = command.load_result()["rows"], command.latest.resolve()
    assert status == 130
    assert rows["accepted"] == len(account.numbers) > 0, printed
    assert rows["unsent"] == CONTACTS - rows["accepted"] == len(command.read_csv("failed.csv"))
    assert {path.name for path in folder.iterdir()} == {"accepted.csv", "failed.csv", "report.html", "result.json"}
    words = (
        f"{rows['accepted']} imported; run the same command to continue, or import failed.csv, which holds the other "
        f"{rows['unsent']}"
    )
    assert words in " ".join(printed.split())

    status, _ = command.finish()

    assert (status, command.load_result()["rows"]["accepted"]) == (0, CONTACTS)
    assert command.load_result()["requests"]["possibly_repeated"] == 0
    assert set(Counter(account.numbers).values()) == {1}
    assert len(account.numbers) == CONTACTS == len(command.read_csv("accepted.csv"))
    assert command.latest.resolve() == folder
    assert list((command.out / ".work" / "work").iterdir()) == []  # no copy of the people is left behind


def test_what_a_person_has_corrected_is_kept_when_the_import_continues(tmp_path: Path, account: Sandbox) -> None:
    command = Command(tmp_path, account)
    command.end_after(3, signal.SIGINT)
    (command.latest / "failed.csv").write_text("Name,Mobile\nMy own work,0491570006\n", "utf-8")

    _, printed = command.finish()

    assert "My own work" in (command.latest / "failed-edited-1.csv").read_text("utf-8")
    assert "failed-edited-1.csv" in printed


def test_a_finished_import_is_sent_once_more_only_when_asked_to(tmp_path: Path, account: Sandbox) -> None:
    command = Command(tmp_path, account)
    command.finish()

    status, printed = command.finish()

    assert status == 0
    assert "already imported on" in printed
    assert "--again" in printed
    assert len(account.numbers) == CONTACTS

    command.line.append("--again")
    command.finish()

    assert set(Counter(account.numbers).values()) == {2}
    assert len([path for path in command.latest.parent.iterdir() if not path.is_symlink()]) == 2


def test_two_of_the_same_command_at_the_same_time_send_no_one_twice(tmp_path: Path, account: Sandbox) -> None:
    command = Command(tmp_path, account)
    with command.start() as first:
        while not account.log:
            time.sleep(0.01)
        first.send_signal(signal.SIGSTOP)  # as a lid that is closed

        status, printed = command.finish()
        first.send_signal(signal.SIGCONT)
        first.communicate(timeout=180)

    assert (first.returncode, status) == (0, 1)
    assert "another run of this command" in printed
    assert set(Counter(account.numbers).values()) == {1}
    assert len(account.numbers) == CONTACTS


def test_another_key_does_not_continue_in_what_may_be_another_account(tmp_path: Path, account: Sandbox) -> None:
    command = Command(tmp_path, account)
    command.end_after(3, signal.SIGINT)
    before = len(account.log)
    command.line[command.line.index("k")] = "other"

    status, printed = command.finish()

    assert (status, len(account.log)) == (1, before)
    assert "begun with another API key" in printed


def test_an_edited_file_is_another_import(tmp_path: Path, account: Sandbox) -> None:
    command = Command(tmp_path, account)
    command.finish()
    command.upload.write_text(build_contacts_csv(CONTACTS + 1), "utf-8")

    command.finish()

    assert command.load_result()["rows"]["accepted"] == CONTACTS + 1


def test_results_that_cannot_be_written_do_not_hide_that_everyone_is_in(tmp_path: Path, account: Sandbox) -> None:
    command = Command(tmp_path, account)
    with command.start() as running:
        while not account.log:
            time.sleep(0.01)
        [folder] = (command.out / "june.csv").iterdir()
        folder.rmdir()
        folder.write_text("in the way", "utf-8")
        _, errors = running.communicate(timeout=180)

    assert running.returncode == 64
    assert "june.csv was imported, but its results could not be written" in errors
    folder.unlink()

    status, _ = command.finish()

    assert (status, command.load_result()["rows"]["accepted"], len(account.numbers)) == (0, CONTACTS, CONTACTS)
