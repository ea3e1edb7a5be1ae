"""Normalize the cells of a block of rows to the values of Cellcast's fields, column by column."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import compress, count
from operator import not_

from contact_import.contacts import vectorized
from contact_import.contacts.held_numbers import HeldNumbers
from contact_import.contacts.row_block import RowBlock
from contact_import.contacts.row_reasons import explain_phone
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.roles import NAME_ROLES, Role
from contact_import.fields.birthday import DateOrder, read_birthday, read_birthday_parts
from contact_import.fields.person_name import find_unreadable_names, find_unusable_names, order_vcard_name, split_name
from contact_import.fields.phone import Phone, choose_phone, match_common_mobile
from contact_import.fields.phone_country import is_home
from contact_import.fields.phone_reasons import NoPhone
from contact_import.fields.text import COMMON_EMAIL, normalize_email, normalize_gender, normalize_postal_code

_NO_NAME_REASON = "not a name, so it was left out"
_UNREADABLE_REASON = "characters that no name has, as after a wrong encoding; the name was left out"


@dataclass(frozen=True, slots=True)
class ValidationRules:
    """The settings of an import that decide how its rows are read.

    `phone_region` is the ISO country of national phone numbers. `date_order` is the order of day and month that
    `infer_date_order` found in the birthday column. `opted_out` are the numbers of Cellcast's opt-out list in E.164
    form, and `held_numbers` those that a row of the same list opts out. `require_consent` holds back rows without an
    answer about SMS. `may_refuse` is False if no name, label or remark of the file refuses contact.
    """

    today: date
    phone_region: str = "AU"
    mobile_only: bool = True
    labels: Labels = Labels()
    date_order: DateOrder = DateOrder.UNKNOWN
    opted_out: frozenset[str] = frozenset()
    held_numbers: HeldNumbers | None = None
    require_consent: bool = False
    may_refuse: bool = True


class BlockWarnings(defaultdict[int, list[RowWarning]]):
    """The warnings of a block's rows, by the index of the row in the block. Nearly all rows have none."""

    def __init__(self) -> None:
        super().__init__(list)

    def add(self, rows: Iterable[int], field: str, reason: str) -> None:
        """Add the same warning to several rows."""
        for row in rows:
            self[row].append(RowWarning(field, reason))


