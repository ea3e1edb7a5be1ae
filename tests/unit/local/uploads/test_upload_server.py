"""The server that takes the files of the import page on one machine: whoever has a ticket, and nobody else."""

import socket
import tracemalloc
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from local.uploads import upload_server
from local.uploads.upload_server import UploadServer, start_upload_server

KEY = "uploads/0123/june.csv"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[UploadServer]:
    with start_upload_server(tmp_path / "uploads") as started:
        yield started


def _post(form: dict[str, Any], content: bytes = b"Mobile\n", fields: Mapping[str, str] | None = None) -> int:
    files = {"file": ("june.csv", content)}
    return requests.post(form["url"], data=form["fields"] | (fields or {}), files=files, timeout=10).status_code


def _list_files(server: UploadServer) -> list[Path]:
    return list(server._folder.iterdir())


def test_a_file_with_a_ticket_is_an_object(server: UploadServer) -> None:
    form = server.make_form(KEY, 100, 60)

    assert server.find_file(KEY) is None
    assert _post(form) == 204
    assert _post(form, b"Mobile,Name\n") == 204  # again, after an answer that was lost
    path = server.find_file(KEY)
    assert path
    assert path.read_bytes() == b"Mobile,Name\n"
    assert server.list_keys("uploads/0123/") == [KEY]
    assert server.list_keys("uploads/4567/") == []
    assert _list_files(server) == [path]


@pytest.mark.parametrize("fields", [{"ticket": "wrong"}, {"ticket": ""}, {"key": "uploads/0123/other.csv"}])
def test_without_the_ticket_of_the_key_nothing_is_kept(server: UploadServer, fields: dict[str, str]) -> None:
    assert _post(server.make_form(KEY, 100, 60), fields=fields) == 400
    assert server.list_keys("") == []
    assert _list_files(server) == []


def test_an_expired_ticket_and_a_file_that_is_too_large_are_refused(server: UploadServer) -> None:
    assert _post(server.make_form(KEY, 100, 0)) == 400
    assert _post(server.make_form(KEY, 6, 60)) == 400
    assert _post(server.make_form(KEY, 7, 60)) == 204
    with suppress(requests.ConnectionError):  # it need not read what it will not keep
        assert _post(server.make_form("uploads/4567/x.csv", 6, 60), b"x" * 50_000_000) == 400
    assert len(_list_files(server)) == 1


@pytest.mark.parametrize("head", [b"", b"Content-Type: multipart/form-data\r\n", b"Content-Type: text/csv\r\n"])
def test_what_is_no_form_is_refused(server: UploadServer, head: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), 5) as connection:
        connection.sendall(b"POST /form HTTP/1.1\r\nHost: x\r\n" + head + b"Content-Length: 2\r\n\r\nxx")
        assert b" 400 " in connection.recv(1000)


def test_an_upload_that_breaks_off_leaves_nothing(server: UploadServer) -> None:
    form = server.make_form(KEY, 1000, 60)
    request = requests.Request("POST", form["url"], data=form["fields"], files={"file": ("a", b"x" * 500)}).prepare()
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    assert isinstance(request.body, bytes)
    with socket.create_connection(("127.0.0.1", server.server_port), 5) as connection:
        connection.sendall(f"POST /form HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode() + request.body[:-100])
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1000) == b""

    assert server.list_keys("") == []
    assert _list_files(server) == []


def test_a_page_on_another_port_may_post(server: UploadServer) -> None:
    url = server.make_form(KEY, 1, 1)["url"]

    answer = requests.options(url, headers={"Origin": "http://127.0.0.1:8080"}, timeout=10)

    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")


def test_a_large_file_needs_no_memory(server: UploadServer) -> None:
    content = b"x" * 20_000_000
    form = server.make_form(KEY, len(content), 60)
    request = requests.Request("POST", form["url"], data=form["fields"], files={"file": ("a", content)}).prepare()
    tracemalloc.start()
    try:
        with requests.Session() as session:
            assert session.send(request).status_code == 204
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 5_000_000


def test_files_are_forgotten_after_a_day_and_at_the_next_start(
    server: UploadServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _post(server.make_form(KEY, 100, 60))
    monkeypatch.setattr(upload_server, "_KEPT_SECONDS", -1)
    server.make_form("uploads/4567/x.csv", 100, 60)

    assert server.find_file(KEY) is None
    assert _list_files(server) == []
    (tmp_path / "uploads" / "left").write_bytes(b"x")
    with start_upload_server(tmp_path / "uploads") as again:
        assert _list_files(again) == []
