"""Collect every sentence that people see: `make wording` prints them by area, to be read at a glance.

Literals are read from the code rather than from a list, so that a new sentence is found without an entry anywhere.
"""

import ast
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from local.__main__ import build_parser
from local.aws.template import read_template

ROOT = Path(__file__).parents[2]
CODE = ROOT / "src" / "contact_import"
# What each area is, and the modules whose literals belong to it; the first area that matches a module has it.
AREAS = {
    "Statuses, advice and summaries": ("reports/advice", "reports/summary", "reports/counts", "reports/result"),
    "Mails and notifications": ("reports/mail", "reports/notifications"),
    "report.html": ("reports/html",),
    "Suggestions, CSV files and progress": ("reports", "resubmission"),
    "Import page and HTTP API": (
        "webhooks/api",
        "pipelines/preview",
        "pipelines/column_mapping",
        "pipelines/stop_watch",
    ),
    "Webhooks": ("webhooks",),
    "Callbacks": ("callbacks",),
    "Files and workbooks": ("files",),
    "Columns and mapping": ("columns",),
    "Rows: reasons and warnings": ("contacts", "fields", "domain"),
    "Cellcast, checks and sending": ("cellcast", "checks", "sending", "ledger", "pipelines"),
    "Settings, secrets and AWS": ("settings", "setting_values", "aws", "errors", "handlers"),
}
_WORDS = re.compile(r"[A-Za-z]{2,}[^\n]* [a-z]{2,}")
_NO_SENTENCE = re.compile(r"\\[bdsw]|\(\?[:P]|^text/|^default-src|^<|^attachment;|\|.*\|.*\||^\w+\[")


def collect_sentences() -> Iterator[tuple[str, list[str]]]:
    """Yield each area with its sentences, in the order of the code."""
    found: dict[str, list[str]] = {area: [] for area in AREAS}
    for path in sorted(CODE.rglob("*.py")):
        name = path.relative_to(CODE).with_suffix("").as_posix()
        area = next((area for area, places in AREAS.items() if name.startswith(places)), "")
        if area:
            found[area] += read_literals(path)
    for path in sorted(CODE.rglob("*.jinja")):
        found["report.html"] += _read_html(path)
    for path in sorted((CODE / "webhooks" / "api" / "page").iterdir()):
        found["Import page and HTTP API"] += {".html": _read_html, ".js": _read_script}.get(path.suffix, _skip)(path)
    yield from found.items()
    yield "Command line: help", _read_help()
    local = [text for path in sorted((ROOT / "local").rglob("*.py")) for text in read_literals(path)]
    pages = [text for path in sorted((ROOT / "local").rglob("*.jinja")) for text in _read_html(path)]
    yield "Command line and server: messages", [*local, *pages]
    yield "Template", _read_template()


def read_literals(path: Path) -> list[str]:
    """Return the literals of a module that read like sentences, an f-string with {…} in place of its values."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped = {id(node) for parent in ast.walk(tree) for node in _list_skipped(parent)}
    texts: dict[str, None] = {}
    inner: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inner |= {id(part) for part in node.values}
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{…}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner | skipped:
            text = node.value
        else:
            continue
        if _WORDS.search(text) and not _NO_SENTENCE.search(text):
            texts[" ".join(text.split())] = None
    return list(texts)


def _list_skipped(node: ast.AST) -> Iterator[ast.AST]:
    """Yield docstrings, lists of words that are split, and patterns: they are not shown to people."""
    if isinstance(node, ast.Expr):
        yield node.value
    elif isinstance(node, ast.Call):
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
        if name == "split" and isinstance(called, ast.Attribute):
            yield from ast.walk(called.value)
        if name in {"compile", "compile_lazily", "sub", "fullmatch", "search", "match", "info", "debug"}:
            yield from (part for argument in node.args for part in ast.walk(argument))


class _Text(HTMLParser):
    """Collects the texts of a page that people read."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._is_hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_hidden = tag in ("style", "script")
        self.texts += [value for name, value in attrs if name in ("title", "placeholder", "aria-label") and value]

    def handle_endtag(self, tag: str) -> None:
        self._is_hidden = False

    def handle_data(self, data: str) -> None:
        if not self._is_hidden and re.search(r"[A-Za-z]{2}", data):
            self.texts.append(" ".join(data.split()))


def _read_html(path: Path) -> list[str]:
    text = re.sub(r"\{\{.*?\}\}", "{…}", re.sub(r"\{[%#].*?[%#]\}", " ", path.read_text("utf-8"), flags=re.DOTALL))
    parser = _Text()
    parser.feed(text)
    return parser.texts


def _read_script(path: Path) -> list[str]:
    literals = re.findall(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`', path.read_text("utf-8"))
    texts = (re.sub(r"\$\{.*?\}", "{…}", plain or template) for plain, template in literals)
    return [text for text in texts if re.search(r"[A-Za-z]{2,} [a-z]{2,}", text)]


def _skip(path: Path) -> list[str]:
    return []


def _read_help() -> list[str]:
    (commands,) = build_parser()._subparsers._group_actions  # type: ignore[union-attr]
    return [build_parser().format_help(), *(one.format_help() for one in commands.choices.values())]  # type: ignore[union-attr]


def _read_template() -> list[str]:
    template = read_template()
    named: dict[str, Any] = {**template["Parameters"], **template["Outputs"]}
    described = {name: one["Description"] for name, one in named.items()}
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if text := properties.get("AlarmDescription") or properties.get("Description"):
            described[name] = text
    return [f"{name}: {' '.join(str(text).split())}" for name, text in described.items()]


def render_sentences() -> str:
    """Return all sentences as Markdown."""
    parts = []
    for area, sentences in collect_sentences():
        lines = (text if "\n" in text else f"- {text}" for text in sentences)
        parts.append(f"## {area}\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(render_sentences())
