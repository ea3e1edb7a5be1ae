"""The folders and the exit status of `python -m local run`."""

from pathlib import Path

import pytest

from local.commands.run import RunOptions, _assign_result_folders, _compute_exit_status


def test_files_of_one_name_have_different_folders() -> None:
    files = (Path("a/june.csv"), Path("b/june.csv"), Path("c/june.csv-2"))

    folders = [folder.name for _, folder in _assign_result_folders(RunOptions(files))]

    assert folders == ["june.csv", "june.csv-2", "june.csv-2-2"]


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (["completed"], 0),
        (["completed", "completed_with_failures"], 2),
        (["failed", "completed_with_failures"], 1),
    ],
)
def test_the_exit_status_is_that_of_the_worst_file(statuses: list[str], status: int) -> None:
    assert _compute_exit_status([{"status": one} for one in statuses]) == status
