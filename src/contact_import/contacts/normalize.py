"""Some rows to the values of Cellcast's fields, a column at a time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import compress, count
from operator import not_

from contact_import.columns.detect import NAMES
from contact_import.columns.header_names import Role
from contact_import.contacts import vectorized
from contact_import.contacts.row_block import Block
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Caution
from contact_import.fields import birthday, person_name
from contact_import.fields import text as values
from contact_import.fields.birthday import Birthday
from contact_import.fields.phone import NoPhone, choose

_AUSTRALIA = frozenset({"", "au", "aus", "australia", "australien", "australie", "commonwealth of australia"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every row of an import. `day_first` is what its birthday column says as a whole.

    `opted_out` are numbers in E.164 form that get nothing.
    """

    today: date
    phone_region: str = "AU"
    mobile_only: bool = True
    labels: Labels = Labels()
    day_first: bool | None = None
    opted_out: frozenset[str] = frozenset()


class Cautions(defaultdict[int, list[Caution]]):
    """By the place of a row in its block: nearly all rows have none."""

    def __init__(self) -> None:
        super().__init__(list)

    def note(self, rows: Iterable[int], field: str, reason: str) -> None:
        for row in rows:
            self[row].append(Caution(field, reason))


class Filler:
    """Reads the fields of one import's blocks; what its columns repeat is read once."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        chosen = partial(choose, region=rules.phone_region, mobile_only=rules.mobile_only)
        self._chosen_phone = vectorized.remembering(partial(map, chosen))
        self._usual_birthdays = vectorized.birthdays(rules.today, day_first=rules.day_first)
        self._birthday = vectorized.remembering(self._read_birthdays)
        self._postal_code, self._australian_postal_code = (
            vectorized.remembering(partial(map, partial(values.postal_code, australian=australian)))
            for australian in (False, True)
        )

    def phones(self, block: Block, cautions: Cautions) -> tuple[list[str], dict[int, str]]:
        """The number of each row in E.164 form, "" when there is none, and why there is none."""
        is_certain = self._rules.phone_region == "AU" and not block.columns.phone_types and block.has(Role.PHONE)
        e164s = vectorized.mobiles(block.all(Role.PHONE)[0]) if is_certain else list(block.empty)
        reasons = {}
        rows = _places_of_nothing(e164s)
        for row, phone in zip(rows, self._chosen_phone([tuple(block.phones(row)) for row in rows]), strict=True):
            if isinstance(phone, NoPhone):
                reasons[row] = phone.reason
            else:
                e164s[row] = phone.e164
                cautions.note((row,) if phone.caution else (), "phone_number", phone.caution)
        return e164s, reasons

    def fill(self, block: Block, phones: Sequence[str], cautions: Cautions) -> Iterable[tuple[str, ...]]:
        """For each row its values in the order of Cellcast's fields, "" for what the row does not have."""
        firsts, lasts = _names(block)
        emails = _emails(block, cautions)
        postal_codes = self._postal_codes(block, cautions)
        return zip(
            firsts,
            lasts,
            phones,
            self._birthdays(block, cautions),
            vectorized.address(block.all(Role.ADDRESS)) or block.empty,
            emails,
            postal_codes,
            _genders(block),
            vectorized.clean(block.one(Role.PURCHASE)),
            strict=True,
        )

    def _postal_codes(self, block: Block, cautions: Cautions) -> Sequence[str]:
        cells = block.one(Role.POSTAL_CODE)
        countries = block.one(Role.COUNTRY)
        if self._rules.phone_region != "AU":
            found = self._postal_code(cells)
        elif not any(countries):
            found = self._australian_postal_code(cells)
        else:
            home = {country: values.clean(country).casefold() in _AUSTRALIA for country in set(countries)}
            found = [
                values.postal_code(cell, australian=home[country])
                for cell, country in zip(cells, countries, strict=True)
            ]
        codes, repaired = zip(*found, strict=True)
        cautions.note(compress(count(), repaired), "postal_code", "the zero in front was given back")
        return codes

    def _birthdays(self, block: Block, cautions: Cautions) -> Sequence[str]:
        cells = block.one(Role.BIRTHDAY)
        parts = (Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTH_DAY)
        if not block.has(Role.BIRTHDAY) and not block.has(*parts):
            return block.empty
        found = self._birthday(cells)
        if block.has(*parts):
            rows = zip(*map(block.one, parts), strict=True)
            found = [
                one if cell else birthday.from_parts(*row, today=self._rules.today)
                for cell, one, row in zip(cells, found, rows, strict=True)
            ]
        isos, reasons = zip(*found, strict=True)
        for row in compress(count(), reasons):
            cautions.note((row,), "birthday", reasons[row])
        return isos

    def _read_birthdays(self, cells: Sequence[str]) -> Iterable[Birthday]:
        read = partial(birthday.read_birthday, today=self._rules.today, day_first=self._rules.day_first)
        days = self._usual_birthdays(cells)
        return (Birthday(day) if day else read(cell) for cell, day in zip(cells, days, strict=True))


def _places_of_nothing(found: Sequence[str]) -> list[int]:
    return list(compress(count(), map(not_, found)))


def _names(block: Block) -> tuple[Sequence[str], Sequence[str]]:
    firsts, lasts, fulls = _parts_of_names(block)
    if not block.has(Role.FULL_NAME):
        return firsts, lasts
    pairs = [_name(*parts) for parts in zip(firsts, lasts, fulls, strict=True)]
    return [first for first, _ in pairs], [last for _, last in pairs]


def _parts_of_names(block: Block) -> list[Sequence[str]]:
    """First, last and full names. The names on a bill are for rows without any other: two people are never mixed."""
    if not block.has_names_of_payer():
        return vectorized.clean_all(map(block.one, NAMES))
    own, billed = (
        zip(*vectorized.clean_all(block.one(role, of_payer=of_payer) for role in NAMES), strict=True)
        for of_payer in (False, True)
    )
    rows = [mine if any(mine) else bill for mine, bill in zip(own, billed, strict=True)]
    return [[row[part] for row in rows] for part in range(len(NAMES))]


def _name(first: str, last: str, full: str) -> tuple[str, str]:
    if first:
        return first, last
    if last and last.casefold() not in full.casefold():
        return full, last  # `Name,Last name`
    return person_name.split(full) if full else ("", last)


def _emails(block: Block, cautions: Cautions) -> Sequence[str]:
    columns = block.all(Role.EMAIL)
    if len(columns) == 1:
        found, wrong = vectorized.email(columns[0])
    else:
        pairs = [values.email(cells) for cells in zip(*columns, strict=True)]
        found, wrong = [text for text, _ in pairs], [row for row, (_, is_wrong) in enumerate(pairs) if is_wrong]
    cautions.note(wrong, "email", "not an e-mail address")
    return found or block.empty


def _genders(block: Block) -> Sequence[str]:
    if not block.has(Role.GENDER) and not block.has(Role.TITLE):
        return block.empty
    pairs = list(zip(block.one(Role.GENDER), block.one(Role.TITLE), strict=True))
    known = {pair: values.gender(*pair) for pair in set(pairs)}
    return [known[pair] for pair in pairs]
