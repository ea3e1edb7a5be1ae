"""What the cells of a column look like, whatever stands above them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from contact_import.fields import text as values
from contact_import.fields.phone import Phone, read_phone

_LETTERS = re.compile(r"[^\W\d_]+(?:[-'\u2019., &]+[^\W\d_]+)*\.?")
_NO_PHONE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b.*|[$€£].*|\d{1,3}(\.\d{1,3}){3}|-?\d+[.,]\d{1,3}|\d{4}-\d{2}-\d{2}.*|\d{1,6}",
    re.DOTALL,
)
_DIGITS = re.compile(r"(?:[a-z]+[.:]? ?)?[+(]?\d[\d ()./+-]{4,20}\d|\d[.,]\d+e\+?\d\d", re.IGNORECASE)
_ANSWERS = frozenset(
    "yes|no|y|n|true|false|t|f|1|0|ja|nein|oui|non|si|sí|x|on|off|opt in|opt out|opt-in|opt-out|opted in|opted out|"
    "opted-in|opted-out|optin|optout|subscribed|unsubscribed|not subscribed|never subscribed|granted|denied".split("|")
)
_TITLES = frozenset(
    "mr mrs ms miss mx dr prof sir madam rev herr frau m mme mlle monsieur madame sr sra srta dhr mevr".split()
)


class Look(StrEnum):
    MOBILE = "mobile"  # one of the region's
    PHONE = "phone"  # another number that exists
    DIGITS = "digits"  # as long as a number, with nothing in it that a number has not
    EMAIL = "email"
    ANSWER = "answer"  # yes or no
    TITLE = "title"  # Mr, Ms
    NAME = "name"  # two words or more, of letters
    WORD = "word"  # one word of letters
    CODE = "code"  # digits and signs without a letter, and none of the above
    OTHER = "other"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Looks:
    """The looks of a column's filled cells. `share` of a column without any is 0 for all."""

    counts: Counter[Look] = field(default_factory=Counter)
    distinct: int = 0

    @property
    def filled(self) -> int:
        return self.counts.total()

    def share(self, *looks: Look) -> float:
        return sum(self.counts[look] for look in looks) / (self.filled or 1)

    @property
    def phones(self) -> float:
        return self.share(Look.MOBILE, Look.PHONE)

    @property
    def maybe_phones(self) -> float:
        return self.share(Look.MOBILE, Look.PHONE, Look.DIGITS)


def look_of(cell: str, region: str) -> Look:
    text = values.clean(cell[:200])
    if not text:
        return Look.EMPTY
    if "@" in text:
        return Look.EMAIL if values.email([text])[0] else Look.OTHER
    if any(letter.isdecimal() for letter in text):
        return _look_of_digits(text, region)
    word = text.casefold().rstrip(".")
    if word in _TITLES:
        return Look.TITLE
    if word in _ANSWERS:
        return Look.ANSWER
    if not _LETTERS.fullmatch(text) or len(text) > 60:
        return Look.OTHER
    return Look.NAME if " " in text else Look.WORD


def _look_of_digits(text: str, region: str) -> Look:
    if text in _ANSWERS:
        return Look.ANSWER
    if _NO_PHONE.fullmatch(text) or len(text) > 60:
        return _code(text)
    if isinstance(read_phone(text, region=region, mobile_only=True, in_words=False), Phone):
        return Look.MOBILE
    if isinstance(read_phone(text, region=region, mobile_only=False, in_words=False), Phone):
        return Look.PHONE
    return Look.DIGITS if _DIGITS.fullmatch(text) else _code(text)


def _code(text: str) -> Look:
    return Look.OTHER if any(letter.isalpha() for letter in text) else Look.CODE


def looks_of(cells: Iterable[str], region: str, *, most: int = 60) -> Looks:
    """Of a column's first filled cells, `most` of them."""
    filled = list(islice((cell for cell in cells if cell and not cell.isspace()), most))
    counts = Counter(look_of(cell, region) for cell in filled)
    del counts[Look.EMPTY]
    return Looks(counts, len(set(filled)))


def is_person(cells: Sequence[str], region: str) -> bool:
    """Whether a row is certainly data: it has a phone or an e-mail address in it."""
    return any(look_of(cell, region) in (Look.MOBILE, Look.PHONE, Look.EMAIL) for cell in cells)
