"""Each complaint that the docs answer is answered by tests that exist."""

import re
from pathlib import Path

import pytest

from tests.project.find_tests import find_test_names

ROOT = Path(__file__).parents[2]
PARTS = (ROOT / "docs" / "complaints.md").read_text("utf-8").split("\n## ")[1:]


TESTS = find_test_names()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.partition("\n")[0])
def test_each_complaint_names_tests_that_exist(part: str) -> None:
    named = set(re.findall(r"`(test_\w+)`", part))

    assert named
    assert named - TESTS == set()
