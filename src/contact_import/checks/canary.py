"""The first contacts of an import, which are heard of before any other is sent.

Better one sentence now than a hundred thousand contacts from the wrong column, or in the wrong account.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from contact_import.domain.outcomes import Outcome, Status
from contact_import.ledger.records import BatchRecord
from contact_import.sending.batches import Batch

_CONTACT_STATUSES = (Status.ACCEPTED, Status.REFUSED, Status.UNSENT, Status.UNKNOWN)  # of contacts, not of rows
_STOPPED_MESSAGE = "Cellcast refused {} of the first {} contacts, so that nothing more was sent: {}?"
_CHECK_COLUMN = "is the right column taken for the phone number, and is it the right file"
_CHECK_ACCOUNT = "is it the right file, and the right account"


class CanaryBatch:
    """The batches of an import, parted: those of the first window that has contacts, and what follows.

    `numbers` are those of the batches with the first contacts, once `first` has given them.
    """

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches
        self._next_group: list[Batch] = []
        self.batch_numbers: list[int] = []

    def read_first(self) -> Iterator[Batch]:
        """Up to the last of them. Windows of rows that do not go to Cellcast may stand before."""
        row_group = None
        for batch in self._batches:
            if row_group not in (None, batch.row_group):
                self._next_group.append(batch)
                return
            if batch.contacts:
                row_group = batch.row_group
                self.batch_numbers.append(batch.number)
            yield batch

    def read_rest(self) -> Iterator[Batch]:
        yield from self._next_group
        yield from self._batches


def find_blocking_error(records: Iterable[BatchRecord]) -> str:
    """Why nothing more should be sent, "" when nothing speaks against it. Cellcast's words are not in it.

    An answer that never came, or that nobody understands, is no refusal.
    """
    answered, refused = 0, list[Outcome]()
    for record in records:
        outcomes = [one for one in record.result.outcomes if one.status in _CONTACT_STATUSES]
        refused += [one for one in outcomes if one.status is Status.REFUSED]
        answered += len(outcomes) + len(record.accepted.row_numbers)
    if len(refused) * 2 <= answered:
        return ""
    return _STOPPED_MESSAGE.format(
        len(refused), answered, _CHECK_COLUMN if _has_mostly_phone_reasons(refused) else _CHECK_ACCOUNT
    )


def _has_mostly_phone_reasons(refused: Iterable[Outcome]) -> bool:
    counts = Counter(one.reason.startswith("phone_number") for one in refused)
    return counts[True] > counts[False]
