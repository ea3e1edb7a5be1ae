"""Roles that only the values tell."""

import pytest

from contact_import.domain.roles import Role
from contact_import.fields.relatives import RELATIVE_WORDS
from tests.unit.columns.column_reader import list_headers, map_fields, read_columns


@pytest.mark.parametrize(
    ("file", "header"),
    [
        ("Ada,Moss,0491 570 006,ada@example.com", ("first_name", "last_name", "phone_number", "email")),
        ("7,Ada Moss,2024-01-31,0491 570 006,6000", ("column 1", "full_name", "column 3", "phone_number", "column 5")),
    ],
)
def test_a_file_without_a_header_is_read_by_its_values(file: str, header: tuple[str, ...]) -> None:
    columns = read_columns(file)

    assert columns.header == header


def test_an_unknown_language_is_read_by_its_values_and_says_so() -> None:
    columns = read_columns("Imię i nazw.,Kontakt,Poczta\nAda Moss,0491 570 006,ada@example.com")

    assert map_fields(columns) == {"Imię i nazw.": "name", "Kontakt": "phone_number", "Poczta": "email"}
    assert {warning.field for warning in columns.warnings} == {"name", "phone_number", "email"}


@pytest.mark.parametrize(
    ("file", "first", "last", "full"),
    [
        ("Vorname,Name,Handy\nAda,Moos,0491570006", ["Vorname"], ["Name"], []),
        ("Prénom,Nom,Portable\nAda,Moos,0491570006", ["Prénom"], ["Nom"], []),
        ("Name,Last name,Mobile\nAda,Moss,0491570006", [], ["Last name"], ["Name"]),
        ("First; what is your name?,Mobile\nAda Moss,0491570006", [], [], ["First; what is your name?"]),
        ("First Name,Name,Mobile\nAda,Ada Moss,0491570006", ["First Name"], [], ["Name"]),
        ("Nombre,Móvil\nAda Moss,0491570006\nBo Lee,0491570156", [], [], ["Nombre"]),
        ("Nombre,Apellidos,Móvil\nAda,Moss,0491570006", ["Nombre"], ["Apellidos"], []),
    ],
)
def test_names_in_one_or_in_two_columns(file: str, first: list[str], last: list[str], full: list[str]) -> None:
    columns = read_columns(file)

    assert [list_headers(columns, role) for role in (Role.FIRST_NAME, Role.LAST_NAME, Role.FULL_NAME)] == [
        first,
        last,
        full,
    ]


def test_a_buyer_does_not_replace_the_attendee() -> None:
    columns = read_columns("Buyer First Name,Buyer Email,First Name,Email,Mobile\nBo,bo@example.com,Ada,,0491 570 006")

    assert list_headers(columns, Role.FIRST_NAME) == ["First Name"]
    assert list_headers(columns, Role.EMAIL) == ["Email"]


@pytest.mark.parametrize(
    "header",
    [
        *(f"Mobile (so we can reach your {word})" for word in sorted(RELATIVE_WORDS)),
        "Mobile (daughter)",
        "Best number to reach your son",
        "Mobile for your parent",
        "Phone of a neighbour",
    ],
)
def test_mobiles_of_another_person_are_not_inferred_to_be_the_contacts(header: str) -> None:
    columns = read_columns(f"Name,{header}\nAda Moss,0491570006\nBo Lee,0491570156")

    assert not columns.has_phones
