"""Record the imports that a folder has begun and finished: the same command continues, and sends no contact twice.

A file is known by its name, its content and the options that decide where its contacts go. Importing it again gives
its next number. The journal of an import lies beside its ledger: `.work/imports/<source>/<number>.json`.
"""

import fcntl
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from contact_import.domain.ids import compute_import_id
from contact_import.domain.object_keys import make_groups_prefix, make_results_prefix
from local.aws.disk_bucket import DiskBucket, load_json


@dataclass(frozen=True, slots=True)
class ImportSource:
    """The values that identify an import: two commands with the same ones are one import.

    `endpoint` is empty for the sandbox.
    """

    key: str
    content_digest: str
    lists: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    mapping: str = ""
    endpoint: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An import that was begun. `folder` is where its results are, `key_digest` identifies the API key.

    `files` are the size and the time of each result file that was written into it: a person edited one that differs.
    `is_published` says that they are the results of this import as the ledger has it.
    """

    number: int
    import_id: str
    key_digest: str
    folder: str
    is_again: bool = False
    is_published: bool = False
    files: tuple[tuple[str, int, int], ...] = ()


INTERRUPTED_REASON = "the import was stopped before this contact was sent"


def was_interrupted(result: dict[str, Any]) -> bool:
    """Return whether rows of a result were not sent because the user stopped the import."""
    return any(INTERRUPTED_REASON in one["reason"] for one in result["reasons"])


class Action(Enum):
    """The action of a command for a source."""

    BEGIN = "begin"
    CONTINUE = "continue"
    PUBLISH = "publish"  # the results are complete, but not yet copied to --out
    SHOW = "show"  # all of it was imported before


class BusyError(RuntimeError):
    """Another process is importing the same source."""


class KeyChangedError(RuntimeError):
    """The import was begun with another API key, and may have filled another account."""


class ImportJournal:
    """The journal of one source in a bucket on the disk."""

    def __init__(self, bucket: DiskBucket, source: ImportSource) -> None:
        self._bucket, self._source = bucket, source
        self._folder = bucket.root / "imports" / source.digest

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock this source against other processes. Raise BusyError when one of them holds the lock."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BusyError from None
            yield

    def find_last(self) -> JournalEntry | None:
        """Return the newest import of the source."""
        numbers = [int(path.stem) for path in self._folder.glob("*.json") if path.stem.isdecimal()]
        value = load_json(self._folder / f"{max(numbers)}.json") if numbers else None
        return JournalEntry(**value | {"files": tuple(map(tuple, value["files"]))}) if value else None

    def save(self, entry: JournalEntry) -> None:
        body = json.dumps(asdict(entry)).encode()
        self._bucket.replace_file(self._folder / f"{entry.number}.json", body, is_durable=True)

    def make_entry(self, number: int, api_key: str, folder: str, *, is_again: bool) -> JournalEntry:
        """Return an entry for the import of this number."""
        import_id = compute_import_id(self._bucket.name, self._source.key, self.make_version(number))
        return JournalEntry(number, import_id, self.digest_key(import_id, api_key), folder, is_again)

    def make_version(self, number: int) -> str:
        """Return the version of the upload: as in S3, the same one for the same event."""
        return f"{self._source.digest}-{number}"

    def digest_key(self, import_id: str, api_key: str) -> str:
        return hashlib.sha256(f"{import_id}\0{api_key}".encode("utf-8", "surrogatepass")).hexdigest()[:12]

    def load_result(self, entry: JournalEntry) -> dict[str, Any] | None:
        """Return the content of the result.json of an import, None while it is not finished."""
        prefix = make_results_prefix(self._source.key, entry.import_id)
        result: dict[str, Any] | None = self._bucket.read_json(f"{prefix}result.json")
        return result

    def decide(
        self, last: JournalEntry | None, api_key: str, *, again: bool, is_rehearsal: bool, is_same_account: bool = False
    ) -> Action:
        """Return what to do. `is_rehearsal`: nothing leaves the machine, so that a finished import may be repeated.

        Raise KeyChangedError rather than continue an import in what may be another account, unless `is_same_account`.
        """
        if last is None or (again and not last.is_again):
            return Action.BEGIN
        result = self.load_result(last)
        is_other_key = last.key_digest != self.digest_key(last.import_id, api_key)
        is_other_account = is_other_key and not (is_rehearsal or is_same_account)
        if result is None:
            if is_other_account and self._has_batches(last):
                raise KeyChangedError
            return Action.CONTINUE
        if not last.is_published:
            return Action.PUBLISH
        rows = result["rows"]
        if not (rows["accepted"] or rows["unknown"]) or (is_rehearsal and not was_interrupted(result)):
            return Action.BEGIN  # no contact was accepted, so a new import sends none twice
        if rows["unsent"]:
            if is_other_account:
                raise KeyChangedError
            return Action.CONTINUE
        return Action.BEGIN if again or is_rehearsal else Action.SHOW

    def _has_batches(self, entry: JournalEntry) -> bool:
        return next(self._bucket.list_keys(make_groups_prefix(entry.import_id)), None) is not None


def save_published(journal: ImportJournal, entry: JournalEntry, folder: Path, names: tuple[str, ...]) -> None:
    """Record the size and time of each result file: a later run sees which ones a person has edited."""
    statuses = [(name, (folder / name).stat()) for name in names]
    files = tuple((name, one.st_size, one.st_mtime_ns) for name, one in statuses)
    journal.save(replace(entry, files=files, is_published=True))
