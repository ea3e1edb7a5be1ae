"""`.ci/setup` on machines that have little: its tools are real, and each Python and each uv on its PATH is a fake."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# What it can do is in its head: it has `venv`, `pip`, or an `old` pip, which finds uv once it is upgraded.
PYTHON = """\
#!/bin/sh
minor={minor}
can="{can}"
echo "$0 $*" >>calls
has() {{ case " $can " in *" $1 "*) ;; *) echo "No module named $1" >&2; return 1 ;; esac; }}
case "$*" in
"-c import sys"*) [ "$minor" -ge 13 ] ;;
"-m venv"*) has venv && mkdir -p "$4/bin" && sed 's/^can="/&pip /' "$0" >"$4/bin/python" && chmod +x "$4/bin/python" ;;
"-m pip install --upgrade pip") : >upgraded ;;
"-m pip install"*) has pip && {{ ! has old || [ -e upgraded ]; }} && mkdir -p .venvs/uv/bin && cp uv .venvs/uv/bin/ ;;
esac
"""

# It fetches Python from a mirror alone, as if it were in a network that reaches no other place.
UV = """\
#!/bin/sh
echo "$0 $*" >>calls
case "$*" in
*--help) exit 0 ;;
venv*" --python 3.13 "*) [ -n "${UV_PYTHON_INSTALL_MIRROR:-}" ] || { echo "error: no network" >&2; exit 2; } ;;
esac
case "$*" in
venv*) for folder; do :; done && mkdir -p "$folder/bin" && cp python "$folder/bin/" ;;
esac
"""

BROKEN = "#!/bin/sh\necho 'shim: command not found' >&2\nexit 127\n"
MIRROR = {"UV_PYTHON_INSTALL_MIRROR": "https://mirror.example/python"}


class Machine:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "bin"
        (folder / ".ci").mkdir()
        shutil.copy(ROOT / ".ci" / "setup", folder / ".ci")
        shutil.copy(ROOT / "requirements-dev.txt", folder)
        self.path.mkdir()
        for tool in "sh cat chmod cp dirname mkdir rm sed".split():
            found = shutil.which(tool)
            assert found, tool
            (self.path / tool).symlink_to(found)
        self.has("uv", UV, on="")
        self.has("python", "#!/bin/sh\n", on="")

    def has(self, name: str, script: str, on: str = "bin") -> None:
        file = self.folder / on / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(script, "utf-8")
        file.chmod(0o755)

    def sets_up(self, **env: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": str(self.path), "HOME": str(self.folder)} | env
        command = [".ci/setup", ".venv", "requirements-dev.txt"]
        return subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)

    def calls(self, what: str) -> list[str]:
        """Return the calls that contain `what`, with paths relative to the machine's folder."""
        calls = self.folder / "calls"
        lines = calls.read_text("utf-8").splitlines() if calls.exists() else []
        return [line.removeprefix(f"{self.folder}{os.sep}") for line in lines if what in line]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def python(minor: int, can: str) -> str:
    return PYTHON.format(minor=minor, can=can)


@pytest.mark.parametrize(
    ("name", "minor", "can"),
    [
        ("python3.13", 13, "venv"),
        ("python3", 13, "pip"),
        ("python3", 11, "venv pip"),
        ("python3", 11, "venv"),
        ("python3", 11, "pip"),
        ("python3", 6, "venv old"),
        ("python3.12", 12, "venv"),
    ],
)
def test_any_python_with_venv_or_pip_installs_the_pinned_uv(machine: Machine, name: str, minor: int, can: str) -> None:
    machine.has(name, python(minor, can))

    done = machine.sets_up(**MIRROR)

    assert (done.returncode, done.stderr) == (0, "")
    assert (machine.folder / ".venv" / ".installed").exists()
    installs = machine.calls("-m pip install --require-hashes")
    assert installs
    assert all(("--target .venvs/uv" in call) == ("venv" not in can) for call in installs)
    assert bool(machine.calls("--upgrade pip")) == ("old" in can)
    wanted = name if minor >= 13 else "3.13"
    assert [f"--python {wanted} .venv" in call for call in machine.calls(".venvs/uv/bin/uv venv")] == [True]


def test_uv_alone_fetches_python(machine: Machine) -> None:
    machine.has("uv", UV)

    assert machine.sets_up(**MIRROR).returncode == 0
    assert machine.calls("--python 3.13 .venv")
    assert machine.calls("uv pip sync --quiet --require-hashes --python .venv/bin/python requirements-dev.txt")


def test_python_of_pyenv_is_taken_where_its_shim_fails(machine: Machine) -> None:
    machine.has("python3.13", BROKEN)
    machine.has("python3", BROKEN)
    machine.has("python3", python(13, "venv"), on=".pyenv/versions/3.13.2/bin")
    machine.has("python3.13", python(13, "venv"), on=".pyenv/versions/3.13.2/bin")

    assert machine.sets_up().returncode == 0
    assert machine.calls(".pyenv/versions/3.13.2/bin/python3.13 .venv")


def test_pyenv_does_not_hide_the_python_of_the_system(machine: Machine) -> None:
    shim = python(11, "venv").replace("\n", '\n[ "${PYENV_VERSION:-}" = system ] || exit 1\n', 1)
    machine.has("python3", shim)

    assert machine.sets_up(**MIRROR).returncode == 0
    assert machine.calls("bin/python3 -m venv")


def test_a_uv_that_does_not_run_is_passed_over(machine: Machine) -> None:
    machine.has("uv", BROKEN)
    machine.has("python3", python(13, "venv"))

    assert machine.sets_up().returncode == 0
    assert machine.calls(".venvs/uv/bin/uv venv")


@pytest.mark.parametrize("can", [None, ""])
def test_one_sentence_says_what_to_install_where_uv_cannot_be(machine: Machine, can: str | None) -> None:
    if can is not None:
        machine.has("python3", python(11, can))

    done = machine.sets_up(**MIRROR)

    assert done.returncode == 1
    assert re.fullmatch(r"uv is missing, [^\n]*: install uv, or Python 3 with venv [^\n]*\.\n", done.stderr)


@pytest.mark.parametrize("name", ["uv", "python3"])
def test_one_sentence_says_what_to_install_where_python_cannot_be(machine: Machine, name: str) -> None:
    machine.has(name, UV if name == "uv" else python(11, "venv"))

    done = machine.sets_up()

    assert done.returncode == 1
    assert re.fullmatch(r"Python 3\.13 is missing, [^\n]*: install Python 3\.13 [^\n]*\.\n", done.stderr)
    assert "error: no network" in (machine.folder / ".venvs" / "uv.log").read_text("utf-8")


def test_what_is_there_is_left_alone_until_the_pins_change(machine: Machine) -> None:
    machine.has("uv", UV)
    machine.sets_up(**MIRROR)
    calls = machine.calls("")

    assert machine.sets_up().stdout == ""
    assert machine.calls("") == calls
    (machine.folder / "requirements-dev.txt").write_text("uv==1\n", "utf-8")
    assert machine.sets_up(**MIRROR).stdout
    assert machine.calls("") != calls


def test_uv_is_pinned_by_each_of_its_hashes(machine: Machine) -> None:
    machine.has("python3", python(13, "venv"))

    machine.sets_up()

    pins = (machine.folder / ".venvs" / "uv.txt").read_text("utf-8")
    (uv,) = re.findall(r"^uv==.*(?:\n +--hash=.*)+", (ROOT / "requirements-dev.txt").read_text("utf-8"), re.MULTILINE)
    assert pins == uv + "\n"
