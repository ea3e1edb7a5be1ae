"""The shape of the code: which package imports which, where I/O happens, how large a module may be."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "contact_import"
LOCAL = Path(__file__).parents[2] / "local"
MAX_MODULES_IN_A_PACKAGE = 12
# One module for each webhook sender: nobody scans them, the name of the sender is the name of the module.
LARGE_PACKAGES = {"providers"}
MAX_LINES = 250
MAX_FUNCTION_LINES = 36
RELATIVE_WORDS = frozenset("What Whatever Who Whose Whether Where When Why How That Those Of".split())

# Modules that may import what performs I/O or reads the environment. Every other module is pure.
HOMES = {
    "requests": {"cellcast.transport"},
    "urllib3": {"cellcast.transport"},
    "boto3": {"handlers.dependencies", "handlers.aws_clients"},
    "jinja2": {"reports.html.template"},
    "botocore": {
        "aws.dynamodb",
        "aws.request_deadline",
        "aws.s3",
        "aws.s3_errors",
        "aws.s3_streams",
        "aws.step_functions",
        "handlers.aws_clients",
    },
    "aws_lambda_powertools": {"aws.secrets", "handlers.*"},
    "os": {"handlers.aws_clients", "handlers.dependencies", "handlers.notify", "ledger.local_cache"},
    "socket": {"callbacks.callback_client"},
    "ssl": {"callbacks.callback_client", "cellcast.transport"},
    "logging": {"handlers.runtime"},
    "subprocess": set(),
    "time": {
        "aws.s3_streams",
        "aws.server_clock",
        "cellcast.client",
        "cellcast.rate_limiter",
        "cellcast.shared_rate_limiter",
        "cellcast.transport",
        "handlers.aws_clients",
        "handlers.dependencies",
    },
    "random": {"cellcast.client", "cellcast.shared_rate_limiter"},
    "threading": {
        "callbacks.callback_client",
        "cellcast.client",
        "cellcast.credentials",
        "cellcast.rate_limiter",
        "cellcast.shared_rate_limiter",
        "pipelines.workers",
    },
}
# Functions that are one table or one decision, and would be harder to read in pieces.
LONG = {"detect_dialect", "from_env"}


def _read_modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.stem != "__init__":
            name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
            yield name, ast.parse(path.read_text("utf-8"))


def _find_imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


MODULES = dict(_read_modules())


def test_the_layers_of_the_packages_are_kept() -> None:
    """The contracts are in pyproject.toml. A linter that finds fewer modules than there are would check nothing."""
    files = [path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts]

    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, env={"PYTHONPATH": str(PACKAGE.parent)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert f"Analyzed {len(files)} files" in run.stdout
    assert len(MODULES) > 100
    assert run.returncode == 0, run.stdout


def test_no_package_holds_more_modules_than_a_reader_can_scan() -> None:
    packages = {path.parent for folder in (PACKAGE, LOCAL) for path in folder.rglob("*.py")}
    assert {PACKAGE / "handlers", LOCAL / "serving"} <= packages

    sizes = {one: len([path for path in one.glob("*.py") if path.stem != "__init__"]) for one in packages}

    assert {one.name for one, size in sizes.items() if size > MAX_MODULES_IN_A_PACKAGE} == LARGE_PACKAGES


def test_every_package_file_is_empty() -> None:
    """A re-export would load modules that a function does not need, and slow its cold start."""
    assert [path for path in PACKAGE.rglob("__init__.py") if path.read_text("utf-8").strip()] == []


@pytest.mark.parametrize("name", MODULES)
def test_io_happens_only_in_its_homes(name: str) -> None:
    foreign = {one.split(".")[0] for one in _find_imports(MODULES[name])}
    allowed = {name, f"{name.split('.', maxsplit=1)[0]}.*"}

    assert {one for one in foreign if one in HOMES and not HOMES[one] & allowed} == set()


@pytest.mark.parametrize("name", MODULES)
def test_no_module_defines_a_name_twice(name: str) -> None:
    """The second constant would replace the first in silence, also for the functions above it."""
    assigned = [node for node in MODULES[name].body if isinstance(node, ast.Assign)]
    names = Counter(target.id for node in assigned for target in node.targets if isinstance(target, ast.Name))

    assert [one for one, count in names.items() if count > 1] == []


@pytest.mark.parametrize("name", MODULES)
def test_no_docstring_begins_with_a_relative_clause(name: str) -> None:
    """A docstring says what a thing is or does (`Return whether …`, `An HTTP request`), not `What came in`."""
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    docstrings = [ast.get_docstring(node) or "" for node in ast.walk(MODULES[name]) if isinstance(node, documented)]

    assert [one for one in docstrings if one.split(maxsplit=1)[:1] and one.split()[0] in RELATIVE_WORDS] == []


@pytest.mark.parametrize("name", MODULES)
def test_no_module_and_no_function_grows_too_large(name: str) -> None:
    lines = (PACKAGE / f"{name.replace('.', '/')}.py").read_text("utf-8").count("\n")
    functions = [node for node in ast.walk(MODULES[name]) if isinstance(node, ast.FunctionDef)]
    long = {one.name for one in functions if (one.end_lineno or 0) - one.body[0].lineno + 1 > MAX_FUNCTION_LINES}

    assert lines <= MAX_LINES
    assert long - LONG == set()


@pytest.mark.parametrize("name", MODULES)
def test_nothing_happens_when_a_module_is_imported(name: str) -> None:
    """At the top level are definitions, and constants that are computed from constants."""
    loose = [
        node
        for node in MODULES[name].body
        if isinstance(node, ast.Expr | ast.For | ast.While | ast.With | ast.Try)
        and not isinstance(getattr(node, "value", None), ast.Constant)
    ]

    assert loose == []


def test_the_webhook_function_loads_only_what_its_first_request_needs() -> None:
    names = "import sys, contact_import.handlers.http; print(*sys.modules)"

    run = subprocess.run([sys.executable, "-c", names], cwd=PACKAGE.parent, capture_output=True, text=True, check=True)

    loaded = run.stdout.split()
    assert "contact_import.handlers.http" in loaded
    late = "pipelines.inline reports.html.template files.csv_rows cellcast.transport aws.secrets".split()
    unneeded = {"phonenumbers", "aws_lambda_powertools.utilities.parameters"}
    assert (unneeded | {f"contact_import.{name}" for name in late}).isdisjoint(loaded)
    assert [name for name in loaded if name.startswith("contact_import.webhooks.providers.")] == []


def test_no_module_is_a_drawer_for_everything() -> None:
    assert not {"utils", "helpers", "common", "manager", "models", "misc"} & {name.split(".")[-1] for name in MODULES}
