"""Options that contradict each other end a command with one line and the usage status."""

import tomllib
from pathlib import Path

import pytest

from local.__main__ import COMMANDS, main
from local.commands.arguments import USAGE_ERROR

ENDPOINT = ("--cellcast-url", "https://api.example.com")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serve", "--cellcast-url", "https://api.example.com"], "--cellcast-url needs --api-key"),
        (
            ["run", "--cellcast-url", "https://api.example.com", "--api-key", "k", "--opted-out", "0491570006"],
            "--opted-out is for the sandbox",
        ),
        (["run", "--api-key", "k"], "add --cellcast-url https://api.cellcast.com"),
        (["serve", "--api-key", "k"], "add --cellcast-url https://api.cellcast.com"),
        (["check", "--api-key", "k"], "add --cellcast-url https://api.cellcast.com"),
        (["run", *ENDPOINT, "--api-key", "two lines\nof a file"], "--api-key: The API key"),
        (["serve", *ENDPOINT, "--api-key", " "], "--api-key: The API key is empty"),
        (["check", *ENDPOINT, "--api-key", "a“b”"], "--api-key: The API key"),
        (["run", "no-such-file.csv"], "no-such-file.csv does not exist"),
    ],
)
def test_a_contradiction_is_named(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == USAGE_ERROR

    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["fly"], ["inspect"], ["serve", "--port", "high"]])
def test_a_wrong_usage_has_another_status_than_a_file_with_failed_rows(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == USAGE_ERROR


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    project = tomllib.loads((Path(__file__).parents[4] / "pyproject.toml").read_text("utf-8"))["project"]

    with pytest.raises(SystemExit):
        main(["--version"])

    assert capsys.readouterr().out == f"cellcast-import {project['version']}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_a_sentence_and_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])

    usage = capsys.readouterr().out
    assert f"\n  cellcast-import {command} " in usage
    assert "example" in usage
