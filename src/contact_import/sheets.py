"""failed.csv and accepted.csv: the rows of the upload, to correct and drop again, to keep or to undo by."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest

from contact_import.cells import OURS, protect, protect_all
from contact_import.outcomes import Outcome

_ROWS_AT_ONCE = 200


class _Sheet:
    """CSV text, handed to `write` in pieces: UTF-8 with BOM, comma, CRLF (RFC 4180; Excel wants the BOM).

    `header` and the rows' cells are the upload's; the columns that an earlier failed.csv added are left out.
    """

    def __init__(self, write: Callable[[str], None], header: Sequence[str], added: Sequence[str]) -> None:
        self._write = write
        self._buffer = io.StringIO(newline="")
        self._csv = csv.writer(self._buffer)
        self._kept = [index for index, name in enumerate(header) if name not in OURS]
        self._width = len(header)
        self._waiting: list[tuple[str, ...]] = []
        self._added: list[tuple[str, ...]] = []
        self._buffer.write("\ufeff")
        self._csv.writerow([*(protect(header[index]) for index in self._kept), *added])

    def add(self, outcome: Outcome, *added: str) -> None:
        self._waiting.append(outcome.row.cells)
        self._added.append(added)
        if len(self._waiting) >= _ROWS_AT_ONCE:
            self.flush()

    def add_all(self, rows: Iterable[tuple[str, ...]], added: Iterable[tuple[str, ...]]) -> None:
        """As `add` of each."""
        self._waiting.extend(rows)
        self._added.extend(added)
        if len(self._waiting) >= _ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """A column of many rows is made harmless more quickly than all cells of one."""
        columns = list(zip_longest(*self._waiting, fillvalue=""))
        blank = ("",) * len(self._waiting)
        kept = [protect_all(columns[index]) if index < len(columns) else blank for index in self._kept]
        self._csv.writerows(zip(*kept, *zip(*self._added, strict=True), strict=True))
        self._waiting.clear()
        self._added.clear()
        self._write(self._buffer.getvalue())
        self._buffer.seek(0)
        self._buffer.truncate()


class FailedSheet(_Sheet):
    """One line for each row that is not accepted."""

    def __init__(self, write: Callable[[str], None], header: Sequence[str]) -> None:
        super().__init__(write, header, ("_row", "_status", "_reason", "_suggestion", "_surplus"))

    def take(self, outcome: Outcome, suggestion: str = "") -> None:
        surplus = _joined(outcome.row.cells[self._width :])
        number, status = str(outcome.row.number), outcome.status.value
        self.add(outcome, number, status, protect(outcome.reason), protect(suggestion), surplus)


class AcceptedSheet(_Sheet):
    """One line for each accepted row."""

    def __init__(self, write: Callable[[str], None], header: Sequence[str]) -> None:
        super().__init__(write, header, ("_row",))

    def take_all(self, outcomes: Sequence[Outcome]) -> None:
        self.add_all([outcome.row.cells for outcome in outcomes], [(str(outcome.row.number),) for outcome in outcomes])


def _joined(surplus: Sequence[str]) -> str:
    """The cells beyond the header, as one cell that is itself CSV."""
    if not any(surplus):
        return ""
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="").writerow(surplus)
    return protect(line.getvalue())