class Normalizer:
    """A normalizer of the blocks of one import. It reads values that a column repeats only once."""

    def __init__(self, rules: ValidationRules) -> None:
        self._rules = rules
        self._choose_phones = vectorized.memoize_column(self._choose_phone)
        self._read_birthdays = vectorized.memoize_column(
            partial(read_birthday, today=rules.today, order=rules.date_order)
        )
        self._read_postal_codes, self._read_australian_postal_codes = (
            vectorized.memoize_column(partial(normalize_postal_code, australian=australian))
            for australian in (False, True)
        )

    def normalize_phones(self, block: RowBlock, warnings: BlockWarnings) -> tuple[list[str], dict[int, str]]:
        """Return the number of each row in E.164 form, "" for none, and the reasons of rows without one by index."""
        e164s = list(block.empty_column)
        # The fast path: nearly all rows have a common Australian mobile in their best column. A regular expression
        # reads it in 1 µs, `phonenumbers` in 20. With types of phones, the best column differs from row to row.
        if self._rules.phone_region == "AU" and not block.columns.phone_type_indexes and block.has_roles(Role.PHONE):
            e164s = self._match_common_mobiles(block)
        reasons = {}
        rows = list(compress(count(), map(not_, e164s)))
        for row, phone in zip(
            rows, self._choose_phones([block.get_phones_and_countries(row) for row in rows]), strict=True
        ):
            if isinstance(phone, NoPhone):
                reasons[row] = explain_phone(block, row, phone)
            else:
                e164s[row] = phone.e164
                warnings.add((row,) if phone.warning else (), "phone_number", phone.warning)
        return e164s, reasons

    def _match_common_mobiles(self, block: RowBlock) -> list[str]:
        e164s = list(map(match_common_mobile, block.get_columns(Role.PHONE)[0]))
        countries = block.get_phone_countries(block.columns.role_indexes[Role.PHONE][0])
        if all(is_home(country, self._rules.phone_region) for country in set(countries)):
            return e164s
        pairs = zip(e164s, countries, strict=True)
        return [e164 if is_home(country, self._rules.phone_region) else "" for e164, country in pairs]

    def _choose_phone(self, parts: Sequence[str]) -> Phone | NoPhone:
        """Return the phone of a row from its cells and their countries, as `get_phones_and_countries` returns them."""
        cells, countries = parts[: len(parts) // 2], parts[len(parts) // 2 :]
        rules = self._rules
        return choose_phone(cells, countries=countries, region=rules.phone_region, mobile_only=rules.mobile_only)

    def normalize(self, block: RowBlock, phones: Sequence[str], warnings: BlockWarnings) -> Iterable[tuple[str, ...]]:
        """Return the values of each row in the order of `CONTACT_FIELDS`, "" for a value that the row does not have.

        `phones` are the numbers that `normalize_phones` returned.
        """
        firsts, lasts = _normalize_names(block, warnings)
        emails = _normalize_emails(block, warnings)
        postal_codes = self._normalize_postal_codes(block, warnings)
        return zip(
            firsts,
            lasts,
            phones,
            self._normalize_birthdays(block, warnings),
            vectorized.join_addresses(block.get_columns(Role.ADDRESS)) or block.empty_column,
            emails,
            postal_codes,
            _normalize_genders(block),
            vectorized.clean_column(block.coalesce_columns(Role.PURCHASE)),
            strict=True,
        )

    def _normalize_postal_codes(self, block: RowBlock, warnings: BlockWarnings) -> Sequence[str]:
        cells = block.coalesce_columns(Role.POSTAL_CODE)
        countries = block.row_countries
        if self._rules.phone_region != "AU":
            found = self._read_postal_codes(cells)
        elif not any(countries):
            found = self._read_australian_postal_codes(cells)
        else:
            found = [
                normalize_postal_code(cell, australian=is_home(country, "AU"))
                for cell, country in zip(cells, countries, strict=True)
            ]
        codes, repaired = zip(*found, strict=True)
        warnings.add(compress(count(), repaired), "postal_code", "leading zero restored")
        return codes

    def _normalize_birthdays(self, block: RowBlock, warnings: BlockWarnings) -> Sequence[str]:
        cells = block.coalesce_columns(Role.BIRTHDAY)
        parts = (Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTH_DAY)
        if not block.has_roles(Role.BIRTHDAY) and not block.has_roles(*parts):
            return block.empty_column
        found = self._read_birthdays(cells)
        # Three columns fill in where the single one is empty.
        if block.has_roles(*parts):
            rows = zip(*map(block.coalesce_columns, parts), strict=True)
            found = [
                birthday if cell else read_birthday_parts(*row, today=self._rules.today)
                for cell, birthday, row in zip(cells, found, rows, strict=True)
            ]
        isos, reasons = zip(*found, strict=True)
        for row in compress(count(), reasons):
            warnings.add((row,), "birthday", reasons[row])
        return isos


def _normalize_names(block: RowBlock, warnings: BlockWarnings) -> tuple[Sequence[str], Sequence[str]]:
    """Return the first and the last names of a block. A name that cannot be used to greet a person is dropped.

    Each dropped name adds a warning.
    """
    firsts, lasts, fulls = cleaned = _clean_name_columns(block)
    for role, names in zip(NAME_ROLES, cleaned, strict=True):
        field = "name" if role is Role.FULL_NAME else role.value
        warnings.add(_find_placeholders(block.coalesce_columns(role), names), field, _NO_NAME_REASON)
    if block.has_roles(Role.FULL_NAME):
        firsts, lasts = zip(*map(_merge_name, firsts, lasts, fulls), strict=True)
    return _drop_bad_names(firsts, "first_name", warnings), _drop_bad_names(lasts, "last_name", warnings)


def _drop_bad_names(names: Sequence[str], field: str, warnings: BlockWarnings) -> Sequence[str]:
    for find, reason in ((find_unreadable_names, _UNREADABLE_REASON), (find_unusable_names, _NO_NAME_REASON)):
        indexes = find(names)
        warnings.add(indexes, field, reason)
        names = _drop_names(names, indexes)
    return names


def _find_placeholders(cells: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return the indexes of cells with letters that cleaning emptied: `NULL`, `#REF!`. A dash is just an empty cell."""
    if cells is names:
        return []
    pairs = enumerate(zip(cells, names, strict=True))
    return [index for index, (cell, name) in pairs if not name and any(map(str.isalpha, cell))]


def _drop_names(names: Sequence[str], indexes: Sequence[int]) -> Sequence[str]:
    if not indexes:
        return names
    kept = list(names)
    for index in indexes:
        kept[index] = ""
    return kept


def _clean_name_columns(block: RowBlock) -> list[Sequence[str]]:
    """Return the first, last and full names of a block. A row without its own names has all those of its bill.

    The parts of a name always come from one side, so that two people are never mixed.
    """
    if not block.has_own_and_billing_names():
        return vectorized.clean_columns(map(block.coalesce_columns, NAME_ROLES))
    own, billing = (
        zip(
            *vectorized.clean_columns(block.coalesce_columns(role, is_billing=of_payer) for role in NAME_ROLES),
            strict=True,
        )
        for of_payer in (False, True)
    )
    rows = [own_name if any(own_name) else billing_name for own_name, billing_name in zip(own, billing, strict=True)]
    return [[row[part] for row in rows] for part in range(len(NAME_ROLES))]


def _merge_name(first: str, last: str, full: str) -> tuple[str, str]:
    """Return the first and the last name. A full name fills in where the first name is empty."""
    if first:
        return first, last
    if last and last.casefold() not in full.casefold():
        return full, last  # `Name,Last name`
    return split_name(order_vcard_name(full)) if full else ("", last)


def _normalize_emails(block: RowBlock, warnings: BlockWarnings) -> Sequence[str]:
    columns = block.get_columns(Role.EMAIL)
    if not columns:
        return block.empty_column
    emails = list(columns[0])
    # Nearly all cells are common addresses, and need no call of Python code.
    for row in compress(count(), map(not_, map(COMMON_EMAIL.fullmatch, emails))):
        emails[row], is_invalid = normalize_email([column[row] for column in columns])
        warnings.add((row,) if is_invalid else (), "email", "not an e-mail address")
    return emails


def _normalize_genders(block: RowBlock) -> Sequence[str]:
    if not block.has_roles(Role.GENDER) and not block.has_roles(Role.TITLE):
        return block.empty_column
    pairs = list(zip(block.coalesce_columns(Role.GENDER), block.coalesce_columns(Role.TITLE), strict=True))
    known = {pair: normalize_gender(*pair) for pair in set(pairs)}
    return [known[pair] for pair in pairs]
