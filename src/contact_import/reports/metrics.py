"""What the dashboard and the alarms count of an import that is over, whatever road it took."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any


def build_metrics(result: Mapping[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Name, CloudWatch's unit and value of each metric, from the content of a result.json.

    The status is in the name rather than in a dimension: an alarm then needs to know one name, and no import,
    file or person is ever a dimension. A dry run counts as an import and not as rows.
    """
    yield "Imports", "Count", 1
    yield "ImportsFailed", "Count", int(result["status"] == "failed")
    started, finished = (datetime.fromisoformat(result[name]) for name in ("started_at", "finished_at"))
    yield "ImportSeconds", "Seconds", (finished - started).total_seconds()
    if not result["dry_run"]:
        for group in ("rows", "requests"):
            for name, count in result[group].items():
                yield f"{group}_{name}".title().replace("_", ""), "Count", count
