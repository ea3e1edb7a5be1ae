"""Count outcomes, reasons and warnings, in memory that is bounded however many rows a file has."""

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.ledger.compaction import AcceptedLines

_MAX_REASONS = 500  # Cellcast could word the reason of every row differently
_MAX_MESSAGES = 50
LATER_DELIVERY = "a later delivery has the same number"
_ROW_AT_END = compile_lazily(r"row \d+$")  # `the same number as row 17`
_OTHER_ROW = compile_lazily(r"row \d+ ")  # `row 17 says no`
_QUOTED_DIGITS = compile_lazily(r"“[^”]*\d[^”]*”")  # `Opted out at “2026-03-01”`
_OTHER_REASONS = "other reasons: see failed.csv"
_MAX_FIRST_ROWS = 5  # of each reason


@dataclass(slots=True)
class Counts:
    """Running counts of an import, of which the numbers of result.json are built."""

    rows: Counter[Status] = field(default_factory=Counter)
    reasons: Counter[tuple[Status, str]] = field(default_factory=Counter)
    first_rows: dict[tuple[Status, str], list[int]] = field(default_factory=dict)
    warnings: dict[RowWarning, list[int]] = field(default_factory=dict)  # [rows, first row]
    requests: Counter[str] = field(default_factory=Counter)
    messages: dict[str, None] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        """Count one row."""
        self.rows[outcome.status] += 1
        if outcome.status is not Status.ACCEPTED:
            self._add_reason(outcome.status, normalize_reason(outcome), outcome.row.number)
        for warning in outcome.warnings:
            # Batches come in any order, so the first row is the one with the smallest number.
            entry = self.warnings.setdefault(warning, [0, outcome.row.number])
            entry[0] += 1
            entry[1] = min(entry[1], outcome.row.number)

    def add_all(self, outcomes: Iterable[Outcome], accepted: Iterable[AcceptedLines] = ()) -> None:
        """Count rows with an outcome, and accepted rows that are lines of accepted.csv already."""
        for outcome in outcomes:
            self.add(outcome)
        self.rows[Status.ACCEPTED] += sum(len(batch.row_numbers) for batch in accepted)

    def add_message(self, message: str) -> None:
        """Add a message of Cellcast, unless it was added before or there are 50 already."""
        if message and len(self.messages) < _MAX_MESSAGES:
            self.messages[message] = None

    @property
    def rows_read(self) -> int:
        """Return the number of rows of all statuses."""
        return self.rows.total()

    def build_rows(self) -> dict[str, int]:
        """Return `rows` of result.json: `read`, and the number of rows of each status, which sum up to `read`."""
        return {"read": self.rows_read} | {status.value: self.rows[status] for status in Status}

    def build_reasons(self) -> list[dict[str, Any]]:
        """Return `reasons` of result.json, the most frequent first, each with its first five rows."""
        return [
            {
                "status": status.value,
                "reason": reason,
                "count": count,
                "first_rows": list(self.first_rows[status, reason]),
            }
            for (status, reason), count in self.reasons.most_common()
        ]

    def build_warnings(self) -> Iterator[dict[str, Any]]:
        """Yield `warnings` of result.json, in the order of their first rows."""
        for warning, (count, first_row) in sorted(self.warnings.items(), key=lambda item: item[1][1]):
            yield {"field": warning.field, "reason": warning.reason, "count": count, "first_row": first_row}

    def _add_reason(self, status: Status, reason: str, row_number: int) -> None:
        if (status, reason) not in self.reasons and len(self.reasons) >= _MAX_REASONS:
            reason = _OTHER_REASONS
        self.reasons[status, reason] += 1
        # Batches come in any order, so these are the smallest numbers rather than the first to come.
        first_rows = self.first_rows.setdefault((status, reason), [])
        if len(first_rows) < _MAX_FIRST_ROWS or row_number < first_rows[-1]:
            insort(first_rows, row_number)
            del first_rows[_MAX_FIRST_ROWS:]


def normalize_reason(outcome: Outcome) -> str:
    """Return the reason that an outcome is counted under: without the row number or date that only this row has.

    `the same number as row 17` and `… row 18` are one reason, as are two people who opted out on different days.
    """
    if outcome.status is Status.OPTED_OUT:
        return _QUOTED_DIGITS.sub("“…”", _OTHER_ROW.sub("another row ", outcome.reason))
    if outcome.status is not Status.DUPLICATE:
        return outcome.reason
    if "later" in outcome.reason:
        return LATER_DELIVERY
    return _ROW_AT_END.sub("an earlier row", outcome.reason)
