"""Build the metrics of a finished import, for the dashboard and the alarms."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any


def build_metrics(result: Mapping[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Yield name, CloudWatch unit and value of each metric, from the content of a result.json.

    A dry run counts as an import, but its rows and requests are not counted.
    """
    # The status is part of the name, not a dimension: an alarm then needs one name only. No import, file or person
    # is ever a dimension: each would be a metric that AWS bills, and personal data in CloudWatch.
    yield "Imports", "Count", 1
    yield "ImportsFailed", "Count", int(result["status"] == "failed")
    started, finished = (datetime.fromisoformat(result[name]) for name in ("started_at", "finished_at"))
    yield "ImportSeconds", "Seconds", (finished - started).total_seconds()
    if not result["dry_run"]:
        for group in ("rows", "requests"):
            for name, count in result[group].items():
                yield f"{group}_{name}".title().replace("_", ""), "Count", count
