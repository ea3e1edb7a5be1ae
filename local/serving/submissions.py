"""Keep deliveries and API calls on the disk: each that was answered with 200 is imported, also after a crash.

Each account has a folder, `.work/submissions/<account>/`. A delivery for one account is never sent to another.
"""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contact_import.domain.object_keys import (
    OPT_OUTS_LOCK,
    RESULTS,
    SHARED_OPT_OUTS,
    WORK,
    make_submission_key,
    make_webhook_prefix,
)
from contact_import.webhooks.submission import Submission
from local.aws.disk_bucket import DiskBucket
from local.file_imports.reopening import release_claims
from local.file_imports.results_download import COPIED_FILES
from local.stack_values import BUCKET

_FOLDER = "submissions"
_PRACTICE = "practice"
_KEPT_SECONDS = 14 * 24 * 3600  # as deployed: a delivery that is repeated within it is recognised


@dataclass(frozen=True, slots=True)
class Submissions:
    """The submissions of one account. `root` holds those of all accounts."""

    root: Path
    bucket: DiskBucket

    def settle(self, now: float) -> list[str]:
        """Remove what is finished and old. Return the import ids of the unfinished ones, in the order of arrival."""
        unfinished = []
        for path in self._list_submissions(self.bucket.root):
            submission = Submission.from_bytes(path.read_bytes())
            if not self._is_finished(submission):
                release_claims(self.bucket, submission.import_id)
                unfinished.append((submission.received_at, submission.import_id))
            elif now - path.stat().st_mtime > _KEPT_SECONDS:
                self._remove(submission)
        self._remove_shared_objects()
        return [import_id for _, import_id in sorted(unfinished)]

    def list_uncopied_results(self) -> Iterator[str]:
        """Yield the key of each result that the process did not copy before it ended."""
        for path in self.bucket.find_path(RESULTS.rstrip("/")).rglob("result.json"):
            if any((path.parent / name).exists() for name in COPIED_FILES):
                yield path.relative_to(self.bucket.root).as_posix()

    def count_of_other_accounts(self) -> int:
        """Return how many deliveries wait for a start with another account; a practice run is none."""
        folders = (path for path in self.root.iterdir() if path.name not in (_PRACTICE, self.bucket.root.name))
        return sum(1 for folder in folders for _ in self._list_unfinished(folder))

    def _list_unfinished(self, folder: Path) -> Iterator[Submission]:
        other = Submissions(self.root, DiskBucket(folder, BUCKET))
        for path in self._list_submissions(folder):
            submission = Submission.from_bytes(path.read_bytes())
            if not other._is_finished(submission):
                yield submission

    def _list_submissions(self, folder: Path) -> list[Path]:
        return sorted((folder / WORK).glob("*/submission.json"))

    def _is_finished(self, submission: Submission) -> bool:
        prefix = make_webhook_prefix(submission.import_id, submission.received_at)
        return self.bucket.has_object(f"{prefix}result.json")

    def _remove(self, submission: Submission) -> None:
        prefix = make_webhook_prefix(submission.import_id, submission.received_at)
        for key in (prefix.rstrip("/"), make_submission_key(submission.import_id).rpartition("/")[0]):
            shutil.rmtree(self.bucket.find_path(key), ignore_errors=True)

    def _remove_shared_objects(self) -> None:
        """Remove the locks and caches of a process that is gone."""
        for key in (SHARED_OPT_OUTS, OPT_OUTS_LOCK):
            shutil.rmtree(self.bucket.find_path(key).parent, ignore_errors=True)


def open_submissions(work_folder: Path, account: str) -> Submissions:
    """Return the submissions of an account, "" for practice runs."""
    root = work_folder / _FOLDER
    name = hashlib.sha256(account.encode()).hexdigest()[:12] if account else _PRACTICE
    return Submissions(root, DiskBucket(root / name, BUCKET))


def format_deliveries(count: int) -> str:
    """Return the number of deliveries in words."""
    return f"{count:,} {'delivery' if count == 1 else 'deliveries'}"
