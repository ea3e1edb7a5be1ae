"""The commands that `cellcast-import sam` prints, run as they are printed: each file of `events/`, and the HTTP API.

`make sam-events` runs these tests, in podman or in SAM's emulator without a container.
"""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests

from local.deployment.example_events import API_TOKEN, EVENTS_DIR, HOOK_TOKEN
from local.deployment.sam_files import ROOT
from tests.sam import emulator

SAM = str(ROOT / ".venvs" / "sam" / "bin" / "sam")
ADDRESS = os.environ.get("SAM_EVENTS_ADDRESS", "")  # empty: without containers
EVENTS = sorted(path.stem for path in EVENTS_DIR.glob("*.json"))
_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class SamLocal:
    """The output of a running `cellcast-import sam`, and the folders that it writes to."""

    lines: list[str]
    folder: Path
    out: Path
    started: "subprocess.Popen[str]"

    def invoke(self, event: str) -> Any:
        """Run the printed command of an event and return the function's answer."""
        command = next(line for line in self.lines if line.endswith(f"{event}.json"))
        words = shlex.split(command)
        if ADDRESS:
            done = subprocess.run(
                [SAM, *words[1:], "--skip-pull-image"],
                capture_output=True, text=True, check=True, timeout=_SECONDS, env=_build_environment(),
            )  # fmt: skip
            answer, log = json.loads(done.stdout.strip().splitlines()[-1]), done.stderr
        else:
            variables = json.loads((self.folder / "env.json").read_bytes())[words[3]]
            answer, log = emulator.invoke(words[3], Path(words[-1]), variables)
        assert not [word for word in ("0491570", "491570", "Ann", API_TOKEN, HOOK_TOKEN) if word in log]
        return answer


def _build_environment() -> dict[str, str]:
    # Credentials of the machine must not matter, and SAM reports its use unless it is asked not to.
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return own | {"SAM_CLI_TELEMETRY": "0", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="module")
def sam_local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SamLocal]:
    folder, out = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("out")
    csv = folder.parent / "my list.csv"
    csv.write_text("First name,Mobile\nCleo,0491 570 157\nDan,12\n", "utf-8")
    command = [sys.executable, "-m", "local", "sam", str(csv), "--folder", str(folder), "--out", str(out)]
    addresses = ["--address", ADDRESS or "127.0.0.1", "--container-address", ADDRESS or "127.0.0.1"]
    with subprocess.Popen([*command, *addresses], cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        lines = []
        for line in started.stdout:
            lines.append(line.rstrip("\n"))
            if "Ctrl-C" in line:
                break
        try:
            yield SamLocal(lines, folder, out, started)
        finally:
            started.send_signal(signal.SIGINT)
            started.communicate(timeout=20)
    assert started.returncode == 0


def _wait_for_files(out: Path, name: str) -> list[Path]:
    deadline = time.monotonic() + 20
    while not (found := list(out.rglob(name))):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def test_an_upload_is_imported_and_its_results_are_copied(sam_local: SamLocal) -> None:
    (result,) = sam_local.invoke("upload_eventbridge")

    assert (result["status"], result["rows"]["accepted"]) == ("completed", 2)
    (copied,) = _wait_for_files(sam_local.out, "result.json")
    assert json.loads(copied.read_bytes())["sandbox"]
    assert copied.with_name("accepted.csv").exists()


def test_uploads_of_a_notification_are_imported(sam_local: SamLocal) -> None:
    results = sam_local.invoke("upload_s3_notification")

    assert {(one["status"], one["rows"]["accepted"]) for one in results} == {("completed", 2)}


@pytest.mark.parametrize("event", ["upload_queue", "notify_queue", "queue_deliveries"])
def test_no_message_of_a_queue_fails(sam_local: SamLocal, event: str) -> None:
    assert sam_local.invoke(event) == {"batchItemFailures": []}


def test_a_large_file_is_imported(sam_local: SamLocal) -> None:
    planned, sent, finished = (sam_local.invoke(event) for event in ("plan", "batch", "finish"))

    assert planned["manifest"].endswith("/plan/manifest.json")
    assert sent is None
    assert (finished["status"], finished["rows"]["accepted"]) == ("completed", 2)


def test_deliveries_and_contacts_are_received(sam_local: SamLocal) -> None:
    hook, contacts, status = (
        sam_local.invoke(event) for event in ("webhook_hook", "webhook_contacts", "webhook_import")
    )

    assert [one["statusCode"] for one in (hook, contacts, status)] == [200, 200, 200]
    assert json.loads(contacts["body"])["rows"]["accepted"] == 1
    assert json.loads(status["body"])["rows"]["accepted"] == 1


def test_the_sweep_finds_nothing(sam_local: SamLocal) -> None:
    assert sam_local.invoke("sweep") == {"orphaned": 0}


def test_your_own_file_is_imported(sam_local: SamLocal) -> None:
    (result,) = sam_local.invoke("upload_yours_1")

    assert (result["rows"]["accepted"], result["rows"]["invalid"]) == (1, 1)


def test_each_event_has_a_command(sam_local: SamLocal) -> None:
    printed = [line for line in sam_local.lines if line.startswith("sam local invoke")]
    events = [Path(shlex.split(line)[-1]).stem for line in printed]

    assert sorted(events) == sorted([*EVENTS, "upload_yours_1"])


if ADDRESS:

    def test_the_http_api_receives_what_the_printed_requests_post(sam_local: SamLocal) -> None:
        command = next(line for line in sam_local.lines if line.startswith("sam local start-api"))
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        words = [SAM, *shlex.split(command)[1:], "--port", str(port), "--skip-pull-image"]
        with subprocess.Popen(words, cwd=ROOT, env=_build_environment(), stderr=subprocess.DEVNULL) as api:
            try:
                _wait_until_open(port)
                answers = [_send_request(line, port) for line in sam_local.lines if line.startswith("curl ")]
            finally:
                api.send_signal(signal.SIGINT)
                api.wait(timeout=60)

        assert [one.status_code for one in answers] == [200, 200]
        assert answers[0].json()["import_id"]
        assert answers[1].json()["rows"]["accepted"] == 1


def _wait_until_open(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _send_request(command: str, port: int) -> requests.Response:
    """Send what a printed curl command would send."""
    words = shlex.split(command)
    url = next(word for word in words if word.startswith("http://")).replace(":3000", f":{port}")
    options = list(pairwise(words))
    headers = dict(re.split(": ", value, maxsplit=1) for option, value in options if option == "-H")
    data = "&".join(value for option, value in options if option == "-d")
    headers.setdefault("Content-Type", "application/x-www-form-urlencoded")  # as curl does
    return requests.post(url, data.encode(), headers=headers, timeout=_SECONDS)
