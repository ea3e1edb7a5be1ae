"""Import one file with a running stack: begin, continue, or show the results of an earlier run."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from contact_import.aws.events import Upload
from contact_import.domain import object_keys
from contact_import.handlers import dependencies
from contact_import.reports import progress
from local.aws.disk_bucket import DiskBucket
from local.file_imports.import_journal import (
    INTERRUPTED_REASON,
    Action,
    ImportJournal,
    ImportSource,
    JournalEntry,
    save_published,
)
from local.file_imports.interrupts import Interrupts
from local.file_imports.reopening import reopen_import
from local.file_imports.result_folders import (
    RESULT_FILES,
    clean_name,
    make_folder,
    point_latest,
    publish_results,
    remove_working_files,
)
from local.file_imports.spooling import STDIN, spool_file
from local.os_errors import describe_os_error
from local.stack import Stack

_POLL_SECONDS = 0.1
_NOT_PUBLISHED = (
    "{} was imported, but its results could not be written: {}. The same command writes them, and sends nothing again."
)

type ReadProgress = Callable[[], dict[str, Any] | None]
type ShowProgress = Callable[[str, ReadProgress], AbstractContextManager[Callable[[], None]]]


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """The options of a command, the same for each of its files. `endpoint` is empty for the sandbox."""

    out: Path
    lists: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    mapping: str = ""
    endpoint: str = ""
    api_key: str = ""
    is_dry_run: bool = False
    is_large: bool = False
    again: bool = False
    is_same_account: bool = False


@dataclass(frozen=True, slots=True)
class FileResult:
    """The content of result.json, and the folder of the results.

    `was_imported` says that nothing was done now. `kept` are the files that a person had edited, under their new names.
    """

    name: str
    result: dict[str, Any]
    folder: Path
    was_imported: bool = False
    kept: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class FileImporter:
    """Imports files one after the other with a running stack."""

    stack: Stack
    disk: DiskBucket
    request: ImportRequest
    interrupts: Interrupts
    show_progress: ShowProgress

    def import_file(self, path: Path) -> FileResult:
        """Import a file, unless an earlier run imported all of it.

        Raise BusyError and KeyChangedError of the journal, RuntimeError when a function of the stack gives up, and
        OSError for a file that cannot be read or results that cannot be written.
        """
        request, name = self.request, clean_name("stdin" if path == STDIN else path.name)
        spooled, digest = spool_file(path, self.disk)
        try:
            prefix = object_keys.VALIDATE if request.is_dry_run else object_keys.INCOMING
            mapping = hashlib.sha256(request.mapping.encode()).hexdigest() if request.mapping else ""
            source = ImportSource(prefix + name, digest, request.lists, request.tags, mapping, request.endpoint)
            journal = ImportJournal(self.disk, source)
            with journal.lock():
                return self._run_action(journal, source, name, spooled)
        finally:
            spooled.unlink(missing_ok=True)

    def _run_action(self, journal: ImportJournal, source: ImportSource, name: str, spooled: Path) -> FileResult:
        request, last = self.request, journal.find_last()
        is_rehearsal = request.is_dry_run or not request.endpoint
        action = journal.decide(
            last,
            request.api_key,
            again=request.again,
            is_rehearsal=is_rehearsal,
            is_same_account=request.is_same_account,
        )
        entry = self._begin(journal, last, name) if action is Action.BEGIN or last is None else last
        prefix = object_keys.make_results_prefix(source.key, entry.import_id)
        folder = request.out / name / entry.folder
        if action is Action.SHOW:
            return FileResult(name, journal.load_result(entry) or {}, folder, was_imported=True)
        upload_path = self.disk.root / "uploads" / f"{source.digest}-{entry.number}"
        if action is not Action.PUBLISH:
            spooled.replace(upload_path)
            if action is Action.CONTINUE:
                journal.save(replace(entry, is_published=False))
                reopen_import(self.disk, entry.import_id, prefix)
            upload = self.disk.add_upload(
                source.key, upload_path, journal.make_version(entry.number), self._build_metadata()
            )
            self._import_upload(upload, name, prefix)
        return self._publish(journal, entry, prefix, folder, upload_path)

    def _begin(self, journal: ImportJournal, last: JournalEntry | None, name: str) -> JournalEntry:
        request = self.request
        number = last.number + 1 if last else 1
        if last and not request.again and self._is_empty_handed(journal, last):
            # That import accepted no contact. A second folder would leave two copies of failed.csv to send.
            folder, files = last.folder, last.files
        else:
            now = datetime.now().astimezone()
            folder, files = make_folder(request.out, name, now, is_dry_run=request.is_dry_run).name, ()
        entry = replace(journal.make_entry(number, request.api_key, folder, is_again=request.again), files=files)
        journal.save(entry)
        return entry

    def _is_empty_handed(self, journal: ImportJournal, last: JournalEntry) -> bool:
        result = journal.load_result(last)
        return bool(result and not result["rows"]["accepted"] and not result["rows"]["unknown"])

    def _import_upload(self, upload: Upload, name: str, prefix: str) -> None:
        """Let the stack import the upload, and return when its result.json is there."""
        settings = dependencies.get_settings()
        self.stack.is_large_file = self.request.is_large or upload.size > settings.inline_max_bytes
        self.stack.announce_upload(upload)
        with self.show_progress(name, lambda: progress.load_progress(self.disk, prefix)) as update_bar:
            while not self.disk.has_object(f"{prefix}result.json"):
                if self.interrupts.is_requested and not self.stack.control.is_stopped:
                    self.stack.control.stop(INTERRUPTED_REASON)
                if self.disk.fault or self.stack.failures:
                    self.stack.control.stop(INTERRUPTED_REASON)
                    raise self.disk.fault or RuntimeError(f"{self.stack.failures[0]} failed; functions.log says where")
                update_bar()
                time.sleep(_POLL_SECONDS)

    def _publish(
        self, journal: ImportJournal, entry: JournalEntry, prefix: str, folder: Path, upload_path: Path
    ) -> FileResult:
        try:
            kept = publish_results(self.disk, prefix, folder, entry)
            point_latest(folder, is_dry_run=self.request.is_dry_run)
            save_published(journal, entry, folder, RESULT_FILES)
        except OSError as error:
            raise RuntimeError(_NOT_PUBLISHED.format(folder.parent.name, describe_os_error(error))) from error
        result: dict[str, Any] = json.loads((folder / "result.json").read_bytes())
        if not result["rows"]["unsent"]:
            remove_working_files(self.disk, entry.import_id, upload_path)
        return FileResult(folder.parent.name, result, folder, kept=kept)

    def _build_metadata(self) -> dict[str, str]:
        request = self.request
        metadata = {"list": _encode_names(request.lists), "tags": _encode_names(request.tags)}
        return metadata | ({"mapping": quote(request.mapping)} if request.mapping else {})


def _encode_names(names: Sequence[str]) -> str:
    return ",".join(quote(name, safe=" ") for name in names)
