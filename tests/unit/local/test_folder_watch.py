"""A file is complete once it has stopped growing; unfinished downloads and links are no files."""

import threading
import time
from pathlib import Path

from local.folder_watch import FolderScanner, watch_folder


def test_a_file_counts_once_when_it_has_stopped_growing(tmp_path: Path) -> None:
    folder, path = FolderScanner(tmp_path), tmp_path / "list=News" / "june.csv"
    path.parent.mkdir()
    seen = []
    # Seconds, and what stands in the file: a copy that pauses for over a second is not done.
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
        seen.append([one.name for one in folder.find_complete(now)])

    assert seen == [[], [], [], [], ["june.csv"], [], [], ["june.csv"]]


def test_what_is_hidden_or_called_unfinished_does_not_count(tmp_path: Path) -> None:
    folder = FolderScanner(tmp_path)
    for name in (".hidden.csv", "~$june.xlsx", "june.csv.part", "june.csv.crdownload", "june.CSV.tmp", "whole.csv"):
        (tmp_path / name).write_text("x", "utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "whole.csv")

    seen = [[one.name for one in folder.find_complete(now)] for now in (0.0, 5.0)]

    assert seen == [[], ["whole.csv"]]


def test_at_the_end_of_a_watch_what_was_just_dropped_is_still_taken(tmp_path: Path) -> None:
    taken: list[Path] = []
    stop = threading.Event()
    stop.set()
    (tmp_path / "june.csv").write_text("x", "utf-8")

    left = watch_folder(tmp_path, taken.append, stop)

    assert (taken, left) == ([tmp_path / "june.csv"], [])
