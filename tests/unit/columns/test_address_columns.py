"""Find the columns that make up one address."""

import pytest

from contact_import.columns.detect import detect_columns
from contact_import.domain.roles import Role
from contact_import.domain.row import Row
from tests.unit.columns.column_reader import list_headers, read_columns


@pytest.mark.parametrize(
    ("header", "address"),
    [
        (
            "Country,State,Suburb,Address 2,Address 1,Postcode",
            ["Address 1", "Address 2", "Suburb", "State", "Country"],
        ),
        ("Shipping City,Shipping Street,Billing Street,Billing City", ["Billing Street", "Billing City"]),
        ("Work Street,Home Street,Work City,Home City", ["Home Street", "Home City"]),
        ("Business Street,Business City", ["Business Street", "Business City"]),
        ("Home Address,Home Address 2,Home City", ["Home Address", "Home Address 2", "Home City"]),
        ("Address 1 - Street,Address 1 - City,Address 2 - Street", ["Address 1 - Street", "Address 1 - City"]),
        ("Default Address Address1,Default Address City,Default Address Country Code", None),
        ("State,Country", []),
    ],
)
def test_one_address_is_put_together_in_its_order(header: str, address: list[str] | None) -> None:
    everything = header.split(",")
    cells = ",".join("abcdefgh"[: len(everything)])
    columns = read_columns(f"Name,Mobile,{header}\nAda,0491 570 006,{cells}")

    found = [columns.header[index] for index in columns.role_indexes.get(Role.ADDRESS, ())]
    assert found == (everything if address is None else address)


@pytest.mark.parametrize(
    ("cells", "address"),
    [
        (("1 High St, Perth", "", ""), ["Home Address"]),
        (("1 High St", "1 High St", "Perth"), ["Home Street", "Home City"]),
    ],
)
def test_a_whole_address_and_its_parts_are_never_both_sent(cells: tuple[str, ...], address: list[str]) -> None:
    header = Row(1, ("Mobile", "Home Address", "Home Street", "Home City"))

    columns, _ = detect_columns([header, Row(2, ("0491 570 006", *cells))])

    assert list_headers(columns, Role.ADDRESS) == address


def test_the_postcode_is_of_the_same_address() -> None:
    columns = read_columns(
        "Mobile,Business Street,Business Postal Code,Home Street,Home Postal Code\n0491570006,a,3000,b,6000"
    )

    assert list_headers(columns, Role.POSTAL_CODE) == ["Home Postal Code"]


def test_the_postcode_is_of_the_same_address_in_french() -> None:
    columns = read_columns(
        "Tél. mobile,Rue (bureau),Code postal (bureau),Rue (domicile),Code postal (domicile)\n,a,3000,b,6000"
    )

    assert list_headers(columns, Role.POSTAL_CODE) == ["Code postal (domicile)"]


def test_parts_of_two_addresses_with_the_same_headers_are_not_mixed() -> None:
    columns = read_columns(
        "Mobile,Addr 1 - Line 1,- City,Addr 2 - Line 1,- City\n0491570006,1 High St,Perth,2 Low Rd,Hobart"
    )

    assert columns.role_indexes[Role.ADDRESS] == (1, 2)
