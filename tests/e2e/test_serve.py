"""The server as a person starts it: the HTTP API, the folder, the results, the end."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from standardwebhooks.webhooks import Webhook

from contact_import.sending.batches import COMMIT_GROUP_BATCHES
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
    lines: list[str]

    def request(self, method: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
        wire = HTTPConnection("127.0.0.1", self.port, timeout=60)
        wire.request(method, path, headers=headers or {})
        answer = wire.getresponse()
        body = answer.read().decode()
        wire.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body

    def put(self, name: str, text: str) -> None:
        path = self.drop / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def moved(self) -> list[str]:
        """Return the files of the folder, with a star for the date."""
        today = datetime.now().astimezone().date().isoformat()
        names = (path.relative_to(self.drop).as_posix() for path in self.drop.rglob("*") if path.is_file())
        return sorted(name.replace(today, "*") for name in names)

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
        paths = (path for path in self.out.rglob("result.json") if ".work" not in path.parts)
        return [json.loads(path.read_text("utf-8")) for path in paths]


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
        assert "ready: listening on http://127.0.0.1:" in ready, ready
        lines = [ready]
        reader = threading.Thread(target=lambda: lines.extend(process.stderr or ()))
        reader.start()
        yield Served(process, int(ready.partition("127.0.0.1:")[2].split(",")[0]), out, drop, lines)
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
    assert {path.name for path in where.iterdir()} == {"result.json", "accepted.csv"}
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
        # An immediate Ctrl-C: the server finishes the requests that it received.
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


def test_without_a_file_of_hooks_a_token_is_printed_and_kept(tmp_path: Path) -> None:
    tokens = []
    for _ in range(2):
        with _serving(tmp_path) as served:
            assert served.process.stdout
            token = served.process.stdout.readline().split()[-1]
            called = served.post("/contacts", {"contacts": [{"phone_number": "0491570156"}]}, {"X-Api-Key": token})
            hooked = served.post(f"/hooks/form?token={token}", {"name": "Ann", "mobile": "0491570006"})
            assert served.end() == 0
        tokens.append(token)
        assert (called[0], hooked[0]) == (200, 200)

    assert tokens[0] == tokens[1]
    assert (tmp_path / "out" / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("path", ["contacts", "hooks/form"])
def test_the_printed_curl_lines_work(tmp_path: Path, path: str) -> None:
    with _serving(tmp_path, "--token", "a-token-of-mine") as served:
        _until(lambda: any(f"/{path} " in line for line in served.lines))
        command = next(line for line in served.lines if f"/{path} " in line)
        run = subprocess.run(
            [*shlex.split(command), "-s", "-w", "%{http_code}"], capture_output=True, text=True, timeout=60, check=False
        )
        assert served.end() == 0

    assert "a-token-of-mine" in command
    assert run.stdout.endswith("200")


def _serve_in_vain(tmp_path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "local", "serve", "--port", "0", "--out", str(tmp_path / "out"), *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--hooks", "broken.json"), ("broken.json", "line 2, column 5")),
        (("--hooks", "missing.json"), ("missing.json", "No such file")),
        (("--hooks", "empty.json"), ("empty.json", "neither tokens nor senders")),
        (("--hooks", "list.json"), ("list.json", "must be an object")),
        (("--hooks", "broken.json", "--token", "12345678"), ("--token", "--hooks")),
        (("--token", "has blanks"), ("--token",)),
        (("--port", "99999"), ("99999", "65535")),
        (("--port", "-1"), ("-1",)),
        (("--drop", "broken.json"), ("--drop", "broken.json is a file")),
        (("--out", "broken.json"), ("--out", "broken.json is a file")),
        (("--out", "same", "--drop", "same"), ("--out", "--drop")),
        (("--cellcast-url", "http://127.0.0.1:9"), ("--api-key",)),
    ],
)  # fmt: skip
def test_a_start_that_cannot_work_says_why_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    for name, text in (("broken.json", '{"a":\n    }'), ("empty.json", "{}"), ("list.json", "[]")):
        (tmp_path / name).write_text(text, "utf-8")

    done = _serve_in_vain(
        tmp_path, *(str(tmp_path / one) if one.endswith(".json") or one == "same" else one for one in arguments)
    )

    assert (done.returncode, done.stderr.count("\n")) == (64, 1), done.stderr
    assert [word for word in words if word not in done.stderr] == []
    assert "Errno" not in done.stderr
    assert "HOOKS_SECRET" not in done.stderr


def test_a_port_that_is_taken_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = _serve_in_vain(tmp_path, "--port", str(port))

    assert done.returncode == 64
    assert done.stderr.startswith(
        f"cellcast-import: port {port} is taken by another program; choose another with --port"
    )


def test_a_file_in_validate_is_checked_and_never_sent(
    tmp_path: Path, hooks: str, external_sandbox: tuple[Sandbox, str]
) -> None:
    sandbox, url = external_sandbox
    with _serving(tmp_path, "--hooks", hooks, "--cellcast-url", url, "--api-key", "k") as served:
        served.put("validate/june.csv", "Name,Mobile\nAnn,0491570006\n")
        served.put("validate/list=News/july.csv", "Name,Mobile\nAnn,0491570156\n")
        served.put("mapping.json", '{"Name": null}')
        _until(lambda: sum(name.startswith("done/") for name in served.moved()) == 2)
        assert served.end() == 0
        results = served.results()

    assert sandbox.log == []
    assert [(one["dry_run"], one["rows"]["accepted"]) for one in results] == [(True, 1)] * 2
    # A dry run reads the columns as the import would.
    assert [column for one in results for column in one["columns"] if column["header"] == "Name"] == [
        {"header": "Name", "field": None}
    ] * 2
    assert served.moved() == ["done/*/validate/june.csv", "done/*/validate/list=News/july.csv", "mapping.json"]
    assert any("only checked" in line for line in served.lines)


def test_a_restart_sends_nothing_twice(tmp_path: Path, hooks: str, external_sandbox: tuple[Sandbox, str]) -> None:
    sandbox, url = external_sandbox
    arguments = ("--hooks", hooks, "--cellcast-url", url, "--api-key", "k")
    with _serving(tmp_path, *arguments) as served:
        served.put("list=News/june.csv", "Name,Mobile\nAnn,0491570006\n")
        served.put("contacts.xlsx", "PK\x03\x04")
        _until(lambda: len(served.results()) == 2)
        assert served.end() == 0
    with _serving(tmp_path, *arguments) as served:
        served.put("list=News/june.csv", "Name,Mobile\nBob,0491570156\n")
        _until(lambda: len(served.results()) == 3 and not (served.drop / "list=News/june.csv").exists())
        assert served.end() == 0

    assert sorted(sandbox.numbers) == ["+61491570006", "+61491570156"]
    assert served.moved() == [
        "done/*/list=News/june-2.csv",
        "done/*/list=News/june.csv",
        "failed/*/contacts.xlsx",
    ]


def test_a_killed_import_is_continued_and_sends_no_one_twice_but_what_was_in_flight(
    tmp_path: Path, hooks: str, external_sandbox: tuple[Sandbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCH_MAX_CONTACTS", "20")
    monkeypatch.setenv("CALLS_PER_SECOND", "10")
    sandbox, url = external_sandbox
    arguments = ("--hooks", hooks, "--cellcast-url", url, "--api-key", "k")
    with _serving(tmp_path, *arguments) as served:
        served.put("june.csv", "Name,Mobile\n" + "".join(f"Ann,04000{n:05d}\n" for n in range(1000)))
        _until(lambda: len(sandbox.log) > 12)
        served.process.kill()
        served.process.wait()
    sent_before = len(sandbox.log)
    with _serving(tmp_path, *arguments) as served:
        _until(lambda: any(name.startswith("done/") for name in served.moved()))
        assert served.end() == 0

    assert any("june.csv: continuing" in line for line in served.lines)
    assert set(sandbox.numbers) == {f"+614000{n:05d}" for n in range(1000)}
    [result] = served.results()
    assert result["rows"]["accepted"] == 1000
    # The claim of a group does not say how far its owner came: the batches of two groups may be repeated.
    repeated = result["requests"]["possibly_repeated"]
    assert sent_before < len(sandbox.log) <= 1 + 50 + repeated
    assert repeated <= 2 * COMMIT_GROUP_BATCHES
    assert [path for path in (tmp_path / "out" / ".work" / "uploads").iterdir() if path.is_file()] == []


def test_a_killed_import_is_continued_although_its_file_was_taken_away(
    tmp_path: Path, hooks: str, external_sandbox: tuple[Sandbox, str]
) -> None:
    sandbox, url = external_sandbox
    set_default_fault(sandbox, "503 html")
    arguments = ("--hooks", hooks, "--cellcast-url", url, "--api-key", "k")
    with _serving(tmp_path, *arguments) as served:
        served.put("june.csv", "Name,Mobile\nAnn,0491570006\n")
        _until(lambda: sandbox.log)
        served.process.kill()
        served.process.wait()
    (tmp_path / "drop" / "june.csv").unlink()
    sandbox.default_fault = None

    with _serving(tmp_path, *arguments) as served:
        _until(lambda: served.results() or any("cannot be continued" in line for line in served.lines))
        assert served.end() == 0

    assert sandbox.numbers == ["+61491570006"]


def test_deliveries_survive_a_kill_and_wait_for_their_account(
    tmp_path: Path, hooks: str, external_sandbox: tuple[Sandbox, str]
) -> None:
    sandbox, url = external_sandbox
    set_default_fault(sandbox, "503 html")
    account = ("--hooks", hooks, "--cellcast-url", url, "--api-key", "k")
    delivery = {"event_id": "e-1", "name": "Per Son", "mobile": "0400000001"}
    with _serving(tmp_path, *account) as served:
        assert served.hook(2)[0] == 200
        first = served.post(f"/hooks/site?token={SECRET}", delivery)
        assert first[0] == 200
        _until(lambda: sandbox.log)
        served.process.kill()
        served.process.wait()
    sandbox.default_fault = None
    with _serving(tmp_path, "--hooks", hooks) as practice:
        practice.end()
    assert any("2 deliveries of another account wait" in line for line in practice.lines)
    assert sandbox.numbers == []

    with _serving(tmp_path, *account) as served:
        assert served.post(f"/hooks/site?token={SECRET}", delivery)[1]["import_id"] == first[1]["import_id"]
        _until(lambda: len(served.results()) == 2)
        status, _, failed = served.request(
            "GET", f"/imports/{first[1]['import_id']}", {"Authorization": f"Bearer {TOKEN}"}
        )
        assert served.end() == 0

    assert sorted(sandbox.numbers) == ["+61400000001", "+61400000002"]
    assert (status, json.loads(failed)["rows"]["accepted"]) == (200, 1)


def test_after_a_kill_at_a_random_moment_no_delivery_is_lost_or_sent_twice_in_silence(
    tmp_path: Path, hooks: str, external_sandbox: tuple[Sandbox, str]
) -> None:
    sandbox, url = external_sandbox
    account = ("--hooks", hooks, "--cellcast-url", url, "--api-key", "k")
    answered = list[int]()
    with _serving(tmp_path, *account) as served:

        def post() -> None:
            with suppress(OSError, HTTPException):
                for number in range(1000):
                    if served.hook(number)[0] == 200:
                        answered.append(number)

        thread = threading.Thread(target=post)
        thread.start()
        _until(lambda: len(sandbox.log) >= 2)
        served.process.kill()
        thread.join()
    with _serving(tmp_path, *account) as served:
        _until(lambda: {f"+614000{number:05d}" for number in answered} <= set(sandbox.numbers))
        assert served.end() == 0

    results = served.results()
    assert sum(result["rows"]["accepted"] for result in results) == len(set(sandbox.numbers)) >= len(answered) > 0
    twice = len(sandbox.numbers) - len(set(sandbox.numbers))
    assert twice <= sum(result["requests"]["possibly_repeated"] for result in results)


def test_a_file_of_the_results_is_downloaded_over_the_api(tmp_path: Path, hooks: str) -> None:
    token = {"Authorization": f"Bearer {TOKEN}"}
    with _serving(tmp_path, "--hooks", hooks) as served:
        served.put("june.csv", "Name,Mobile\nAnn,12\nBen,0491570156\n")
        _until(lambda: len(served.results()) == 1 and served.moved() == ["done/*/june.csv"])
        ident = served.results()[0]["import_id"]
        status, headers, _ = served.request("GET", f"/imports/{ident}/failed.csv", token)
        with urlopen(headers["location"]) as response:
            downloaded = response.read()
        served.end()

    assert status == 302
    assert downloaded == next(served.out.rglob("failed.csv")).read_bytes()


def test_a_large_file_takes_the_large_file_path_and_a_small_one_does_not_wait(
    tmp_path: Path, hooks: str, external_sandbox: tuple[Sandbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INLINE_MAX_BYTES", "10000")
    sandbox, url = external_sandbox
    with _serving(tmp_path, "--hooks", hooks, "--cellcast-url", url, "--api-key", "k") as served:
        served.put("a-large.csv", "Name,Mobile\n" + "".join(f"Ann,04000{n:05d}\n" for n in range(3000)))
        served.put("b-small.csv", "Name,Mobile\nAnn,0491570006\n")
        _until(lambda: len(served.results()) == 2)
        assert served.end() == 0

    assert "import handed over" in (tmp_path / "out" / "functions.log").read_text("utf-8")
    assert len(set(sandbox.numbers)) == 3001
    lines = "".join(served.lines)
    assert lines.index("b-small.csv: importing") < lines.index("✓ a-large.csv")


def test_a_second_server_of_the_same_folder_does_not_start(tmp_path: Path) -> None:
    with _serving(tmp_path) as served:
        done = _serve_in_vain(tmp_path)
        assert served.end() == 0

    assert (done.returncode, done.stderr.count("\n")) == (64, 1)
    assert "another serve is running" in done.stderr


def test_the_lines_say_what_begins_how_it_ends_and_why_it_failed(tmp_path: Path) -> None:
    with _serving(tmp_path) as served:
        served.put("mapping.json", '{"Tel": "phone_number"}')
        served.put("contacts.csv", "")
        served.put("list=A/x.csv", "Name,Tel\nAnn,12\nBen,0491570156\n")
        path = served.drop / os.fsdecode(b"caf\xe9 [bold].csv")
        path.write_text("Name,Tel\nAnn,0491570006\n", "utf-8")
        (served.drop / "contacts.csv").write_bytes(b"PK\x03\x04")
        _until(lambda: len(served.results()) == 3)
        assert served.end() == 0

    text = "".join(served.lines)
    assert f"using {served.drop / 'mapping.json'}\n" in text
    assert text.index("\ncontacts.csv: importing") < text.index("✗ contacts.csv: ")
    for name in ("contacts.csv", "list=A/x.csv", "caf\ufffd [bold].csv"):
        line = next(line for line in served.lines if f" {name}: " in line)
        report = line.strip().rpartition(" → ")[2]
        assert report.endswith("report.html")
        assert Path(report).is_file()
    assert "archive" in next(line for line in served.lines if "✗ contacts.csv" in line)
    assert "(1)" in next(line for line in served.lines if "! list=A/x.csv" in line)
    assert "Traceback" not in text


def test_the_start_page_links_results_and_is_for_this_machine_only(tmp_path: Path) -> None:
    with _serving(tmp_path) as served:
        served.put("<b>june.csv", "Name,Mobile\nAnn,0491570006\nBob,12\n")
        _until(lambda: len(served.moved()) == 1 and served.moved()[0].startswith("done"))
        status, headers, page = served.request("GET", "/server")
        ident = served.results()[0]["import_id"]
        files = {
            name: served.request("GET", f"/results/{ident}/{name}")
            for name in ("report.html", "failed.csv", "accepted.csv")
        }
        rebound = [
            served.request("GET", path, {"Host": host})[0]
            for path in ("/", "/server", f"/results/{ident}/failed.csv")
            for host in ("evil.example:80", f"127.0.0.1.evil.example:{served.port}", "")
        ]
        tunnelled = served.request("GET", "/server", {"X-Forwarded-For": "203.0.113.9"})[0]
        climbing = [
            served.request("GET", path)[0]
            for path in (
                "/results/../token",
                "/results/%2e%2e/token",
                f"/results/{ident}/../../token",
                "/results/token",
            )
        ]
        written = served.request("POST", "/server")[0]
        assert served.end() == 0

    assert status == 200
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "&lt;b&gt;june.csv" in page
    assert "<b>june" not in page
    assert f'href="/results/{ident}/failed.csv"' in page
    assert (tmp_path / "out" / "token").read_text("ascii").strip() not in page
    assert {name: one[0] for name, one in files.items()} == {"report.html": 200, "failed.csv": 200, "accepted.csv": 200}
    stored = next((tmp_path / "out").rglob("failed.csv")).read_bytes()
    assert files["failed.csv"][2].encode() == stored
    assert "attachment" in files["failed.csv"][1]["content-disposition"]
    assert files["report.html"][1]["content-security-policy"].startswith("sandbox allow-scripts")
    assert (rebound, tunnelled, climbing, written) == ([403] * 9, 403, [404] * 4, 405)


def test_people_of_the_opt_out_list_are_left_out_on_every_path(tmp_path: Path, hooks: str) -> None:
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


def test_a_caller_is_called_back_also_after_a_restart(
    tmp_path: Path, hooks: str, external_sandbox: tuple[Sandbox, str]
) -> None:
    """The receiver is away until the second start; the secret is the one of the first."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    arguments = ("--hooks", hooks, "--cellcast-url", external_sandbox[1], "--api-key", "k")
    body = {"contacts": [{"phone_number": "0491570156"}], "callback_url": f"http://127.0.0.1:{port}/imported"}
    with _serving(tmp_path, *arguments) as served:
        status, result = served.post("/contacts", body, {"Authorization": f"Bearer {TOKEN}"})
        _until(lambda: "callback failed" in (served.out / "functions.log").read_text("utf-8"))
        assert served.end() == 0
    secret = (served.out / "callback-secret").read_text("utf-8").strip()
    calls: list[tuple[dict[str, str], str]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            calls.append(({name.lower(): value for name, value in self.headers.items()}, text))
            self.send_response(204)
            self.end_headers()

    with HTTPServer(("127.0.0.1", port), Receiver) as receiver:
        threading.Thread(target=receiver.serve_forever, args=(0.05,), daemon=True).start()
        with _serving(tmp_path, *arguments) as served:
            _until(lambda: calls)
            assert served.end() == 0
        with _serving(tmp_path, *arguments) as served:
            assert served.end() == 0
        receiver.shutdown()

    [(headers, text)] = calls
    event = Webhook(secret).verify(text, headers)
    assert status == 200
    assert (headers["webhook-id"], event["data"]["rows"]) == (result["import_id"], result["rows"])
    assert event["data"]["links"]["import"].endswith(f"/imports/{result['import_id']}")
    assert "491570156" not in text
