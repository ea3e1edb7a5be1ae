"""Estimate how long a running import still takes, from the content of its progress.json."""

from datetime import datetime
from typing import Any

_MIN_PERCENT = 1.0  # below it, the estimate is a guess


def add_seconds_left(details: dict[str, Any]) -> dict[str, Any]:
    """Return the answer for a running import with `seconds_left`, None while it cannot be known.

    A submission has no progress to estimate from, and gets no such key.
    """
    if "percent" not in details:
        return details
    percent = float(details["percent"])
    elapsed = (
        datetime.fromisoformat(details["updated_at"]) - datetime.fromisoformat(details["started_at"])
    ).total_seconds()
    is_known = percent >= _MIN_PERCENT and elapsed > 0
    return details | {"seconds_left": round(elapsed * (100 - percent) / percent) if is_known else None}
