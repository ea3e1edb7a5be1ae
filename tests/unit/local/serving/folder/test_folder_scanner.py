"""A file is complete once it has stopped growing; unfinished downloads and links are no files."""

import os
import time
from pathlib import Path

import pytest

from local.serving.folder.folder_scanner import FolderScanner, read_state


def _find(scanner: FolderScanner, now: float) -> list[str]:
    return [path.name for path, _ in scanner.find_complete(now)]


def test_a_file_counts_once_when_it_has_stopped_growing(tmp_path: Path) -> None:
    scanner, path = FolderScanner(tmp_path), tmp_path / "list=News" / "june.csv"
    path.parent.mkdir()
    seen = []
    # Seconds, and the content of the file: a copy that pauses for over a second is not complete.
    for now, text in (
        (0.0, "a"),
        (1.5, "a"),
        (1.6, "ab"),
        (3.0, "ab"),
        (3.7, "ab"),
        (9.0, "ab"),
        (9.5, "abc"),
        (12, "abc"),
    ):
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            time.sleep(0.01)
        seen.append(_find(scanner, now))

    assert seen == [[], [], [], [], ["june.csv"], [], [], ["june.csv"]]


def test_hidden_files_unfinished_downloads_and_links_do_not_count(tmp_path: Path) -> None:
    scanner = FolderScanner(tmp_path)
    (tmp_path / ".Trash").mkdir()
    for name in (
        *(".hidden.csv", "~$june.xlsx", ".Trash/x.csv"),
        *("june.csv.part", "june.csv.crdownload", "june.CSV.tmp", "whole.csv"),
    ):
        (tmp_path / name).write_text("x", "utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "whole.csv")
    os.mkfifo(tmp_path / "pipe.csv")

    assert [_find(scanner, now) for now in (0.0, 5.0)] == [[], ["whole.csv"]]


def test_an_empty_file_gets_time_to_be_filled(tmp_path: Path) -> None:
    """A copy over a slow network creates the name first, and may write nothing for seconds."""
    scanner = FolderScanner(tmp_path)
    (tmp_path / "june.csv").touch()

    assert [_find(scanner, now) for now in (0.0, 5.0, 29.0, 30.0)] == [[], [], [], ["june.csv"]]


def test_ignored_folders_are_not_entered(tmp_path: Path) -> None:
    scanner = FolderScanner(tmp_path, [tmp_path / "done"])
    for folder in ("done/2026-11-29", "list=A/done"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x.csv").write_text("x", "utf-8")

    complete = [path for now in (0.0, 5.0) for path, _ in scanner.find_complete(now)]

    assert complete == [tmp_path / "list=A/done/x.csv"]


def test_a_folder_that_goes_and_comes_back_does_not_make_its_files_new(tmp_path: Path) -> None:
    """A share that is offline for a while: its files would be sent again."""
    errors: list[OSError] = []
    root = tmp_path / "share"
    scanner = FolderScanner(root, on_error=errors.append)
    root.mkdir()
    (root / "june.csv").write_text("x", "utf-8")
    before = [_find(scanner, now) for now in (0.0, 3.0)]

    root.rename(tmp_path / "offline")
    away = _find(scanner, 6.0)
    (tmp_path / "offline").rename(root)
    after = [_find(scanner, now) for now in (9.0, 12.0)]

    assert (before, away, after) == ([[], ["june.csv"]], [], [[], []])
    assert len(errors) == 1


def test_a_forgotten_file_is_found_again(tmp_path: Path) -> None:
    scanner, path = FolderScanner(tmp_path), tmp_path / "june.csv"
    path.write_text("x", "utf-8")
    first = [_find(scanner, now) for now in (0.0, 3.0)]

    scanner.forget(path)

    assert (first, [_find(scanner, now) for now in (4.0, 7.0)]) == ([[], ["june.csv"]], [[], ["june.csv"]])


@pytest.mark.parametrize("name", ["missing.csv", "folder"])
def test_only_a_file_has_a_state(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()

    assert read_state(tmp_path / name) is None
