"""Each complaint that the docs answer is answered by tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = (ROOT / "docs" / "complaints.md").read_text("utf-8").split("\n## ")[1:]


def _tests() -> set[str]:
    trees = (ast.parse(path.read_text("utf-8")) for path in (ROOT / "tests").rglob("test_*.py"))
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


TESTS = _tests()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.partition("\n")[0])
def test_each_complaint_names_tests_that_exist(part: str) -> None:
    named = set(re.findall(r"`(test_\w+)`", part))

    assert named
    assert named - TESTS == set()
