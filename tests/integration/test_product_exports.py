"""Exports of products in their own columns: who is sent, under which name, and who is held back."""

from datetime import date
from pathlib import Path

import pytest

from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact, validate_rows
from contact_import.files.table import open_table

EXPORTS = Path(__file__).parents[1] / "fixtures" / "exports"
HELD, INVALID = "opted_out", "invalid"
EXPECTED = {
    "activecampaign": ("Ann Moss +61491570006", HELD, HELD, HELD),
    "cliniko": ("Ann Moss +61491570006", HELD, HELD, HELD, HELD),
    "deputy": ("Ann Moss +61491570006", HELD, "Di Poe +61491570158"),
    "eventbrite": ("Ann Moss +61491570006", HELD),
    "fresha": ("Ann Moss +61491570006", HELD, HELD),
    "google": ("Ann Moss +61491570006", HELD, INVALID),
    "gravity": ("Ann Moss +61491570006", "Bo Lee +61491570156", HELD),
    "hubspot": ("Ann Moss +61491570006", HELD, "Di Poe +61491570157"),
    "humanitix": ("Ann Moss +61491570006", HELD, "Di Poe +61491570158"),
    "jotform": ("Ann Moss +61491570006", HELD, HELD),
    "klaviyo": ("Ann Moss +61491570006", HELD, HELD, "Di Poe +61491570158"),
    "mailchimp": ("Ann Moss +61491570006", HELD, HELD),
    "mindbody": ("Ann Moss +61491570006", HELD, "Cy Orr +61491570157"),
    "msforms": ("Ann Moss +61491570006", HELD, "Di Orr +61491570158"),
    "myob": ("Ann Moss +61491570006", HELD),
    "outlook": ("Ann Moss +61491570006", HELD, "Di Poe +61491570158"),
    "pipedrive": ("Ann Moss +61491570006", HELD, HELD, HELD, "Flo Ray +61491570159"),
    "salesforce": ("Ann Moss +61491570006", HELD, "Cy Orr +61491570157", HELD, HELD),
    "shopify": ("Ann Moss +61491570006", HELD, HELD, HELD),
    "square": ("Ann Moss +61491570006", HELD, "Cy Orr +61491570157"),
    "trybooking": ("Ann Moss +61491570006", HELD),
    "typeform": ("Ann Moss +61491570006", HELD),
    "woocommerce": ("Ann Moss +61491570006", HELD),
    "xero": ("Ann Moss +61491570006", "Bo Lee +61491570156"),
    "zoho": ("Ann Moss +61491570006", HELD, HELD, "Di Poe +61491570158"),
}


def _read_export(name: str) -> list[str]:
    with (EXPORTS / f"{name}.csv").open("rb") as stream:
        table = open_table(stream, region="AU")
        results = list(validate_rows(table.rows, table.columns, ValidationRules(date(2026, 11, 30))))
    return [
        f"{one.values[0]} {one.values[1]} {one.phone_number}" if isinstance(one, Contact) else one.status.value
        for one in results
    ]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_right_people_of_an_export_are_sent(name: str) -> None:
    assert tuple(_read_export(name)) == EXPECTED[name]


def test_every_export_is_read() -> None:
    assert {path.stem for path in EXPORTS.glob("*.csv")} == EXPECTED.keys()
