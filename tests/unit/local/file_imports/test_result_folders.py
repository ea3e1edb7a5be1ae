"""The folders of results: no import overwrites another one, and no edit of a person is lost."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.aws.disk_bucket import DiskBucket
from local.file_imports.import_journal import JournalEntry
from local.file_imports.result_folders import RESULT_FILES, clean_name, make_folder, point_latest, publish_results

NOW = datetime(2026, 11, 29, 22, 25, 3, tzinfo=UTC)
PREFIX = "results/june.csv/1/"


def _write_results(bucket: DiskBucket, text: str) -> None:
    for name in RESULT_FILES:
        bucket.put(PREFIX + name, text.encode())


def _note(entry: JournalEntry, folder: Path) -> JournalEntry:
    statuses = {name: (folder / name).stat() for name in RESULT_FILES}
    files = tuple((name, one.st_size, one.st_mtime_ns) for name, one in statuses.items())
    return JournalEntry(entry.number, entry.import_id, entry.key_digest, entry.folder, files=files)


@given(st.binary(min_size=1, max_size=300).map(os.fsdecode))
def test_any_name_of_a_file_becomes_one_folder(name: str) -> None:
    cleaned = clean_name(name)

    assert Path(cleaned).name == cleaned
    assert len(cleaned.encode()) <= 201
    assert cleaned.isprintable() or not any(ord(letter) < 32 for letter in cleaned)
    assert cleaned not in (".work", "functions.log")


@pytest.mark.parametrize("name", [".", ".."])
def test_a_name_that_leads_elsewhere_does_not(name: str) -> None:
    assert clean_name(name) == f"_{name}"


def test_two_imports_of_one_second_have_two_folders(tmp_path: Path) -> None:
    folders = [
        make_folder(tmp_path, "june.csv", NOW, is_dry_run=is_dry_run).name for is_dry_run in (False, False, True)
    ]

    assert folders == ["2026-11-29_22-25-03", "2026-11-29_22-25-03_2", "2026-11-29_22-25-03_dry-run"]


def test_results_that_continue_replace_the_earlier_ones_but_not_what_a_person_edited(tmp_path: Path) -> None:
    bucket, folder = DiskBucket(tmp_path / ".work", "contacts"), tmp_path / "june.csv" / "1"
    entry = JournalEntry(1, "1", "", "1")
    _write_results(bucket, "first")
    assert publish_results(bucket, PREFIX, folder, entry) == []
    entry = _note(entry, folder)
    (folder / "failed.csv").write_text("corrected by hand", "utf-8")
    _write_results(bucket, "second")

    kept = publish_results(bucket, PREFIX, folder, entry)

    assert [path.name for path in kept] == ["failed-edited-1.csv"]
    assert kept[0].read_text("utf-8") == "corrected by hand"
    assert {(folder / name).read_text("utf-8") for name in RESULT_FILES} == {"second"}


def test_publishing_that_broke_off_is_finished_by_the_next_run(tmp_path: Path) -> None:
    bucket, folder = DiskBucket(tmp_path / ".work", "contacts"), tmp_path / "june.csv" / "1"
    _write_results(bucket, "all")
    folder.mkdir(parents=True)
    bucket.find_path(f"{PREFIX}failed.csv").rename(folder / "failed.csv")

    publish_results(bucket, PREFIX, folder, JournalEntry(1, "1", "", "1"))

    assert {(folder / name).read_text("utf-8") for name in RESULT_FILES} == {"all"}
    assert bucket.has_object(f"{PREFIX}result.json")  # it says that the import is finished


def test_latest_leads_to_the_newest_import_and_never_to_a_dry_run(tmp_path: Path) -> None:
    for name, is_dry_run in (("1", False), ("2", False), ("3", True)):
        (tmp_path / name).mkdir()
        point_latest(tmp_path / name, is_dry_run=is_dry_run)

    assert (tmp_path / "latest").resolve().name == "2"
    assert (tmp_path / "latest-dry-run").resolve().name == "3"
