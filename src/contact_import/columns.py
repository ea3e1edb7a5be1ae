"""Which column holds what. (The mapping follows.)"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from contact_import.outcomes import Caution


class Role(StrEnum):
    """What a column can hold. The names of Cellcast's fields, and the pieces that they are made from."""

    PHONE = "phone_number"
    PHONE_TYPE = "phone_type"  # "Mobile", "Work Fax" beside a number: Google's `Phone 1 - Type`
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    EMAIL = "email"
    BIRTHDAY = "birthday"
    BIRTH_YEAR = "birth_year"
    BIRTH_MONTH = "birth_month"
    BIRTH_DAY = "birth_day"
    POSTAL_CODE = "postal_code"
    ADDRESS = "address"  # a part of it: the parts are joined in the order of `places`
    COUNTRY = "country"  # also a part of the address: it stands under both
    GENDER = "gender"
    TITLE = "title"  # Mr, Ms: a hint at the gender when there is no column of its own
    PURCHASE = "purchase"
    TAGS = "tags"
    LISTS = "list"
    CONSENT = "consent"  # yes: may be contacted by SMS
    OPT_OUT = "opt_out"  # yes: may not
    STATUS = "subscription_status"  # words: subscribed, unsubscribed, cleaned


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file, as result.json tells of it. `field` is None for one that is left out."""

    header: str
    field: str | None


@dataclass(frozen=True, slots=True)
class Columns:
    """What was understood of the file's columns.

    `header_line` is the line of the header, None when the file has none (then `columns` have the headers
    `column 1`, `column 2`, …). `places` gives for each role the indexes of its cells in a row, best first;
    a role that no column has is absent. `phone_types` gives for the index of a phone the index of the cell
    that says what kind it is. `cautions` are the guesses that hold for the file as a whole.
    """

    header_line: int | None
    columns: tuple[Column, ...]
    places: Mapping[Role, tuple[int, ...]]
    phone_types: Mapping[int, int] = MappingProxyType({})
    cautions: tuple[Caution, ...] = ()
