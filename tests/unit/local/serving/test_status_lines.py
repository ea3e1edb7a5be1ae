"""Lines are whole words on a terminal, and no name or console makes one fail."""

import io
import shlex
import subprocess

import pytest

from local.serving.status_lines import StatusLines


class _Terminal(io.TextIOWrapper):
    def __init__(self, encoding: str = "utf-8", *, is_terminal: bool = True) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, errors="strict", newline="\n")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    def read_back(self) -> str:
        self.flush()
        self.seek(0)
        return self.read()


def test_a_terminal_breaks_no_word_and_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    terminal = _Terminal()
    sentence = "✗ contacts.xlsb: " + "is a binary Excel workbook, which must be saved as .xlsx first " * 3
    path = "/home/ada/a folder with blanks/" + "x" * 90 + "/report.html"

    StatusLines(terminal).print(sentence, path)

    lines = terminal.read_back().splitlines()
    assert [line for line in lines[:-1] if len(line) >= 80] == []
    assert " ".join(" ".join(lines[:-1]).split()) == sentence.strip()
    assert lines[-1] == f"  → {path}"


def test_a_log_file_gets_one_line_for_each_message() -> None:
    log = _Terminal(is_terminal=False)

    StatusLines(log).print("long " * 60, "out/report.html")

    assert log.read_back().count("\n") == 1


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_command_can_be_pasted(is_terminal: bool) -> None:
    console = _Terminal(is_terminal=is_terminal)
    parts = ["curl http://127.0.0.1:8080/contacts", "-H 'Authorization: Bearer x'", "-d '{\"a\": [1]}'"]

    StatusLines(console).print_command(parts)

    pasted = console.read_back()
    run = subprocess.run(
        ["sh", "-c", pasted.replace("curl", "printf '%s\\n'", 1)], capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == shlex.split(" ".join(parts))[1:]
    assert pasted.count("\n") == (3 if is_terminal else 1)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8", "shift_jis"])
@pytest.mark.parametrize("name", ["Zoë 🎉.csv", "caf\udce9.csv", "a\nb\x1b[31m.csv", "\u202egpj.csv"])
def test_every_name_can_be_printed_on_every_console(encoding: str, name: str) -> None:
    console = _Terminal(encoding)

    StatusLines(console).print(f"✓ {name}: importing…", f"out/{name}/report.html")

    text = console.read_back()
    assert ".csv" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_console_without_the_symbols_gets_words() -> None:
    console = _Terminal("ascii")

    StatusLines(console).print("✗ june.csv: broken", "out")

    assert console.read_back() == "FAILED june.csv: broken -> out\n"


def test_a_problem_of_every_scan_is_printed_once() -> None:
    console = _Terminal()
    lines = StatusLines(console)

    for _ in range(3):
        lines.print_once("inbox cannot be read")

    assert console.read_back() == "inbox cannot be read\n"
