"""Callers are the senders of a file, or everybody with one token that stays the same."""

import io
import json
from pathlib import Path

import pytest

from local.serving.access import load_access
from local.serving.status_lines import StatusLines


def _load(out: Path, hooks: Path | None = None, token: str = "") -> tuple[object, str]:
    console = io.StringIO()
    return load_access(hooks, token, out, StatusLines(console)), console.getvalue()


def test_a_kept_token_is_the_same_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first, _ = _load(tmp_path)
    (tmp_path / "token").chmod(0o644)
    second, _ = _load(tmp_path)

    assert first == second
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "short", "two words here", "é" * 20, "x" * 10_000])
def test_a_file_without_a_usable_token_gets_a_new_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "token").write_text(text, "utf-8")

    _load(tmp_path)

    assert len((tmp_path / "token").read_text("ascii").strip()) == 32


def test_a_given_token_is_not_written_anywhere(tmp_path: Path) -> None:
    access = load_access(None, "a-token-of-mine", tmp_path, StatusLines(io.StringIO()))

    assert json.loads(access.secret)["tokens"] == ["a-token-of-mine"]
    assert list(tmp_path.iterdir()) == []
    assert "a-token" not in repr(access)


def test_a_sender_with_a_fault_is_named_with_the_file(tmp_path: Path) -> None:
    hooks = tmp_path / "hooks.json"
    senders = {"site": {"scheme": "token", "secrets": []}, "shop": {"scheme": "token", "secrets": ["x"]}}
    hooks.write_text(json.dumps({"senders": senders}), "utf-8")

    access = load_access(hooks, "", tmp_path, StatusLines(console := io.StringIO()))

    assert console.getvalue().startswith(f"{hooks}: sender site has no secret.")
    assert access.senders == ("shop",)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "line 1, column 2"),
        (b"\xff\xfe{", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"tokens": 5}', "must have a list of texts under tokens"),
        (b'{"tokens": []}', "neither tokens nor senders"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_fault(tmp_path: Path, body: bytes, words: str) -> None:
    hooks = tmp_path / "hooks.json"
    hooks.write_bytes(body)

    with pytest.raises(RuntimeError) as raised:
        load_access(hooks, "", tmp_path, StatusLines(io.StringIO()))

    assert str(raised.value).startswith(str(hooks))
    assert words in str(raised.value)
