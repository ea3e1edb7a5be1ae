"""Finished files leave the folder with their subfolders, and none replaces another."""

from datetime import date
from pathlib import Path

from local.serving.folder.finished_files import DONE, FAILED, move_file

DAY = date(2026, 11, 29)


def test_subfolders_are_kept_and_a_taken_name_gets_a_number(tmp_path: Path) -> None:
    moved = []
    for text in ("1", "2", "3"):
        path = tmp_path / "list=News" / "june.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        moved.append(move_file(tmp_path, path, DONE, DAY))

    folder = tmp_path / "done" / "2026-11-29" / "list=News"
    assert moved == [folder / "june.csv", folder / "june-2.csv", folder / "june-3.csv"]
    assert [path.read_text("utf-8") for path in moved] == ["1", "2", "3"]
    assert not path.exists()


def test_a_name_without_an_ending_gets_its_number_at_the_end(tmp_path: Path) -> None:
    for _ in range(2):
        (tmp_path / "contacts").write_text("x", "utf-8")
        moved = move_file(tmp_path, tmp_path / "contacts", FAILED, DAY)

    assert moved == tmp_path / "failed" / "2026-11-29" / "contacts-2"
