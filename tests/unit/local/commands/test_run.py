"""The exit status of `cellcast-import run`."""

import pytest

from local.commands.run import compute_exit_status


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (["completed"], 0),
        (["completed", "completed_with_failures"], 2),
        (["failed", "completed_with_failures"], 1),
        (["failed", "interrupted"], 130),
    ],
)
def test_the_exit_status_is_that_of_the_worst_file(statuses: list[str], status: int) -> None:
    assert compute_exit_status(statuses) == status
