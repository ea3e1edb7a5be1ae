"""The version is the same everywhere, and the changelog has it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

from contact_import.cellcast import transport

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
RELEASES = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)


def test_the_command_prints_the_version() -> None:
    command = [sys.executable, "-m", "local", "--version"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == f"cellcast-import {VERSION}\n"


def test_cellcast_and_the_description_of_the_api_name_the_version() -> None:
    assert transport.VERSION == VERSION
    assert yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text("utf-8"))["info"]["version"] == VERSION


def test_the_changelog_keeps_its_form() -> None:
    """See https://keepachangelog.com: what is coming first, then each release with its day, the newest first."""
    assert RELEASES[0] == "Unreleased"
    releases = [re.fullmatch(r"(\d+)\.(\d+)\.(\d+) - \d{4}-\d\d-\d\d", release) for release in RELEASES[1:]]
    assert all(releases)
    versions = [tuple(map(int, found.groups())) for found in releases if found]
    assert versions == sorted(versions, reverse=True)
    assert RELEASES[1].startswith(f"{VERSION} - ")
    kinds = set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
