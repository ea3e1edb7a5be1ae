"""The first contacts of an import, which are heard of before any other is sent.

Better one sentence now than a hundred thousand contacts from the wrong column, or in the wrong account.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from contact_import.domain.outcomes import Outcome, Status
from contact_import.ledger.records import Part
from contact_import.sending.batches import Batch

_ANSWERED = (Status.ACCEPTED, Status.REFUSED, Status.UNSENT, Status.UNKNOWN)  # of contacts, not of rows
_STOPPED = "Cellcast refused {} of the first {} contacts, so that nothing more was sent: {}?"
_COLUMN = "is the right column taken for the phone number, and is it the right file"
_ACCOUNT = "is it the right file, and the right account"


class Sip:
    """The batches of an import, parted: those of the first window that has contacts, and what follows.

    `numbers` are those of the batches with the first contacts, once `first` has given them.
    """

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches
        self._held: list[Batch] = []
        self.numbers: list[int] = []

    def first(self) -> Iterator[Batch]:
        """Up to the last of them. Windows of rows that do not go to Cellcast may stand before."""
        window = None
        for batch in self._batches:
            if window not in (None, batch.window):
                self._held.append(batch)
                return
            if batch.contacts:
                window = batch.window
                self.numbers.append(batch.number)
            yield batch

    def rest(self) -> Iterator[Batch]:
        yield from self._held
        yield from self._batches


def objection(parts: Iterable[Part]) -> str:
    """Why nothing more should be sent, "" when nothing speaks against it. Cellcast's words are not in it.

    An answer that never came, or that nobody understands, is no refusal.
    """
    answered, refused = 0, list[Outcome]()
    for part in parts:
        outcomes = [one for one in part.delivery.outcomes if one.status in _ANSWERED]
        refused += [one for one in outcomes if one.status is Status.REFUSED]
        answered += len(outcomes) + len(part.accepted.numbers)
    if len(refused) * 2 <= answered:
        return ""
    return _STOPPED.format(len(refused), answered, _COLUMN if _most_are_phones(refused) else _ACCOUNT)


def _most_are_phones(refused: Iterable[Outcome]) -> bool:
    spoken_of = Counter(one.reason.startswith("phone_number") for one in refused)
    return spoken_of[True] > spoken_of[False]
