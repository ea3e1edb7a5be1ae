"""Rows to contacts: the judgement of each row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from contact_import import birthdays, names, values
from contact_import.columns import Columns
from contact_import.consents import Kind, says_no
from contact_import.duplicates import Seen
from contact_import.labels import Labels
from contact_import.outcomes import Caution, Outcome, Status
from contact_import.phones import NoPhone, choose
from contact_import.rows import Row
from contact_import.spellings import Role

FIELDS = (
    "first_name",
    "last_name",
    "phone_number",
    "birthday",
    "address",
    "email",
    "postal_code",
    "gender",
    "purchase",
)


@dataclass(frozen=True, slots=True)
class Contact:
    """A row that may go to Cellcast: it exists only with a number in E.164 form.

    `values` stand in the order of `FIELDS`, all text, "" for what the row does not have.
    """

    row: Row
    values: tuple[str, ...]
    labels: Labels = Labels()
    cautions: tuple[Caution, ...] = ()

    @property
    def phone_number(self) -> str:
        return self.values[2]


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every row of an import. `day_first` is what its birthday column says as a whole."""

    today: date
    phone_region: str = "AU"
    mobile_only: bool = True
    labels: Labels = Labels()
    day_first: bool | None = None


def judge(rows: Iterable[Row], columns: Columns, rules: Rules) -> Iterator[Contact | Outcome]:
    """One contact or one outcome for each row, in order. Only the phone and consent decide; the rest is a caution."""
    places = _Places(columns)
    with Seen() as seen:
        for row in rows:
            yield _judge(row, places, rules, seen)


class _Places:
    """The cells of a row by what they hold; a short row reads as if it were padded."""

    def __init__(self, columns: Columns) -> None:
        self._places = {role: columns.places.get(role, ()) for role in Role}
        self.width = len(columns.columns)
        self._phone_types = columns.phone_types
        self.has_birth_parts = all(self._places[role] for role in (Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTH_DAY))
        self.consents = (
            *((index, Kind.CONSENT) for index in self._places[Role.CONSENT]),
            *((index, Kind.OPT_OUT) for index in self._places[Role.OPT_OUT]),
            *((index, Kind.STATE) for index in self._places[Role.STATUS]),
        )

    def one(self, row: Row, role: Role) -> str:
        """The first of the role's cells that holds something."""
        for index in self._places[role]:
            if index < len(row.cells) and row.cells[index]:
                return row.cells[index]
        return ""

    def all(self, row: Row, role: Role) -> list[str]:
        return [row.cells[index] for index in self._places[role] if index < len(row.cells)]

    def phones(self, row: Row) -> list[str]:
        """Best first: by the header, or by the kind that stands beside the number in this row."""
        if not self._phone_types:
            return self.all(row, Role.PHONE)
        ranked = sorted(self._places[Role.PHONE], key=lambda index: self._rank(row, index))
        return [row.cells[index] for index in ranked if index < len(row.cells) and self._rank(row, index) < 9]

    def _rank(self, row: Row, index: int) -> int:
        place = self._phone_types.get(index, -1)
        kind = row.cells[place].casefold() if 0 <= place < len(row.cells) else ""
        if any(word in kind for word in ("mobile", "cell", "handy", "sms", "whatsapp")):
            return 0
        if any(word in kind for word in ("fax", "pager", "assistant", "emergency", "partner", "spouse")):
            return 9
        return 2 if "work" in kind or "home" in kind else 1


def _judge(row: Row, places: _Places, rules: Rules, seen: Seen) -> Contact | Outcome:
    if row.unreadable:
        return Outcome(row, Status.INVALID, row.unreadable)
    refusal, cautions = _consent(row, places)
    phone = choose(places.phones(row), region=rules.phone_region, mobile_only=rules.mobile_only)
    if isinstance(phone, NoPhone):
        return refusal or Outcome(row, Status.INVALID, phone.reason, _shape(row, places))
    # People who said no are remembered too: a later row with their number is not sent.
    earlier = seen.earlier(phone.e164, row.number)
    if refusal:
        return refusal
    if earlier is not None:
        return Outcome(row, Status.DUPLICATE, _same_as(earlier))
    if phone.caution:
        cautions.append(Caution("phone_number", phone.caution))
    cautions.extend(_shape(row, places))
    filled = _values(row, places, rules, phone.e164, cautions)
    own = Labels(values.label_names(places.all(row, Role.TAGS)), values.label_names(places.all(row, Role.LISTS)))
    labels = rules.labels + own if own != _NO_LABELS else rules.labels
    return Contact(row, filled, labels, tuple(cautions))


_NO_LABELS = Labels()


def _same_as(earlier: int) -> str:
    return f"phone_number: the same number is in {f'row {earlier}' if earlier else 'an earlier row'}"


def _consent(row: Row, places: _Places) -> tuple[Outcome | None, list[Caution]]:
    cautions: list[Caution] = []
    for index, kind in places.consents:
        answer = says_no(row.cells[index], kind) if index < len(row.cells) else False
        if answer:
            return Outcome(row, Status.OPTED_OUT, "consent: the file says no to SMS"), cautions
        if answer is None:
            cautions.append(Caution("consent", "the words in the column are neither a yes nor a no"))
    return None, cautions


def _shape(row: Row, places: _Places) -> tuple[Caution, ...]:
    if row.flaw:
        return (Caution("row", row.flaw),)
    if len(row.cells) > places.width and any(cell.strip() for cell in row.cells[places.width :]):
        return (Caution("row", "more cells than the header has"),)
    return ()


_AUSTRALIA = frozenset({"", "au", "aus", "australia", "australien", "australie", "commonwealth of australia"})


def _values(row: Row, places: _Places, rules: Rules, phone: str, cautions: list[Caution]) -> tuple[str, ...]:
    first, last = _name(row, places)
    email, wrong = values.email(places.all(row, Role.EMAIL))
    if wrong:
        cautions.append(Caution("email", "not an e-mail address"))
    country = values.clean(places.one(row, Role.COUNTRY)).casefold()
    australian = rules.phone_region == "AU" and country in _AUSTRALIA
    postal_code, repaired = values.postal_code(places.one(row, Role.POSTAL_CODE), australian=australian)
    if repaired:
        cautions.append(Caution("postal_code", "the zero in front was given back"))
    return (
        first,
        last,
        phone,
        _birthday(row, places, rules, cautions),
        values.address(places.all(row, Role.ADDRESS)),
        email,
        postal_code,
        values.gender(places.one(row, Role.GENDER), places.one(row, Role.TITLE)),
        values.clean(places.one(row, Role.PURCHASE)),
    )


def _name(row: Row, places: _Places) -> tuple[str, str]:
    first = values.clean(places.one(row, Role.FIRST_NAME))
    last = values.clean(places.one(row, Role.LAST_NAME))
    if first:
        return first, last
    full = values.clean(places.one(row, Role.FULL_NAME))
    if last and last.casefold() not in full.casefold():
        return full, last  # `Name,Last name`
    return names.split(full) if full else ("", last)


def _birthday(row: Row, places: _Places, rules: Rules, cautions: list[Caution]) -> str:
    if cell := places.one(row, Role.BIRTHDAY):
        found = birthdays.read_birthday(cell, today=rules.today, day_first=rules.day_first)
    elif places.has_birth_parts:
        parts = (places.one(row, role) for role in (Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTH_DAY))
        found = birthdays.from_parts(*parts, today=rules.today)
    else:
        return ""
    if found.caution:
        cautions.append(Caution("birthday", found.caution))
    return found.iso
