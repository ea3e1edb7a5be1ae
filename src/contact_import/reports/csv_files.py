"""failed.csv and accepted.csv: the rows of the upload, to correct and drop again, to keep or to undo by.

UTF-8 with BOM, comma, CRLF (RFC 4180; Excel wants the BOM).
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import compress, zip_longest
from operator import attrgetter, not_

from contact_import.domain.outcomes import Accepted, Outcome, Status
from contact_import.files.csv_rows import Row
from contact_import.files.formula_escape import OURS, protect, protect_all
from contact_import.ledger.records import Part

_ROWS_AT_ONCE = 200
_BOM = "\ufeff"


class _Lines:
    """Rows of an upload with that header as lines. The columns that an earlier failed.csv added are left out."""

    def __init__(self, header: Sequence[str]) -> None:
        self._header = header
        self._kept = [index for index, name in enumerate(header) if name not in OURS]

    def head(self, added: Iterable[str]) -> str:
        cells = [*(protect(self._header[index]) for index in self._kept), *added]
        return "".join(written([[cell] for cell in cells]))

    def of(self, rows: Sequence[tuple[str, ...]], added: Iterable[Sequence[str]]) -> list[str]:
        """One for each row. `added` are columns of cells, to stand behind its own as they are."""
        columns = list(zip_longest(*rows, fillvalue=""))
        blank = ("",) * len(rows)
        kept = [protect_all(columns[index]) if index < len(columns) else blank for index in self._kept]
        return written([*kept, *added])


def written(columns: Iterable[Sequence[str]]) -> list[str]:
    """The lines that `csv.writer` writes of at least two columns of cells, in a fifth of its time.

    That looks at each character; most columns have no cell that must stand in quotes.
    """
    return [f"{line}\r\n" for line in map(",".join, zip(*map(_quoted, columns), strict=True))]


def _quoted(cells: Sequence[str]) -> Sequence[str]:
    if not _is_odd("".join(cells)):
        return cells
    return [f'"{cell.replace('"', '""')}"' if _is_odd(cell) else cell for cell in cells]


def _is_odd(text: str) -> bool:
    return "," in text or '"' in text or "\n" in text or "\r" in text


class FailedSheet:
    """One line for each row that is not accepted, handed to `write` in pieces."""

    def __init__(self, write: Callable[[str], None], header: Sequence[str]) -> None:
        self._write = write
        self._lines = _Lines(header)
        self._width = len(header)
        self._waiting: list[tuple[str, ...]] = []
        self._added: list[tuple[str, ...]] = []
        write(_BOM + self._lines.head(("_row", "_status", "_reason", "_suggestion", "_surplus")))

    def take(self, outcome: Outcome, suggestion: str = "") -> None:
        surplus = _joined(outcome.row.cells[self._width :])
        number, status = str(outcome.row.number), outcome.status.value
        self._waiting.append(outcome.row.cells)
        self._added.append((number, status, protect(outcome.reason), protect(suggestion), surplus))
        if len(self._waiting) >= _ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self._write("".join(self._lines.of(self._waiting, zip(*self._added, strict=True))))
        self._waiting.clear()
        self._added.clear()


def accepted_lines(header: Sequence[str]) -> Callable[[Sequence[Row]], list[str]]:
    """What gives the lines of accepted.csv for rows of an upload with that header: its cells and `_row`."""
    lines = _Lines(header)

    def of(rows: Sequence[Row]) -> list[str]:
        numbers, cells, _, _ = zip(*rows, strict=True) if rows else ((),) * 4
        return lines.of(cells, [list(map(str, numbers))])

    return of


def abridging(header: Sequence[str]) -> Callable[[Part], Part]:
    """What gives a part with its accepted rows as what is left to do with them: to stand in accepted.csv.

    Those that lost something on their way in keep their outcomes, for the report; and all of a batch do of which a
    later run may send more.
    """
    lines_of = accepted_lines(header)

    def abridged(part: Part) -> Part:
        delivery = part.delivery
        if delivery.again:
            return part
        is_plain = [one.status is Status.ACCEPTED and not one.cautions for one in delivery.outcomes]
        rows = list(map(attrgetter("row"), compress(delivery.outcomes, is_plain)))
        accepted = Accepted(tuple(map(attrgetter("number"), rows)), tuple(lines_of(rows)))
        others = tuple(compress(delivery.outcomes, map(not_, is_plain)))
        return replace(part, delivery=replace(delivery, outcomes=others), accepted=accepted)

    return abridged


class AcceptedSheet:
    """One line for each accepted row, handed to `write` in pieces."""

    def __init__(self, write: Callable[[str], None], header: Sequence[str]) -> None:
        self._write = write
        self._lines_of = accepted_lines(header)
        write(_BOM + _Lines(header).head(("_row",)))

    def take_all(self, outcomes: Iterable[Outcome], accepted: Iterable[Accepted] = ()) -> None:
        """Those of the outcomes that are accepted, and rows that are lines already, in the order of their numbers."""
        others = [one.row for one in outcomes if one.status is Status.ACCEPTED]
        lines = list(zip((row.number for row in others), self._lines_of(others), strict=True))
        for some in accepted:
            lines.extend(zip(*some, strict=True))
        self._write("".join(line for _, line in sorted(lines)))


def _joined(surplus: Sequence[str]) -> str:
    """The cells beyond the header, as one cell that is itself CSV."""
    if not any(surplus):
        return ""
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="").writerow(surplus)
    return protect(line.getvalue())
