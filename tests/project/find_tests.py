"""The names of all tests, for pages that say what proves them."""

import ast
from pathlib import Path


def find_test_names() -> set[str]:
    trees = (ast.parse(path.read_text("utf-8")) for path in Path(__file__).parents[1].rglob("test_*.py"))
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
