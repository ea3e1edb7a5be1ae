"""The same command begins an import, continues it, or shows that all of it was imported."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from contact_import.domain.object_keys import make_group_key, make_results_prefix
from local.aws.disk_bucket import DiskBucket
from local.file_imports.import_journal import (
    INTERRUPTED_REASON,
    Action,
    ImportJournal,
    ImportSource,
    JournalEntry,
    KeyChangedError,
)

SOURCE = ImportSource("incoming/june.csv", "0" * 64, endpoint="https://api.cellcast.com")


class Desk:
    def __init__(self, folder: Path) -> None:
        self.bucket = DiskBucket(folder, "contacts")
        self.journal = ImportJournal(self.bucket, SOURCE)

    def note(
        self, rows: Mapping[str, int] = MappingProxyType({}), *, is_published: bool = True, is_again: bool = False
    ) -> None:
        """Record an import; with counts of rows, a finished one. `stopped` stands for Ctrl-C."""
        made = self.journal.make_entry(1, "k", "1", is_again=is_again)
        with self.journal.lock():
            self.journal.save(
                JournalEntry(1, made.import_id, made.key_digest, "1", is_again=is_again, is_published=is_published)
            )
        if rows:
            reasons = [{"reason": INTERRUPTED_REASON}] if "stopped" in rows else []
            counts = dict.fromkeys(("accepted", "unknown", "unsent"), 0) | dict(rows)
            body: dict[str, Any] = {"rows": counts, "reasons": reasons}
            prefix = make_results_prefix(SOURCE.key, made.import_id)
            self.bucket.put(f"{prefix}result.json", json.dumps(body).encode())

    def decide(self, key: str = "k", **options: bool) -> Action:
        last = ImportJournal(self.bucket, SOURCE).find_last()
        return self.journal.decide(last, key, **{"again": False, "is_rehearsal": False} | options)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_file_that_no_one_imported_is_begun(desk: Desk) -> None:
    assert desk.decide() is Action.BEGIN


def test_an_import_that_was_killed_continues_also_when_it_is_a_repetition(desk: Desk) -> None:
    desk.note(is_again=True)

    assert (desk.decide(), desk.decide(again=True)) == (Action.CONTINUE, Action.CONTINUE)


@pytest.mark.parametrize(
    ("rows", "action"),
    [
        ({"accepted": 5}, Action.SHOW),
        ({"accepted": 4, "unknown": 1}, Action.SHOW),
        ({"accepted": 4, "unsent": 1}, Action.CONTINUE),
        ({"unsent": 5}, Action.BEGIN),
        ({"unknown": 1, "unsent": 4}, Action.CONTINUE),
    ],
)
def test_a_finished_import_sends_no_one_who_may_be_in(desk: Desk, rows: dict[str, int], action: Action) -> None:
    desk.note(rows)

    assert desk.decide() is action
    assert desk.decide(again=True) is Action.BEGIN


@pytest.mark.parametrize(
    ("rows", "action"),
    [
        ({"accepted": 5}, Action.BEGIN),
        ({"accepted": 4, "unsent": 1}, Action.BEGIN),
        ({"accepted": 4, "unsent": 1, "stopped": 1}, Action.CONTINUE),
    ],
)
def test_a_practice_run_may_be_repeated_and_continues_where_it_was_stopped(
    desk: Desk, rows: dict[str, int], action: Action
) -> None:
    desk.note(rows)

    assert desk.decide(is_rehearsal=True) is action


def test_results_that_were_not_copied_are_copied_first(desk: Desk) -> None:
    desk.note({"accepted": 4, "unsent": 1}, is_published=False)

    assert desk.decide() is Action.PUBLISH


def test_another_key_continues_only_when_it_is_said_to_be_of_the_same_account(desk: Desk) -> None:
    desk.note()
    assert desk.decide("other") is Action.CONTINUE  # nothing was sent yet
    made = desk.journal.make_entry(1, "k", "1", is_again=False)
    desk.bucket.put(make_group_key(made.import_id, 1), b"{}")

    with pytest.raises(KeyChangedError):
        desk.decide("other")
    assert desk.decide("other", is_same_account=True) is Action.CONTINUE


@pytest.mark.parametrize(
    "other",
    [
        ImportSource("incoming/june.csv", "1" * 64, endpoint=SOURCE.endpoint),
        ImportSource("incoming/july.csv", "0" * 64, endpoint=SOURCE.endpoint),
        ImportSource("validate/june.csv", "0" * 64, endpoint=SOURCE.endpoint),
        ImportSource("incoming/june.csv", "0" * 64, lists=("A",), endpoint=SOURCE.endpoint),
        ImportSource("incoming/june.csv", "0" * 64, tags=("A",), endpoint=SOURCE.endpoint),
        ImportSource("incoming/june.csv", "0" * 64, mapping="m", endpoint=SOURCE.endpoint),
        ImportSource("incoming/june.csv", "0" * 64),
    ],
)
def test_whatever_decides_where_people_go_makes_another_import(other: ImportSource) -> None:
    assert other.digest != SOURCE.digest
