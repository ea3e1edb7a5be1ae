"""Counting outcomes. Memory depends on how many different reasons there are, never on the rows."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from contact_import.domain.outcomes import Accepted, Caution, Outcome, Status

_MAX_REASONS = 500  # Cellcast's words could differ for every row
_MAX_MESSAGES = 50
_EARLIER = "phone_number: the same number is in an earlier row"
_LATER = "phone_number: the same number came in a later delivery"
_OTHER = "other reasons: see failed.csv"


@dataclass(slots=True)
class Tally:
    """What an import came to, growing as outcomes come in."""

    rows: Counter[Status] = field(default_factory=Counter)
    reasons: Counter[tuple[Status, str]] = field(default_factory=Counter)
    cautions: dict[Caution, list[int]] = field(default_factory=dict)  # [count, first row]
    requests: Counter[str] = field(default_factory=Counter)
    messages: dict[str, None] = field(default_factory=dict)

    def count(self, outcome: Outcome) -> None:
        self.rows[outcome.status] += 1
        if outcome.status is not Status.ACCEPTED:
            self._count_reason(outcome.status, counted_reason(outcome))
        for caution in outcome.cautions:
            seen = self.cautions.setdefault(caution, [0, outcome.row.number])
            seen[0] += 1
            seen[1] = min(seen[1], outcome.row.number)

    def count_all(self, outcomes: Iterable[Outcome], accepted: Iterable[Accepted] = ()) -> None:
        """As `count` of each, and of rows that are accepted and of which there is no more to say."""
        for outcome in outcomes:
            self.count(outcome)
        self.rows[Status.ACCEPTED] += sum(len(some.numbers) for some in accepted)

    def say(self, message: str) -> None:
        if message and len(self.messages) < _MAX_MESSAGES:
            self.messages[message] = None

    @property
    def read(self) -> int:
        return self.rows.total()

    def as_rows(self) -> dict[str, int]:
        return {"read": self.read} | {status.value: self.rows[status] for status in Status}

    def as_reasons(self) -> list[dict[str, Any]]:
        return [
            {"status": status.value, "reason": reason, "count": count}
            for (status, reason), count in self.reasons.most_common()
        ]

    def as_warnings(self) -> Iterator[dict[str, Any]]:
        for caution, (count, first_row) in sorted(self.cautions.items(), key=lambda item: item[1][1]):
            yield {"field": caution.field, "reason": caution.reason, "count": count, "first_row": first_row}

    def _count_reason(self, status: Status, reason: str) -> None:
        if (status, reason) not in self.reasons and len(self.reasons) >= _MAX_REASONS:
            reason = _OTHER
        self.reasons[status, reason] += 1


def counted_reason(outcome: Outcome) -> str:
    """Duplicates name each its own earlier row, or later delivery; for counting they are one."""
    if outcome.status is not Status.DUPLICATE:
        return outcome.reason
    return _LATER if "later" in outcome.reason else _EARLIER
