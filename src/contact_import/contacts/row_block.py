"""Read the cells of a block of rows by column and role: one call for a column costs less than one for each cell."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import zip_longest

from contact_import.columns.detect import Columns
from contact_import.columns.header_match import split_words
from contact_import.columns.records.column_records import OtherRecord
from contact_import.columns.records.number_states import drop_bad_numbers
from contact_import.columns.records.owner import ADDRESS_ROLES, OWNED_ROLES, is_own_label, split_owner
from contact_import.columns.role_columns import is_calling_code_header
from contact_import.domain.roles import NAME_ROLES, Role
from contact_import.domain.row import Row
from contact_import.fields.person_name import split_name
from contact_import.fields.phone_country import add_area_code, add_calling_code, read_country

_OTHER_PERSON_RANK = 9  # not a number of the contact: a fax, a spouse


class RowBlock:
    """The cells of some rows by column. Short rows are padded with empty cells, and a missing column is empty."""

    def __init__(self, rows: Sequence[Row], columns: Columns) -> None:
        self.rows = rows
        self.columns = columns
        self.row_numbers, cells, self.parse_warnings, self.parse_errors = zip(*rows, strict=True)
        self._cells_by_column: list[Sequence[str]] = list(zip_longest(*cells, fillvalue=""))
        self._phone_countries: dict[int, Sequence[str]] = {}
        self.empty_column = ("",) * len(rows)
        self.bad_number_rows = drop_bad_numbers(self._cells_by_column, columns.number_states, columns.role_indexes)
        if any(record.can_be_contact for record in columns.other_records):
            self._read_other_contacts()

    @property
    def width(self) -> int:
        """Return the number of cells of the longest row."""
        return len(self._cells_by_column)

    def get_column(self, index: int) -> Sequence[str]:
        """Return one cell for each row, exactly as the file has it."""
        return self._cells_by_column[index] if index < len(self._cells_by_column) else self.empty_column

    def get_columns(self, role: Role) -> list[Sequence[str]]:
        """Return the columns of a role, best first."""
        return [self.get_column(index) for index in self.columns.role_indexes.get(role, ())]

    def coalesce_columns(self, role: Role, *, is_billing: bool | None = None) -> Sequence[str]:
        """Return the first filled cell of a role for each row, "" for none.

        `is_billing` limits the columns to the names on a bill (True) or to the other names (False).
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
        """Return the phone cells of a row, best first, each with its area code from the column beside it."""
        return [self._get_phone(row, index) for index in self._rank_phones(row)]

    def find_phone_index(self, row: int, place: int) -> int | None:
        """Return the column index of the phone at a place of `get_phones`, None for a row with fewer phones."""
        indexes = self._rank_phones(row)
        return indexes[place] if place < len(indexes) else None

    def get_phones_and_countries(self, row: int) -> tuple[str, ...]:
        """Return the phones of a row, best first, then the ISO country of each, "" for none.

        One flat tuple is hashed more quickly than two: equal tuples are read once.
        """
        indexes = self._rank_phones(row)
        return (*self.get_phones(row), *(self.get_phone_countries(index)[row] for index in indexes))

    def _rank_phones(self, row: int) -> Sequence[int]:
        """Return the column indexes of a row's phones, best first: by header, or by the type beside each number.

        Numbers of other people and of faxes are excluded. The number of another record comes last, and only if that
        record has the name or e-mail of the same person.
        """
        indexes = self.columns.role_indexes.get(Role.PHONE, ())
        if self.columns.phone_type_indexes:
            ranks = {index: self._rank_phone(row, index) for index in indexes}
            indexes = tuple(
                sorted((index for index in indexes if ranks[index] < _OTHER_PERSON_RANK), key=ranks.__getitem__)
            )
        # The same name makes it the same person's number: a customer who is also the receiver of the parcel.
        others = [
            index
            for record in self.columns.other_records
            if self._is_same_person(row, record)
            for index in record.get_indexes(Role.PHONE)
        ]
        return (*indexes, *others)

    @cached_property
    def row_countries(self) -> Sequence[str]:
        """Return the ISO country of each row, "" for none: the first of its country columns that names one."""
        indexes = self.columns.role_indexes.get(Role.COUNTRY, ())
        countries = [
            _read_countries(self.get_column(index), has_calling_codes=self._has_calling_codes(index))
            for index in indexes
        ]
        if len(countries) > 1:
            return [next(filter(None, names), "") for names in zip(*countries, strict=True)]
        return countries[0] if countries else self.empty_column

    def _has_calling_codes(self, index: int) -> bool:
        return index < len(self.columns.columns) and is_calling_code_header(self.columns.columns[index].header)

    def get_phone_countries(self, index: int) -> Sequence[str]:
        """Return the ISO country of each number of a phone column: from the column beside it, or else of its row."""
        if (found := self._phone_countries.get(index)) is None:
            found = self._phone_countries[index] = self._read_phone_countries(index)
        return found

    def _read_phone_countries(self, index: int) -> Sequence[str]:
        countries = self.row_countries
        country_index, _ = self.columns.phone_part_indexes.get(index, (None, None))
        if country_index is None:
            return countries
        # A country beside the number is certainly its own; the country of the row may be that of the address.
        own = _read_countries(self.get_column(country_index), has_calling_codes=True)
        return [country or row_country for country, row_country in zip(own, countries, strict=True)]

    def find_country_cell(self, row: int, index: int) -> tuple[int, str] | None:
        """Return the column index and the cell that decide the country of a row's phone, None if none does."""
        part_index, _ = self.columns.phone_part_indexes.get(index, (None, None))
        indexes = () if part_index is None else (part_index,)
        cells = (
            (one, self.get_column(one)[row]) for one in (*indexes, *self.columns.role_indexes.get(Role.COUNTRY, ()))
        )
        return next(((one, cell) for one, cell in cells if read_country(cell, is_calling_code=one in indexes)), None)

    def _get_phone(self, row: int, index: int) -> str:
        cell = self.get_column(index)[row]
        _, area_index = self.columns.phone_part_indexes.get(index, (None, None))
        return cell if area_index is None else add_area_code(cell, self.get_column(area_index)[row])

    def _join_calling_code(self, row: int, index: int) -> str:
        """Return another record's phone with its calling code, to be moved to a column beside the contact's code."""
        country_index, _ = self.columns.phone_part_indexes.get(index, (None, None))
        country = (
            "" if country_index is None else read_country(self.get_column(country_index)[row], is_calling_code=True)
        )
        return add_calling_code(self._get_phone(row, index), country)

    def _read_other_contacts(self) -> None:
        """Use another record of a row as its contact if its contact has no phone: the parent of a player, for example.

        Only the columns of the block change. `rows` keep their cells, so that failed.csv repeats the file.
        """
        phones = self.get_columns(Role.PHONE)
        for row in range(len(self.rows)):
            if any(column[row].strip() for column in phones):
                continue
            for record in self.columns.other_records:
                if record.can_be_contact and self._read_words(row, record.get_indexes(Role.PHONE)):
                    self._replace_record(row, record)
                    break

    def _replace_record(self, row: int, record: OtherRecord) -> None:
        """Move the cells of another record to the contact's columns, and empty the contact's other cells."""
        # Every field of the contact is replaced or emptied: a number never gets another person's name, birthday or
        # e-mail.
        cells = {role: [self.get_column(index)[row] for index in record.get_indexes(role)] for role in OWNED_ROLES}
        cells |= self._convert_names(cells)
        cells[Role.PHONE] = [self._join_calling_code(row, index) for index in record.get_indexes(Role.PHONE)]
        address = ", ".join(filter(None, (*cells[Role.ADDRESS], *cells[Role.COUNTRY])))
        cells[Role.ADDRESS] = [address] if address else []
        # A column may have two roles: a country is also a part of the address, `Email / Phone` is both. The role that
        # comes later in OWNED_ROLES decides.
        pairs = (
            self.columns.phone_part_indexes.get(index, ()) for index in self.columns.role_indexes.get(Role.PHONE, ())
        )
        new_cells: dict[int, str] = {index: "" for pair in pairs for index in pair if index is not None}
        for role in OWNED_ROLES:
            indexes = self.columns.role_indexes.get(role, ())
            if role in ADDRESS_ROLES and not cells[role]:
                indexes = tuple(filter(self._is_contacts_own, indexes))
            new_cells |= dict.fromkeys(indexes, "") | dict(zip(indexes, cells[role], strict=False))
        for index, cell in new_cells.items():
            column = list(self.get_column(index))
            column[row] = cell
            self._cells_by_column[index] = column

    def _is_contacts_own(self, index: int) -> bool:
        """Return whether a column has the owner of the contact's name, and is not of the row as a whole."""
        names = [index for role in NAME_ROLES for index in self.columns.role_indexes.get(role, ())]
        owners = {split_owner(self.columns.header[name]).owner for name in names}
        return split_owner(self.columns.header[index]).owner in owners

    def _convert_names(self, cells: Mapping[Role, list[str]]) -> Mapping[Role, list[str]]:
        """Return the names in the form of the contact's columns: a full name, or a first and a last name."""
        first, last, full = (next(iter(cells[role]), "") for role in NAME_ROLES)
        if Role.FULL_NAME in self.columns.role_indexes:
            return {Role.FULL_NAME: [full or f"{first} {last}"], Role.FIRST_NAME: [], Role.LAST_NAME: []}
        if full:
            first, last = split_name(full)
        return {Role.FIRST_NAME: [first], Role.LAST_NAME: [last]}

    def _is_same_person(self, row: int, record: OtherRecord) -> bool:
        """Return whether a record has the contact's name, or its e-mail, in a row."""
        own_names = [index for role in NAME_ROLES for index in self.columns.role_indexes.get(role, ())]
        own_emails = self.columns.role_indexes.get(Role.EMAIL, ())
        return any(
            own != () and own == self._read_words(row, other)
            for own, other in (
                (self._read_words(row, own_names), record.get_indexes(*NAME_ROLES)),
                (self._read_words(row, own_emails[:1]), record.get_indexes(Role.EMAIL)[:1]),
            )
        )

    def _read_words(self, row: int, indexes: Sequence[int]) -> tuple[str, ...]:
        """Return the words of some cells in alphabetical order: `Moss, Ann` equals `Ann Moss`."""
        return tuple(sorted({word for index in indexes for word in split_words(self.get_column(index)[row])}))

    def _rank_phone(self, row: int, index: int) -> int:
        """Return a rank by the label beside a number. Any label that is not a kind of phone is a person: `Wife`."""
        type_index = self.columns.phone_type_indexes.get(index, -1)
        phone_type = self.get_column(type_index)[row].casefold() if type_index >= 0 else ""
        words = split_words(phone_type)
        if not is_own_label(phone_type):
            return _OTHER_PERSON_RANK
        if any(word in phone_type for word in ("mobile", "cell", "handy", "sms", "whatsapp")):
            return 0
        return 2 if "work" in words or "home" in words else 1


def _read_countries(cells: Sequence[str], *, has_calling_codes: bool) -> Sequence[str]:
    if not any(cells):
        return [""] * len(cells)
    countries = {cell: read_country(cell, is_calling_code=has_calling_codes) for cell in set(cells)}
    return [countries[cell] for cell in cells]
