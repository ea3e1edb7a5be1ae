"""Results go into a folder, and never out of it."""

import io
import threading
from pathlib import Path

import pytest

from local.file_imports.results_download import ResultsDownloader, _write_whole, join_inside


def _fail(*_arguments: object) -> None:
    raise AssertionError


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("june.csv/1", "june.csv/1"),
        ("../june.csv/1/", "_/june.csv/1"),
        ("a/../../b", "a/_/_/b"),
        ("/etc//passwd", "etc/_/passwd"),
    ],
)
def test_no_name_of_a_file_leads_out_of_the_folder(tmp_path: Path, name: str, inside: str) -> None:
    assert join_inside(tmp_path, name) == tmp_path / inside


def test_a_key_that_is_no_result_is_ignored(tmp_path: Path) -> None:
    downloader, stop = ResultsDownloader(tmp_path, _fail, _fail), threading.Event()
    stop.set()

    downloader.enqueue_result("work/1/groups/00000001.json")
    downloader.enqueue_result("results/june.csv/1/failed.csv")
    downloader.run_until_stopped(stop)

    assert list(tmp_path.iterdir()) == []


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    """A program that polls for result.json would otherwise read half of it."""

    class Breaking(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError("No space left on device")
            return super().read(1)

    path = tmp_path / "result.json"
    with pytest.raises(OSError, match="No space"):
        _write_whole(path, Breaking(b"{}"))
    assert not path.exists()

    _write_whole(path, io.BytesIO(b"{}"))
    assert [one.name for one in tmp_path.iterdir()] == ["result.json"]
    assert path.read_bytes() == b"{}"
