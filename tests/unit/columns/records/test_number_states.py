"""Use the good number of a row whose other number has a bad state."""

import pytest

from contact_import.columns.detect import detect_columns
from contact_import.columns.user_mapping import parse_mapping
from contact_import.contacts.validate import Contact
from contact_import.domain.row import Row
from contact_import.resubmission.stored_columns import parse_columns, serialize_columns
from tests.unit.contacts.row_validation import validate_rows_of

_HEADER = ("Name", "Phone 1", "Phone 1 status", "Phone 2", "Phone 2 status")


def _send(header: tuple[str, ...], *cells: str) -> str:
    """Return the number to which a row is sent, "" for a row that is held back."""
    (result,) = validate_rows_of(header, cells)
    return result.phone_number if isinstance(result, Contact) else ""


@pytest.mark.parametrize(
    ("cells", "number"),
    [
        (("0491570006", "valid", "0491570156", "invalid"), "+61491570006"),
        (("0491570006", "invalid", "0491570156", "valid"), "+61491570156"),
        (("0491570006", "disconnected", "0491570156", ""), "+61491570156"),
        (("0491570006", "", "", "invalid"), "+61491570006"),
        (("0491570006", "invalid", "", ""), ""),
        (("0491570006", "invalid", "0491570156", "unreachable"), ""),
        (("0491570006", "valid", "0491570156", "opted out"), ""),
        (("0491570006", "unsubscribed", "0491570156", "valid"), ""),
    ],
)
def test_a_bad_state_concerns_its_own_number(cells: tuple[str, ...], number: str) -> None:
    assert _send(_HEADER, "Ann Moss", *cells) == number


def test_a_number_belongs_to_the_phone_with_the_same_words() -> None:
    header = ("Name", "Mobile", "Mobile 2", "Mobile 2 valid", "Wrong number")

    assert _send(header, "Ann Moss", "0491570006", "0491570156", "No", "") == "+61491570006"
    assert _send(header, "Ann Moss", "0491570006", "0491570156", "Yes", "x") == ""


def test_a_number_that_is_left_out_is_reported() -> None:
    (result,) = validate_rows_of(_HEADER, ("Ann Moss", "0491570006", "invalid", "0491570156", "valid"))

    assert [warning.field for warning in result.warnings] == ["phone_number"]


def test_the_states_survive_import_json_and_a_settled_value() -> None:
    rows = [Row(1, _HEADER), Row(2, ("Ann Moss", "0491570006", "invalid", "0491570156", "valid"))]
    columns, _ = detect_columns(rows)
    assert parse_columns(serialize_columns(columns)) == columns

    mapping = parse_mapping(b'{"Phone 1 status": {"consent": {"invalid": "none"}}}', "mapping.json")
    settled, _ = detect_columns(rows, mapping=mapping)
    assert 1 not in settled.number_states
