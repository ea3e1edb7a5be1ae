"""Build the subject of a mail: how the import ended, and the name of the file, in ASCII and on one line."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from contact_import.reports.advice import Todo, count_todos
from contact_import.reports.summary import count_missing

_MAX_SUBJECT = 99  # docs.aws.amazon.com/sns/latest/api/API_Publish.html: ASCII, one line, below 100 characters
_NAME_END_CHARS = 12  # with the file's extension
_LETTER_OR_DIGIT = re.compile(r"[A-Za-z0-9]")


def build_subject(result: Mapping[str, Any]) -> str:
    """Return a subject such as `Imported with 3 problems: june.csv`, which SNS accepts whatever the file is called."""
    outcome = f"{_describe_outcome(result)}: "
    return outcome + _shorten(_to_ascii(result["source"]["key"].rpartition("/")[2]), _MAX_SUBJECT - len(outcome))


def _describe_outcome(result: Mapping[str, Any]) -> str:
    rows, todos = result["rows"], count_todos(result["reasons"])
    # Duplicates and people who opted out are no problems: there is nothing to do about them.
    problem_count = sum(count for todo, count in todos.items() if todo is not Todo.NOTHING)
    problems = f"{problem_count:,} {'problem' if problem_count == 1 else 'problems'}" if problem_count else ""
    if result["dry_run"]:
        if result["status"] == "failed":
            return "Checked, cannot be imported"
        return f"Checked, {problems}, nothing sent" if problems else "Checked, nothing sent"
    if not rows["accepted"]:
        return _describe_no_import(rows, todos)
    if result["status"] == "failed":
        return f"Stopped after {rows['accepted']:,} of {rows['read']:,} contacts"
    if problems:
        return f"Imported with {problems}"
    missing = count_missing(result)
    return f"Imported, {missing:,} not found in Cellcast" if missing else "Imported"


def _describe_no_import(rows: Mapping[str, int], todos: Mapping[Todo, int]) -> str:
    if rows["unknown"]:
        return "Could not be confirmed"
    return "Nothing new to import" if todos.keys() == {Todo.NOTHING} else "Not imported"


def _to_ascii(name: str) -> str:
    """Return the name without accents; a name in another script becomes "your file" with its extension."""
    # NFKD splits é into e and its accent, which is left out.
    plain = unicodedata.normalize("NFKD", name)
    letters = (
        char if char.isascii() and char.isprintable() else "?" if char.isprintable() else " "
        for char in plain
        if not unicodedata.combining(char)
    )
    text = " ".join("".join(letters).split())
    stem, dot, extension = text.rpartition(".")
    if _LETTER_OR_DIGIT.search(stem or text):
        return text
    return f"your file{dot}{extension}" if stem else "your file"


def _shorten(name: str, max_chars: int) -> str:
    """Return the name, with dots in its middle if it is too long: its beginning and its extension say most."""
    if len(name) <= max_chars:
        return name
    return f"{name[: max_chars - _NAME_END_CHARS - 3]}...{name[-_NAME_END_CHARS:]}"
