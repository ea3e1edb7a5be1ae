"""docs/glossary.md explains the words that are ours, and the words that were given up are gone."""

import re
from pathlib import Path

import pytest

from tests.project.find_tests import find_test_names

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
ENTRIES = re.findall(r"^\| ([a-z][a-z ]+) \| ([^|]+) \| `(\w+)` \|$", GLOSSARY, re.MULTILINE)
TERMS = {term for term, _, _ in ENTRIES}
CODE = "\n".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))

# Words that the code and the docs use in a special sense.
OUR_WORDS = (
    "advice ambiguous batch claim commit delivery evidence extraction first_pass handshake label ledger lease mapping "
    "orphaned outcome owner person plan provider record resubmission role row_block row_group sandbox scheme sender "
    "settled standing status submission suggestion sweep unit verdict commit_group canary_batch dry_run practice_run"
).split()


def test_every_term_is_used_where_the_page_says() -> None:
    assert len(ENTRIES) > 40
    assert [name for _, _, name in ENTRIES if not re.search(rf"\b\w*{name}\w*", CODE)] == []


@pytest.mark.parametrize("word", OUR_WORDS)
def test_every_word_of_ours_is_explained(word: str) -> None:
    assert word.replace("_", " ") in TERMS


def test_every_package_has_a_plain_name_or_is_explained() -> None:
    """A folder that a newcomer opens is named by the profession or in the glossary."""
    plain = set(
        "api aws callbacks cellcast checks columns contact_import contacts domain fields files handlers html mail page "
        "pipelines providers records reports senders sending spreadsheets uploads webhook webhooks zip_members".split()
    )
    packages = {path.parent.name for path in (ROOT / "src").rglob("__init__.py")}

    assert len(packages) > 20
    assert {name for name in packages - plain if name.replace("_", " ") not in TERMS} == set()


# Words that were given up, as whole words: the table is the one between old and new names. Ordinary uses ("stands for",
# "at once", "tell apart") are not in it.
RETIRED = re.compile(
    r"\b(sips?|doors?|anew|for good|nobody|somebody|anybody|everybody|all the same|make-believe|went in|what became|"
    r"told|given back|abridged?|of (its|their|our) own|enquiries|rehearses?|fillings|judgements?|"
    r"stands? (in|there|beside|under|alone)|left behind)\b",
    re.IGNORECASE,
)
_PLACES = ("src", "local", "docs", "statemachine", "benchmarks", "README.md", "CONTRIBUTING.md", "template.yaml")


def test_no_retired_word_is_in_the_code_the_docs_or_the_template() -> None:
    files = [path for place in _PLACES for path in (ROOT / place).rglob("*") if path.is_file()]
    texts = [path for path in [*files, *(ROOT / place for place in _PLACES)] if path.suffix in _SUFFIXES]
    lines = [(path.name, line) for path in texts for line in path.read_text("utf-8").splitlines()]

    assert len(lines) > 30_000
    assert [(name, line.strip()) for name, line in lines if RETIRED.search(line)] == []


_SUFFIXES = {".py", ".md", ".yaml", ".jinja", ".html", ".js", ".css"}


def test_no_retired_word_is_in_the_name_of_a_test() -> None:
    names = {name.replace("_", " ") for name in find_test_names()}

    assert len(names) > 2_000
    assert {name for name in names if RETIRED.search(name)} == set()
