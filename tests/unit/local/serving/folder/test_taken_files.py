"""The record of taken files outlives the process."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from local.serving.folder.taken_files import TakenFile, TakenFiles

FILE = TakenFile(os.fsdecode(b"caf\xe9.csv"), 5, 6, "incoming/caf\ufffd.csv", "v", "1a")


def test_every_change_is_there_after_a_restart(tmp_path: Path) -> None:
    record = tmp_path / "folder.json"
    taken = TakenFiles(record)
    taken.add(FILE)
    assert list(TakenFiles(record)) == [FILE]

    changed = taken.update(FILE, replace(FILE, kind="done"))
    assert TakenFiles(record).find("1a") == changed

    taken.remove(changed)
    assert list(TakenFiles(record)) == []


def test_a_result_of_something_else_finds_no_file(tmp_path: Path) -> None:
    taken = TakenFiles(tmp_path / "folder.json")
    taken.add(FILE)

    assert taken.find("2b") is None


@pytest.mark.parametrize("text", ["{", "[1]", '[{"path": "x"}]', '{"a": 1}', '[{"nonsense": 1}]'])
def test_a_damaged_record_stops_the_start_with_the_way_out(tmp_path: Path, text: str) -> None:
    """Without it, what was sent would look new."""
    (tmp_path / "folder.json").write_text(text, "utf-8")

    with pytest.raises(RuntimeError, match=r"folder\.json is damaged.*delete it"):
        TakenFiles(tmp_path / "folder.json")
