"""Results go into a folder, and never out of it."""

import threading
from pathlib import Path

import pytest

from local.results_download import ResultsDownloader, _write_whole, join_inside


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


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that polls for result.json would otherwise read half of it."""
    path, write_bytes = tmp_path / "result.json", Path.write_bytes

    def break_off(self: Path, body: bytes) -> int:
        write_bytes(self, body[:1])
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_bytes", break_off)
    with pytest.raises(OSError, match="No space"):
        _write_whole(path, b"{}")
    assert not path.exists()

    monkeypatch.undo()
    _write_whole(path, b"{}")
    assert [one.name for one in tmp_path.iterdir()] == ["result.json"]
    assert path.read_bytes() == b"{}"
