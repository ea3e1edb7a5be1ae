"""A block of rows, read by column and role: one call for a column costs less than one for each of its cells."""

from collections.abc import Sequence
from itertools import zip_longest

from contact_import.columns.detect import Columns
from contact_import.domain.roles import NAME_ROLES, Role
from contact_import.domain.row import Row

_OTHER_PERSON_RANK = 9  # not a number of the contact: a fax, a spouse


class RowBlock:
    """The cells of some rows by column. A short row reads as if it were padded; a missing column is empty."""

    def __init__(self, rows: Sequence[Row], columns: Columns) -> None:
        self.rows = rows
        self.columns = columns
        self.row_numbers, cells, self.parse_warnings, self.parse_errors = zip(*rows, strict=True)
        self._cells_by_column = list(zip_longest(*cells, fillvalue=""))
        self.empty_column = ("",) * len(rows)

    @property
    def width(self) -> int:
        """Return the number of cells of the longest row."""
        return len(self._cells_by_column)

    def get_column(self, index: int) -> Sequence[str]:
        """Return one cell for each row."""
        return self._cells_by_column[index] if index < len(self._cells_by_column) else self.empty_column

    def get_columns(self, role: Role) -> list[Sequence[str]]:
        """Return the columns of a role, best first."""
        return [self.get_column(index) for index in self.columns.role_indexes.get(role, ())]

    def coalesce_columns(self, role: Role, *, is_billing: bool | None = None) -> Sequence[str]:
        """Return for each row the first filled cell of a role, "" for none.

        `is_billing` limits the role to the names on a bill, or to the others.
        """
        columns = (
            self.get_columns(role)
            if is_billing is None
            else [self.get_column(index) for index in self._get_indexes(role, is_billing)]
        )
        if len(columns) > 1:
            return [next(filter(None, cells), "") for cells in zip(*columns, strict=True)]
        return columns[0] if columns else self.empty_column

    def has_own_and_billing_names(self) -> bool:
        """Return whether the file has names on a bill and other names."""
        return all(any(self._get_indexes(role, of_payer) for role in NAME_ROLES) for of_payer in (True, False))

    def _get_indexes(self, role: Role, is_billing: bool) -> list[int]:
        billing_indexes = self.columns.billing_name_indexes
        return [index for index in self.columns.role_indexes.get(role, ()) if (index in billing_indexes) == is_billing]

    def has_roles(self, *roles: Role) -> bool:
        """Return whether the file has a column for each of the roles."""
        return all(role in self.columns.role_indexes for role in roles)

    def get_phones(self, row: int) -> list[str]:
        """Return the phone cells of a row, best first: by header, or by the type beside each number in this row.

        A number of another person or of a fax is left out.
        """
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
