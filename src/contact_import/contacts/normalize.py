"""Some rows to the values of Cellcast's fields, a column at a time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import compress, count
from operator import not_

from contact_import.contacts import vectorized
from contact_import.contacts.row_block import RowBlock
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.roles import NAME_ROLES, Role
from contact_import.fields import birthday, person_name
from contact_import.fields import text as values
from contact_import.fields.birthday import Birthday
from contact_import.fields.phone import NoPhone, choose_phone

_AUSTRALIA_NAMES = frozenset({"", "au", "aus", "australia", "australien", "australie", "commonwealth of australia"})


@dataclass(frozen=True, slots=True)
class ValidationRules:
    """What holds for every row of an import. `day_first` is what its birthday column says as a whole.

    `opted_out` are numbers in E.164 form that get nothing.
    """

    today: date
    phone_region: str = "AU"
    mobile_only: bool = True
    labels: Labels = Labels()
    day_first: bool | None = None
    opted_out: frozenset[str] = frozenset()


class BlockWarnings(defaultdict[int, list[RowWarning]]):
    """By the place of a row in its block: nearly all rows have none."""

    def __init__(self) -> None:
        super().__init__(list)

    def add(self, rows: Iterable[int], field: str, reason: str) -> None:
        for row in rows:
            self[row].append(RowWarning(field, reason))


class Normalizer:
    """Reads the fields of one import's blocks; what its columns repeat is read once."""

    def __init__(self, rules: ValidationRules) -> None:
        self._rules = rules
        choose_number = partial(choose_phone, region=rules.phone_region, mobile_only=rules.mobile_only)
        self._choose_phones = vectorized.memoize_column(partial(map, choose_number))
        self._match_common_birthdays = vectorized.make_birthday_matcher(rules.today, day_first=rules.day_first)
        self._read_birthdays_memoized = vectorized.memoize_column(self._read_birthdays)
        self._read_postal_codes, self._read_australian_postal_codes = (
            vectorized.memoize_column(partial(map, partial(values.normalize_postal_code, australian=australian)))
            for australian in (False, True)
        )

    def normalize_phones(self, block: RowBlock, warnings: BlockWarnings) -> tuple[list[str], dict[int, str]]:
        """The number of each row in E.164 form, "" when there is none, and why there is none."""
        has_fast_path = (
            self._rules.phone_region == "AU" and not block.columns.phone_type_indexes and block.has_roles(Role.PHONE)
        )
        e164s = (
            vectorized.match_common_mobiles(block.get_columns(Role.PHONE)[0])
            if has_fast_path
            else list(block.empty_column)
        )
        reasons = {}
        rows = _find_empty_indexes(e164s)
        for row, phone in zip(rows, self._choose_phones([tuple(block.get_phones(row)) for row in rows]), strict=True):
            if isinstance(phone, NoPhone):
                reasons[row] = phone.reason
            else:
                e164s[row] = phone.e164
                warnings.add((row,) if phone.warning else (), "phone_number", phone.warning)
        return e164s, reasons

    def normalize(self, block: RowBlock, phones: Sequence[str], warnings: BlockWarnings) -> Iterable[tuple[str, ...]]:
        """For each row its values in the order of Cellcast's fields, "" for what the row does not have."""
        firsts, lasts = _normalize_names(block)
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
        countries = block.coalesce_columns(Role.COUNTRY)
        if self._rules.phone_region != "AU":
            found = self._read_postal_codes(cells)
        elif not any(countries):
            found = self._read_australian_postal_codes(cells)
        else:
            is_australian = {
                country: values.clean_text(country).casefold() in _AUSTRALIA_NAMES for country in set(countries)
            }
            found = [
                values.normalize_postal_code(cell, australian=is_australian[country])
                for cell, country in zip(cells, countries, strict=True)
            ]
        codes, repaired = zip(*found, strict=True)
        warnings.add(compress(count(), repaired), "postal_code", "the zero in front was given back")
        return codes

    def _normalize_birthdays(self, block: RowBlock, warnings: BlockWarnings) -> Sequence[str]:
        cells = block.coalesce_columns(Role.BIRTHDAY)
        parts = (Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTH_DAY)
        if not block.has_roles(Role.BIRTHDAY) and not block.has_roles(*parts):
            return block.empty_column
        found = self._read_birthdays_memoized(cells)
        if block.has_roles(*parts):
            rows = zip(*map(block.coalesce_columns, parts), strict=True)
            found = [
                one if cell else birthday.read_birthday_parts(*row, today=self._rules.today)
                for cell, one, row in zip(cells, found, rows, strict=True)
            ]
        isos, reasons = zip(*found, strict=True)
        for row in compress(count(), reasons):
            warnings.add((row,), "birthday", reasons[row])
        return isos

    def _read_birthdays(self, cells: Sequence[str]) -> Iterable[Birthday]:
        read = partial(birthday.read_birthday, today=self._rules.today, day_first=self._rules.day_first)
        days = self._match_common_birthdays(cells)
        return (Birthday(day) if day else read(cell) for cell, day in zip(cells, days, strict=True))


def _find_empty_indexes(cells: Sequence[str]) -> list[int]:
    return list(compress(count(), map(not_, cells)))


def _normalize_names(block: RowBlock) -> tuple[Sequence[str], Sequence[str]]:
    firsts, lasts, fulls = _clean_name_columns(block)
    if not block.has_roles(Role.FULL_NAME):
        return firsts, lasts
    pairs = [_merge_name(*parts) for parts in zip(firsts, lasts, fulls, strict=True)]
    return [first for first, _ in pairs], [last for _, last in pairs]


def _clean_name_columns(block: RowBlock) -> list[Sequence[str]]:
    """First, last and full names. The names on a bill are for rows without any other: two people are never mixed."""
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
    if first:
        return first, last
    if last and last.casefold() not in full.casefold():
        return full, last  # `Name,Last name`
    return person_name.split_name(full) if full else ("", last)


def _normalize_emails(block: RowBlock, warnings: BlockWarnings) -> Sequence[str]:
    columns = block.get_columns(Role.EMAIL)
    if len(columns) == 1:
        found, invalid_rows = vectorized.normalize_emails(columns[0])
    else:
        pairs = [values.normalize_email(cells) for cells in zip(*columns, strict=True)]
        found, invalid_rows = (
            [text for text, _ in pairs],
            [row for row, (_, is_invalid) in enumerate(pairs) if is_invalid],
        )
    warnings.add(invalid_rows, "email", "not an e-mail address")
    return found or block.empty_column


def _normalize_genders(block: RowBlock) -> Sequence[str]:
    if not block.has_roles(Role.GENDER) and not block.has_roles(Role.TITLE):
        return block.empty_column
    pairs = list(zip(block.coalesce_columns(Role.GENDER), block.coalesce_columns(Role.TITLE), strict=True))
    known = {pair: values.normalize_gender(*pair) for pair in set(pairs)}
    return [known[pair] for pair in pairs]
