"""docs/architecture.md names what is there: packages in their order, modules, and the keys of the bucket."""

import inspect
import re
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from contact_import.domain import object_keys

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "contact_import"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXT = (ROOT / "docs" / "architecture.md").read_text("utf-8")
(PICTURE,) = re.findall(r"^┌.+?^└", TEXT, re.MULTILINE | re.DOTALL)
DRAWN = re.findall(r"^│( +)(\w+) +[a-zA-Z]", PICTURE, re.MULTILINE)


def _exists(name: str) -> bool:
    """Return whether a package, a module or a file of the repository has this path."""
    places = (PACKAGE / name, PACKAGE / f"{name}.py", ROOT / name, ROOT / f"{name}.py")
    return any(place.exists() for place in places)


def test_the_picture_has_every_layer_from_the_top_down() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]

    assert [name for indent, name in DRAWN if len(indent) == 1] == contracts[0]["layers"]


def test_every_package_is_in_the_picture_or_in_the_text() -> None:
    packages = {path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("__init__.py")} - {"."}
    drawn = {name for _, name in DRAWN}

    assert len(packages) > 12
    assert {name for name in packages if name.split("/")[-1] not in drawn and f"`{name}`" not in TEXT} == set()


def test_every_module_that_the_page_names_is_there() -> None:
    layers = "|".join(name for indent, name in DRAWN if len(indent) == 1)
    named = set(re.findall(rf"\b(?:{layers})(?:/\w+)+", TEXT)) | set(
        re.findall(r"`((?:local|tests|src)/[\w./]+)`", TEXT)
    )

    assert len(named) > 50
    assert {name for name in named if not _exists(name)} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.name))
def test_every_python_file_that_a_page_names_is_there(page: Path) -> None:
    named = re.findall(r"`([\w./]+\.py)`", page.read_text("utf-8"))

    assert [name for name in named if not _exists(name) and not list((ROOT / "tests").rglob(name))] == []


def test_the_page_has_every_key_of_the_bucket() -> None:
    samples: dict[str, Any] = {
        "import_id": "<import_id>",
        "number": 1,
        "unit": 1,
        "day": date(2026, 1, 2),
        "key": "<key>",
        "moment": datetime.fromtimestamp(0xFFFFFFFF, UTC),
    }
    placeholders = {"00000000": "<time>", "00000001": "<number>", "000001": "<unit>", "2026/01/02": "<date>"}
    makers = {name: one for name, one in vars(object_keys).items() if re.fullmatch(r"make_\w+_key", name)}

    keys = {object_keys.SHARED_OPT_OUTS, object_keys.OPT_OUTS_LOCK}
    for make in makers.values():
        key = make(*(samples[name] for name in inspect.signature(make).parameters))
        for sample, placeholder in placeholders.items():
            key = key.replace(sample, placeholder)
        keys.add(key)

    assert len(keys) > 15
    assert {key for key in keys if f"`{key}`" not in TEXT} == set()
