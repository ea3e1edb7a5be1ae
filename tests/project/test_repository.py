"""The files that a newcomer needs exist, the docs match the code, and no private address is in the repository."""

import re
import subprocess
from datetime import date
from pathlib import Path

import pytest

from contact_import.columns.detect import Column
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.reports.suggestions import Suggestions
from contact_import.settings import Settings
from local.__main__ import build_parser

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text("utf-8")
DOCS = sorted((ROOT / "docs").rglob("*.md"))


def _committed() -> list[Path]:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.splitlines() if (ROOT / name).is_file()]


def test_the_top_level_is_the_agreed_one() -> None:
    for name in (
        "template.yaml samconfig.toml README.md CHANGELOG.md LICENSE Makefile pyproject.toml .python-version "
        "requirements-dev.txt src tests events local docs .ci/run"
    ).split():
        assert (ROOT / name).exists(), name
    assert (ROOT / ".python-version").read_text("utf-8").strip() == "3.13"


def test_every_pin_has_a_hash() -> None:
    for path in _committed():
        if not path.match("requirements*.txt"):
            continue
        text = path.read_text("utf-8")
        assert len(re.findall(r"^\S+==", text, re.MULTILINE)) <= text.count("--hash=sha256:"), path


def test_no_registry_and_no_machine_is_named() -> None:
    words = (
        "python" + "hosted",
        "pypi" + ".org",
        "registry.npm" + "js",
        "deb.deb" + "ian",
        "/wo" + "rk/main",
        "/ro" + "ot/",
    )
    for path in _committed():
        text = path.read_text("utf-8", errors="ignore")
        assert not [word for word in words if word in text], path


def test_only_numbers_kept_for_fiction_are_in_the_sample() -> None:
    text = (ROOT / "local" / "sample.csv").read_text("utf-8")

    for number in re.findall(r"0491 ?\d{3} ?\d{3}", text):
        assert number.replace(" ", "") in _FICTION


_FICTION = {
    f"0491{tail}"
    for tail in (
        "570006 570156 570157 570158 570159 570110 570313 570737 571266 571491 571804 572549 572665 572983 573770 "
        "573087 574118 574632"
    ).split()
}


def test_the_readme_tells_every_status() -> None:
    assert [status for status in Status if f"| `{status}` |" not in README] == []


def test_the_page_of_settings_has_every_setting_with_its_default() -> None:
    code = (ROOT / "src" / "contact_import" / "settings.py").read_text("utf-8")
    names = set(re.findall(r'"(?!AWS_)([A-Z_]{4,})"', code))
    table = dict(re.findall(r"^\| (`[A-Z_`, ]+`) \| ([^|]+) \|", SETTINGS, re.MULTILINE))
    told = {name: default.strip() for cell, default in table.items() for name in re.findall(r"[A-Z_]{4,}", cell)}

    assert names - set(told) == set()
    defaults = Settings(bucket="b", cellcast_secret="s")
    for name in "BATCH_MAX_CONTACTS BATCH_MAX_BYTES CONCURRENCY INLINE_MAX_BYTES ON_AMBIGUOUS PHONE_REGION".split():
        assert told[name] == f"`{getattr(defaults, name.lower())}`"


@pytest.mark.parametrize("target", ["run", "test", "deploy", "check"])
def test_every_make_target_that_the_readme_names_is_there(target: str) -> None:
    assert f"make {target}" in README
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def _usages() -> dict[str, str]:
    """Return the help of each command of `cellcast-import`."""
    (commands,) = build_parser()._subparsers._group_actions  # type: ignore[union-attr]
    return {name: parser.format_help() for name, parser in commands.choices.items()}  # type: ignore[union-attr]


def test_every_command_and_option_of_the_docs_is_there() -> None:
    usages = _usages()
    pages = [README, *(path.read_text("utf-8") for path in DOCS)]

    shown = [
        line
        for page in pages
        for line in re.findall(r"cellcast-import ((?:run|serve|sam|inspect|check)\b[^`\n]*(?:\\\n.*)*)", page)
    ]
    assert shown
    for line in shown:
        name = line.split()[0]
        assert name in usages, line
        assert [option for option in re.findall(r"--[a-z-]+", line) if option not in usages[name]] == [], line


def test_no_page_shows_another_form_of_the_command() -> None:
    pages = [README, *(path.read_text("utf-8") for path in DOCS)]

    assert [page[:60] for page in pages if "python -m local" in page] == []


def test_every_command_is_shown_somewhere_in_the_docs() -> None:
    text = README + "".join(path.read_text("utf-8") for path in DOCS)

    assert [name for name in _usages() if f"cellcast-import {name}" not in text] == []


def test_the_docs_know_each_event_and_the_function_that_it_wakes() -> None:
    text = (ROOT / "docs" / "sam-local.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `(\w+\.json)` \| `(\w+)Function` \|", text, re.MULTILINE))

    assert set(told) == {path.name for path in (ROOT / "events").glob("*.json")}
    for name, function in told.items():
        assert re.split(r"[_.]", name)[0] == function.lower()


def test_the_suggestion_that_the_docs_show_is_one_that_is_made() -> None:
    told = re.search(r"`(Mobile: [^`]+ \(found under ([^)]+)\))`", (ROOT / "docs" / "result.md").read_text("utf-8"))
    assert told
    columns = [Column("Mobile", "phone_number"), Column(told[2], None)]
    failed = Outcome(Row(2, ("", "0491570156")), Status.INVALID, "Mobile: empty")

    assert Suggestions(columns, "AU", date(2026, 1, 1)).suggest(failed) == told[1]


def test_the_index_has_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")

    pages = {path.name for path in (ROOT / "docs").glob("*.*") if path.suffix in (".md", ".yaml")} - {"README.md"}
    assert {name for name in pages if f"]({name})" not in index} == set()


@pytest.mark.parametrize("path", [*DOCS, *ROOT.glob("*.md")])
def test_every_link_of_the_docs_leads_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", path.read_text("utf-8")):
        name, _, anchor = link.partition("#")
        page = path.parent / name if name else path
        assert page.exists(), link
        assert not anchor or anchor in _anchors(page), link


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of the headings."""
    titles = re.findall(r"^#+ (.+)", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
