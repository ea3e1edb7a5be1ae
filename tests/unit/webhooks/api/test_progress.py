"""The time that a running import still takes, as far as it can be known."""

from typing import Any

import pytest

from contact_import.webhooks.api.progress import add_seconds_left

RUNNING: dict[str, Any] = {"percent": 25.0, "started_at": "2026-11-29T22:00:00Z", "updated_at": "2026-11-29T22:01:00Z"}


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({}, 180),
        ({"percent": 100}, 0),
        ({"percent": 0.4}, None),
        ({"percent": 0}, None),
        ({"updated_at": "2026-11-29T22:00:00Z"}, None),
        ({"updated_at": "2026-11-29T21:59:59Z"}, None),
    ],
)
def test_the_time_left_is_that_of_the_rest_at_the_pace_so_far(changes: dict[str, Any], seconds: int | None) -> None:
    assert add_seconds_left(RUNNING | changes) == RUNNING | changes | {"seconds_left": seconds}


def test_a_submission_has_no_progress_and_no_estimate() -> None:
    assert add_seconds_left({"status": "running"}) == {"status": "running"}
