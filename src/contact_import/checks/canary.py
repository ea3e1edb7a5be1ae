"""Send the first contacts of an import alone (the canary batch), and stop the import if Cellcast rejects most of them.

A file with a wrong phone column, or in a wrong account, then costs 25 contacts instead of a hundred thousand.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from contact_import.domain.outcomes import Outcome, Status
from contact_import.ledger.records import BatchRecord
from contact_import.sending.batches import Batch

_CONTACT_STATUSES = (Status.ACCEPTED, Status.REFUSED, Status.UNSENT, Status.UNKNOWN)  # of contacts, not of rows
_STOPPED_PREFIX = "Cellcast rejected "
_STOPPED_MESSAGE = _STOPPED_PREFIX + "{} of the first {} contacts, so nothing more was sent: {}."
_CHECK_COLUMN = "check the column of phone numbers and the file"
_CHECK_ACCOUNT = "check the file and the account"


class CanaryBatch:
    """The batches of an import in two parts: up to the first row group that has contacts, and the rest.

    A row group is the smallest run of rows whose batches can be read on their own (see `sending.batches`), so the
    canary is a whole one. `commit_groups` are those of its batches, once `read_first` is exhausted.
    """

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches
        self._next_group: list[Batch] = []
        self.commit_groups: list[int] = []

    def read_first(self) -> Iterator[Batch]:
        """Yield the batches of the first row group with contacts, and all batches before it."""
        row_group = None
        for batch in self._batches:
            if row_group not in (None, batch.row_group):
                # Only the next batch shows that the group is complete. It belongs to the rest.
                self._next_group.append(batch)
                return
            if batch.contacts:
                row_group = batch.row_group
                if batch.commit_group not in self.commit_groups:
                    self.commit_groups.append(batch.commit_group)
            yield batch

    def read_rest(self) -> Iterator[Batch]:
        """Yield the batches after those of `read_first`."""
        yield from self._next_group
        yield from self._batches


def find_blocking_error(records: Iterable[BatchRecord]) -> str:
    """Return why nothing more is sent if Cellcast rejected more than half of these contacts, else "".

    An ambiguous response is not a rejection. The sentence has none of Cellcast's words, because it is logged.
    """
    answered, refused = 0, list[Outcome]()
    for record in records:
        outcomes = [one for one in record.result.outcomes if one.status in _CONTACT_STATUSES]
        refused += [one for one in outcomes if one.status is Status.REFUSED]
        answered += len(outcomes) + len(record.accepted.row_numbers)
    # More than half: bad rows are a minority in a list of contacts, but every row of a wrong column is bad.
    if len(refused) * 2 <= answered:
        return ""
    return _STOPPED_MESSAGE.format(
        len(refused), answered, _CHECK_COLUMN if _has_mostly_phone_reasons(refused) else _CHECK_ACCOUNT
    )


def _has_mostly_phone_reasons(refused: Iterable[Outcome]) -> bool:
    counts = Counter(one.reason.startswith("phone_number") for one in refused)
    return counts[True] > counts[False]


def is_canary_stop(error: str) -> bool:
    """Return whether the error of a result says that the canary batch stopped the import."""
    return error.startswith(_STOPPED_PREFIX)
