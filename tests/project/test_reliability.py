"""docs/reliability.md promises what the code does and the tests prove."""

import re
import shlex
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from local.aws.template import read_template
from tests.crashes.__main__ import RELIABILITY_PAGE, TABLE_PATTERN
from tests.crashes.environment import start_environment
from tests.crashes.fault_points import render_expected_table
from tests.project.find_tests import find_test_names

ROOT = Path(__file__).parents[2]
TEXT = RELIABILITY_PAGE.read_text("utf-8")
# Options of the command itself (docs.aws.amazon.com/cli/latest/reference/#options), not of an operation.
_EVERYWHERE = {"query", "output"}


def test_the_table_of_crash_points_is_what_the_code_does(tmp_path: Path) -> None:
    """Fail when an import has a new effect: `make faults ARGS="--quick --write"` adds it to the table."""
    found = TABLE_PATTERN.search(TEXT)
    assert found

    with start_environment(tmp_path) as environment:
        # Sorted: batches are read ahead by several threads, and which read comes first is up to them.
        assert sorted(found[0].splitlines()) == sorted(render_expected_table(environment))


def test_each_fault_names_a_test_and_each_test_exists() -> None:
    _, _, rest = TEXT.partition("## What each fault leads to")
    rows = re.findall(r"^\| (?!fault|-)(.*) \|$", rest.partition("\n## ")[0], re.MULTILINE)
    known = find_test_names()

    assert len(rows) > 20
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, row
        assert set(named) <= known, row


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_every_line_for_the_aws_command_is_one_that_aws_knows(path: Path) -> None:
    session = botocore.session.get_session()
    for command in _aws_commands(path.read_text("utf-8")):
        words = shlex.split(command)
        model = session.get_service_model(words[1])
        operations = {xform_name(name, "-"): name for name in model.operation_names}
        assert words[2] in operations, command
        shape = model.operation_model(operations[words[2]]).input_shape
        members = {xform_name(name, "-") for name in shape.members} if shape else set()
        options = {word.removeprefix("--") for word in words if word.startswith("--")}
        assert options - _EVERYWHERE - members == set(), command


def _aws_commands(text: str) -> list[str]:
    """Those in blocks of code. `aws s3 cp` and its like are the command's own, and no operations of the API."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ")
    return re.findall(r"\baws (?!s3 )[a-z-]+ [a-z-]+[^;|\n]*", lines)


def test_every_output_that_the_page_asks_for_is_one_of_the_template() -> None:
    asked = {name for pair in re.findall(r"<(\w+) of the outputs>|output `(\w+)`", TEXT) for name in pair if name}

    assert asked
    assert asked <= set(read_template()["Outputs"])
