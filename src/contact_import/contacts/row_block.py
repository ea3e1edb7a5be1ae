"""Some rows at a time, by what their cells hold: a column is read more quickly than each of its cells."""

from collections.abc import Sequence
from itertools import zip_longest

from contact_import.columns.detect import NAMES, Columns
from contact_import.columns.header_names import Role
from contact_import.files.csv_rows import Row


class Block:
    """The cells of some rows. A short row reads as if it were padded; a column that is not there is empty."""

    def __init__(self, rows: Sequence[Row], columns: Columns) -> None:
        self.rows = rows
        self.columns = columns
        self.numbers, cells, self.flaws, self.unreadables = zip(*rows, strict=True)
        self._cells = list(zip_longest(*cells, fillvalue=""))
        self.empty = ("",) * len(rows)

    @property
    def width(self) -> int:
        """How many cells the longest of the rows has."""
        return len(self._cells)

    def column(self, index: int) -> Sequence[str]:
        return self._cells[index] if index < len(self._cells) else self.empty

    def all(self, role: Role) -> list[Sequence[str]]:
        """The columns of the role, best first."""
        return [self.column(index) for index in self.columns.places.get(role, ())]

    def one(self, role: Role, *, of_payer: bool | None = None) -> Sequence[str]:
        """For each row the first of the role's cells that holds something. With `of_payer` of some only."""
        columns = self.all(role) if of_payer is None else [self.column(index) for index in self._of(role, of_payer)]
        if len(columns) > 1:
            return [next(filter(None, cells), "") for cells in zip(*columns, strict=True)]
        return columns[0] if columns else self.empty

    def has_names_of_payer(self) -> bool:
        """Whether there are names on a bill, and others."""
        return all(any(self._of(role, of_payer) for role in NAMES) for of_payer in (True, False))

    def _of(self, role: Role, of_payer: bool) -> list[int]:
        payers = self.columns.payers
        return [index for index in self.columns.places.get(role, ()) if (index in payers) == of_payer]

    def has(self, *roles: Role) -> bool:
        return all(role in self.columns.places for role in roles)

    def phones(self, row: int) -> list[str]:
        """The phones of a row, best first: by the header, or by the kind that stands beside the number in this row."""
        indexes = self.columns.places.get(Role.PHONE, ())
        if self.columns.phone_types:
            ranks = {index: self._rank(row, index) for index in indexes}
            indexes = tuple(sorted((index for index in indexes if ranks[index] < _NOBODY), key=ranks.__getitem__))
        return [self.column(index)[row] for index in indexes]

    def _rank(self, row: int, index: int) -> int:
        place = self.columns.phone_types.get(index, -1)
        kind = self.column(place)[row].casefold() if place >= 0 else ""
        if any(word in kind for word in ("mobile", "cell", "handy", "sms", "whatsapp")):
            return 0
        if any(word in kind for word in ("fax", "pager", "assistant", "emergency", "partner", "spouse")):
            return _NOBODY
        return 2 if "work" in kind or "home" in kind else 1


_NOBODY = 9  # not the person's own number
