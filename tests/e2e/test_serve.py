"""The stack that stays up, as a person starts it: the doors, the folder, the results, the end."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from local.sandbox.endpoint import Sandbox
from local.sandbox.faults import set_default_fault

ROOT = Path(__file__).parents[2]
TOKEN, SECRET = "api-token-5510", "site-secret-9923"
HOOKS = {"tokens": [TOKEN], "senders": {"site": {"scheme": "token", "secrets": [SECRET], "tags": ["Web"]}}}


@dataclass
class Served:
    process: "subprocess.Popen[str]"
    port: int
    out: Path
    drop: Path

    def post(self, path: str, value: object, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        wire = HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {"Content-Type": "application/json", **(headers or {})}
        wire.request("POST", path, json.dumps(value).encode(), named)
        answer = wire.getresponse()
        body = answer.read()
        wire.close()
        return answer.status, json.loads(body)

    def hook(self, number: int) -> tuple[int, Any]:
        return self.post(f"/hooks/site?token={SECRET}", {"name": f"Per Son{number}", "mobile": f"04000{number:05d}"})

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(120)

    def results(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text("utf-8")) for path in self.out.rglob("result.json")]


@contextmanager
def _serving(where: Path, *arguments: str) -> Iterator[Served]:
    out, drop = where / "out", where / "drop"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CELLCAST"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "serve", "--port", "0", "--out", out, "--drop", drop, *arguments],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr
    reader = threading.Thread(target=lambda: None)
    reader.start()
    try:
        ready = process.stderr.readline()
        assert "ready: listening on http://127.0.0.1:" in ready, ready + process.stderr.read()
        reader = threading.Thread(target=lambda: list(process.stderr or ()))
        reader.start()
        yield Served(process, int(ready.partition("127.0.0.1:")[2].split(",")[0]), out, drop)
    finally:
        process.kill()
        process.wait()
        reader.join()
        for stream in (process.stdout, process.stderr):
            assert stream
            stream.close()


@pytest.fixture
def hooks(tmp_path: Path) -> str:
    path = tmp_path / "hooks.json"
    path.write_text(json.dumps(HOOKS), "utf-8")
    return str(path)


@pytest.fixture
def external_sandbox() -> Iterator[tuple[Sandbox, str]]:
    with Sandbox(key="k") as sandbox:
        yield sandbox, sandbox.start()


def _until(true: Any, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.1)
    assert true()


def test_forms_programs_and_files_are_served_until_it_is_ended(
    tmp_path: Path, hooks: str, external_sandbox: tuple[Sandbox, str]
) -> None:
    sandbox, url = external_sandbox
    with _serving(tmp_path, "--hooks", hooks, "--cellcast-url", url, "--api-key", "k") as served:
        (served.drop / "list=News").mkdir()
        (served.drop / "list=News" / "june.csv").write_text("Name,Mobile\nAnn,0491570006\nBob,12\n", "utf-8")
        hooked = served.hook(1)
        called = served.post(
            "/contacts", {"contacts": [{"phone_number": "0491570156"}]}, {"Authorization": f"Bearer {TOKEN}"}
        )
        empty = served.post(f"/hooks/site?token={SECRET}", {"event": "ping"})
        forged = served.post("/hooks/site?token=wrong", {"name": "Eve", "mobile": "0491570157"})
        _until(lambda: len(served.results()) == 4)
        status = served.end()

    assert (hooked[0], called[0], empty[0], forged[0]) == (200, 200, 200, 401)
    assert called[1]["rows"]["accepted"] == 1
    assert status == 0
    assert sorted(sandbox.numbers) == ["+61400000001", "+61491570006", "+61491570156"]
    assert {seen.lists for seen in sandbox.log if seen.contacts[0]["phone_number"] == "+61491570006"} == {("News",)}
    where = next(served.out.glob(f"webhook/*/*/*/{hooked[1]['import_id']}"))
    assert {path.name for path in where.iterdir()} == {"result.json", "failed.csv", "accepted.csv", "report.html"}
    assert next(served.out.glob(f"webhook/*/*/*/{empty[1]['import_id']}/delivery.json")).is_file()
    log = (served.out / "functions.log").read_text("utf-8")
    assert not [word for word in (SECRET, TOKEN, "Son1", "400000001", "491570", "june") if word in log]


def test_many_deliveries_at_once_are_few_requests_and_none_is_lost(
    tmp_path: Path, hooks: str, external_sandbox: tuple[Sandbox, str]
) -> None:
    sandbox, url = external_sandbox
    answered: list[int] = []
    with _serving(tmp_path, "--hooks", hooks, "--cellcast-url", url, "--api-key", "k") as served:
        threads = [
            threading.Thread(target=lambda at=at: answered.extend(served.hook(n)[0] for n in range(at, 200, 10)))
            for at in range(10)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Ctrl-C at once: what came in is brought to its end first.
        status = served.end()

    assert answered == [200] * 200
    assert status == 0
    assert sorted(sandbox.numbers) == [f"+614000{n:05d}" for n in range(200)]
    assert len(sandbox.log) <= 20
    assert [result["rows"]["accepted"] for result in served.results()] == [1] * 200


def test_an_endpoint_that_comes_back_gets_what_came_in_meanwhile(
    tmp_path: Path, hooks: str, external_sandbox: tuple[Sandbox, str]
) -> None:
    sandbox, url = external_sandbox
    set_default_fault(sandbox, "503 html")
    with _serving(tmp_path, "--hooks", hooks, "--cellcast-url", url, "--api-key", "k") as served:
        assert served.hook(1)[0] == 200
        _until(lambda: sandbox.log)
        sandbox.default_fault = None
        _until(lambda: sandbox.numbers == ["+61400000001"], 90.0)
        assert served.end() == 0


def test_without_a_file_of_hooks_a_token_is_made_up_and_printed(tmp_path: Path) -> None:
    with _serving(tmp_path) as served:
        assert served.process.stdout
        token = served.process.stdout.readline().split()[-1]
        called = served.post("/contacts", {"contacts": [{"phone_number": "0491570156"}]}, {"X-Api-Key": token})
        hooked = served.post(f"/hooks/form?token={token}", {"name": "Ann", "mobile": "0491570006"})
        assert served.end() == 0

    assert (called[0], hooked[0]) == (200, 200)


def test_what_cannot_be_served_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "hooks.json").write_text("{", "utf-8")
    for arguments in (["--hooks", str(tmp_path / "hooks.json")], ["--cellcast-url", "http://127.0.0.1:9"]):
        done = subprocess.run(
            [sys.executable, "-m", "local", "serve", "--port", "0", "--out", str(tmp_path / "out"), *arguments],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr.count("\n")) == (64, 1), done.stderr


def test_people_of_the_opt_out_list_are_left_out_on_every_road(tmp_path: Path, hooks: str) -> None:
    with _serving(tmp_path, "--hooks", hooks, "--opted-out", "400000001", "--opted-out", "491570156") as served:
        (served.drop / "june.csv").write_text("Name,Mobile\nAnn,0491570006\nBob,0491570156\n", "utf-8")
        hooked = served.hook(1)
        contacts = {"contacts": [{"phone_number": "0491570156"}, {"phone_number": "0491570157"}]}
        called = served.post("/contacts", contacts, {"Authorization": f"Bearer {TOKEN}"})
        _until(lambda: len(served.results()) == 3)
        assert served.end() == 0

    assert (hooked[0], called[0]) == (200, 200)
    rows = [
        (result["source"]["key"], result["rows"]["accepted"], result["rows"]["opted_out"])
        for result in served.results()
    ]
    assert sorted(rows) == [("contacts", 1, 1), ("hooks/site", 0, 1), ("incoming/june.csv", 1, 1)]
