"""Some rows at a time, by what their cells hold: a column is read more quickly than each of its cells."""

from collections.abc import Sequence
from itertools import zip_longest

from contact_import.columns.detect import Columns
from contact_import.domain.roles import NAME_ROLES, Role
from contact_import.domain.row import Row


class RowBlock:
    """The cells of some rows. A short row reads as if it were padded; a column that is not there is empty."""

    def __init__(self, rows: Sequence[Row], columns: Columns) -> None:
        self.rows = rows
        self.columns = columns
        self.row_numbers, cells, self.parse_warnings, self.parse_errors = zip(*rows, strict=True)
        self._cells_by_column = list(zip_longest(*cells, fillvalue=""))
        self.empty_column = ("",) * len(rows)

    @property
    def width(self) -> int:
        """How many cells the longest of the rows has."""
        return len(self._cells_by_column)

    def get_column(self, index: int) -> Sequence[str]:
        return self._cells_by_column[index] if index < len(self._cells_by_column) else self.empty_column

    def get_columns(self, role: Role) -> list[Sequence[str]]:
        """The columns of the role, best first."""
        return [self.get_column(index) for index in self.columns.role_indexes.get(role, ())]

    def coalesce_columns(self, role: Role, *, is_billing: bool | None = None) -> Sequence[str]:
        """For each row the first of the role's cells that holds something. With `is_billing` of some only."""
        columns = (
            self.get_columns(role)
            if is_billing is None
            else [self.get_column(index) for index in self._get_indexes(role, is_billing)]
        )
        if len(columns) > 1:
            return [next(filter(None, cells), "") for cells in zip(*columns, strict=True)]
        return columns[0] if columns else self.empty_column

    def has_own_and_billing_names(self) -> bool:
        """Whether there are names on a bill, and others."""
        return all(any(self._get_indexes(role, of_payer) for role in NAME_ROLES) for of_payer in (True, False))

    def _get_indexes(self, role: Role, is_billing: bool) -> list[int]:
        billing_indexes = self.columns.billing_name_indexes
        return [index for index in self.columns.role_indexes.get(role, ()) if (index in billing_indexes) == is_billing]

    def has_roles(self, *roles: Role) -> bool:
        return all(role in self.columns.role_indexes for role in roles)

    def get_phones(self, row: int) -> list[str]:
        """The phones of a row, best first: by the header, or by the kind that stands beside the number in this row."""
        indexes = self.columns.role_indexes.get(Role.PHONE, ())
        if self.columns.phone_type_indexes:
            ranks = {index: self._rank_phone(row, index) for index in indexes}
            indexes = tuple(
                sorted((index for index in indexes if ranks[index] < _OTHER_PERSON_RANK), key=ranks.__getitem__)
            )
        return [self.get_column(index)[row] for index in indexes]

    def _rank_phone(self, row: int, index: int) -> int:
        type_index = self.columns.phone_type_indexes.get(index, -1)
        phone_type = self.get_column(type_index)[row].casefold() if type_index >= 0 else ""
        if any(word in phone_type for word in ("mobile", "cell", "handy", "sms", "whatsapp")):
            return 0
        if any(word in phone_type for word in ("fax", "pager", "assistant", "emergency", "partner", "spouse")):
            return _OTHER_PERSON_RANK
        return 2 if "work" in phone_type or "home" in phone_type else 1


_OTHER_PERSON_RANK = 9  # not the person's own number
