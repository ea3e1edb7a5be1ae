"""Rows as lines of text, and what validation makes of them."""

from datetime import date

from contact_import.columns.detect import detect_columns
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import CONTACT_FIELDS, Contact, validate_rows
from contact_import.domain.outcomes import Outcome
from contact_import.domain.row import Row

TODAY = date(2026, 11, 23)


def validate_lines(header: str, *lines: str, rules: ValidationRules | None = None) -> list[Contact | Outcome]:
    return validate_rows_of(*(tuple(line.split(",")) for line in (header, *lines)), rules=rules)


def validate_rows_of(*rows: tuple[str, ...], rules: ValidationRules | None = None) -> list[Contact | Outcome]:
    """Return the results of the rows below the first, which is the header."""
    numbered = [Row(number, cells) for number, cells in enumerate(rows, 1)]
    columns, skip = detect_columns(numbered)
    return list(validate_rows(numbered[skip:], columns, rules or ValidationRules(TODAY)))


def read_contact(header: str, line: str, rules: ValidationRules | None = None) -> dict[str, str]:
    """Return the fields of the only row that are not empty."""
    (contact,) = validate_lines(header, line, rules=rules)
    assert isinstance(contact, Contact), contact
    return {name: value for name, value in zip(CONTACT_FIELDS, contact.values, strict=True) if value}


def list_warnings(header: str, line: str) -> list[tuple[str, str]]:
    (result,) = validate_lines(header, line)
    return [(warning.field, warning.reason) for warning in result.warnings]
