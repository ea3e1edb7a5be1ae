"""docs/decisions/: one page for each decision, all of them in the list, and a reason for each dependency."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "decisions"
PAGES = sorted(FOLDER.glob("0*.md"))
INDEX = (FOLDER / "README.md").read_text("utf-8")


def test_the_list_has_every_page_with_its_title() -> None:
    listed = re.findall(r"^- \[(\d+\. .+)\]\((\S+)\)$", INDEX, re.MULTILINE)

    assert len(PAGES) > 30
    titles = [(page.read_text("utf-8").splitlines()[0].removeprefix("# "), page.name) for page in PAGES]
    assert sorted(listed) == sorted(titles)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_a_page_has_its_number_and_the_three_parts(page: Path) -> None:
    text = page.read_text("utf-8")

    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_every_dependency_has_a_reason() -> None:
    deployed = (ROOT / "src" / "requirements.in").read_text("utf-8").splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    development = (ROOT / "requirements-dev.in").read_text("utf-8").splitlines()
    (page,) = FOLDER.glob("*-dependencies.md")
    reasons, _ = page.read_text("utf-8").split("These were considered and left out")
    explained = set(re.findall(r"[\w-]+", " ".join(re.findall(r"^\| ([^|]+) \|", reasons, re.MULTILINE))))

    for lines in (deployed, project, development):
        names = {found[0] for line in lines if (found := re.match(r"[\w-]+", line)) and not line.startswith("-")}
        assert names
        assert names - explained == set()
