"""`cellcast-import send` brings a file to a running API and fetches its results."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest

from local.aws.moto_server import start_embedded_aws
from local.sandbox.endpoint import Exchange, Sandbox

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-for-send-77"
ENVIRONMENT = os.environ | {"PYTHONPATH": "src"}


@contextmanager
def _serving(out: Path, *options: str) -> Iterator[str]:
    command = [sys.executable, "-m", "local", "serve", "--port", "0", "--token", TOKEN, "--out", str(out), *options]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stderr
        found = next(filter(None, (re.search(r"listening on (http://\S+);", line) for line in server.stderr)))
        try:
            yield found[1]
            server.terminate()
            server.communicate(timeout=30)
        finally:
            server.kill()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with _serving(tmp_path_factory.mktemp("serve")) as started:
        yield started


def _make_command(tmp_path: Path, content: str, *options: str) -> list[str]:
    path = tmp_path / "ju\u00f1i list.csv"
    path.write_text(content, "utf-8")
    return [sys.executable, "-m", "local", "send", str(path), "--out", str(tmp_path / "out"), *options]


def _send(tmp_path: Path, content: str, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _make_command(tmp_path, content, *options),
        cwd=ROOT,
        env=ENVIRONMENT | {"CONTACT_IMPORT_TOKEN": TOKEN} | variables,
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


@pytest.mark.parametrize(
    ("content", "status"), [("Mobile\n0491570006\n", 0), ("Name,Age\nAnn,7\n", 1), ("Mobile\n0491570006\n12\n", 2)]
)
def test_the_exit_status_says_how_it_went(address: str, tmp_path: Path, content: str, status: int) -> None:
    done = _send(tmp_path, content, "--to", address)

    assert done.returncode == status, done.stderr


@pytest.fixture
def cloud_formation() -> Iterator[dict[str, str]]:
    """Start a simulated AWS. Yield the environment variables that lead to it."""
    with start_embedded_aws() as variables:
        yield variables


def _create_stack(variables: dict[str, str], name: str, outputs: dict[str, str]) -> None:
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    client = boto3.client(
        "cloudformation",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_REGION"],
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    client.create_stack(StackName=name, TemplateBody=json.dumps(template))


def test_the_address_comes_from_the_outputs_of_a_stack(
    address: str, tmp_path: Path, cloud_formation: dict[str, str]
) -> None:
    _create_stack(cloud_formation, "contact-import", {"ApiUrl": address, "Bucket": "contacts"})

    done = _send(tmp_path, "Mobile\n0491570006\n", "--stack", "contact-import", **cloud_formation)
    unknown = _send(tmp_path, "Mobile\n0491570006\n", "--stack", "other", **cloud_formation)

    assert (done.returncode, "imported" in done.stdout) == (0, True), done.stderr
    assert (unknown.returncode, "the stack other cannot be read" in unknown.stderr) == (64, True)
    assert "Traceback" not in unknown.stderr


def test_a_stack_without_an_api_says_so(tmp_path: Path, cloud_formation: dict[str, str]) -> None:
    _create_stack(cloud_formation, "old-stack", {"Bucket": "contacts"})

    done = _send(tmp_path, "Mobile\n0491570006\n", "--stack", "old-stack", **cloud_formation)

    assert (done.returncode, "has no output ApiUrl" in done.stderr) == (64, True)


def test_without_a_token_nothing_is_asked(tmp_path: Path) -> None:
    done = _send(tmp_path, "Mobile\n0491570006\n", "--to", "https://contacts.example", CONTACT_IMPORT_TOKEN="")

    assert (done.returncode, "--token" in done.stderr) == (64, True)


def test_ctrl_c_ends_the_waiting_and_the_same_command_continues_it(tmp_path: Path) -> None:
    """The import is not started a second time, and a command after the results is a new import."""
    content = "Mobile\n" + "".join(f"04{n:08d}\n" for n in range(30))

    released = threading.Event()

    def answer_late(exchange: Exchange) -> None:
        released.wait(25)  # until the waiting has ended
        exchange.respond()

    with Sandbox(key="k") as sandbox:
        sandbox.default_fault = ("late", answer_late)
        with _serving(tmp_path / "serve", "--cellcast-url", sandbox.start(), "--api-key", "k") as address:
            command = _make_command(tmp_path, content, "--to", address, "--token", TOKEN)
            # A shell that runs the tests in the background lets its processes ignore Ctrl-C, and so their own.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            with subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as waiting:
                deadline = time.monotonic() + 60
                while not sandbox.log and time.monotonic() < deadline:
                    time.sleep(0.05)
                waiting.send_signal(signal.SIGINT)
                _, words = waiting.communicate(timeout=30)
            released.set()
            again = _send(tmp_path, content, "--to", address)
            sent = len(sandbox.numbers)
            results = list((tmp_path / "out").rglob("result.json"))
            anew = _send(tmp_path, content, "--to", address)

    assert waiting.returncode == 130
    assert "Run the same command again" in words
    assert "Traceback" not in words
    assert (again.returncode, "All 30 contacts imported" in again.stdout) == (0, True), again.stderr
    assert "has begun" in again.stderr
    assert (sent, len(results)) == (30, 1)
    assert (anew.returncode, len(sandbox.numbers)) == (0, 60)
