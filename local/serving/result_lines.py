"""The line that `serve` prints of a finished import."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contact_import.domain.object_keys import INCOMING
from contact_import.reports.summary import summarize_result

_SYMBOLS = {"completed": "✓", "failed": "✗"}
_MAX_REASONS = 3


def format_result(result: Mapping[str, Any], folder: Path) -> tuple[str, str]:
    """Return the outcome of an import in one line, and the path of its report."""
    name = result["source"]["key"].removeprefix(INCOMING)
    sentence = result["error"] or summarize_result(result)
    if not result["error"] and (reasons := _list_reasons(result)):
        sentence = f"{sentence} {reasons}"
    report = folder / "report.html"
    return f"{_SYMBOLS.get(result['status'], '!')} {name}: {sentence}", str(report if report.exists() else folder)


def _list_reasons(result: Mapping[str, Any]) -> str:
    """Return the commonest reasons with their counts."""
    reasons = sorted(result["reasons"], key=lambda one: -one["count"])
    shown = [f"{one['reason']} ({one['count']:,})" for one in reasons[:_MAX_REASONS]]
    more = len(reasons) - len(shown)
    return "; ".join(shown) + (f"; {more:,} more" if more else "")
