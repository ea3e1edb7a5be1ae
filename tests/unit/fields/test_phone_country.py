import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.fields.phone import Phone, read_phone
from contact_import.fields.phone_country import (
    UNKNOWN_COUNTRY,
    add_area_code,
    add_calling_code,
    is_home,
    list_variants,
    parse_first_valid,
    read_country,
)
from contact_import.fields.phone_reasons import NoPhone

_FOREIGN_REGIONS = sorted(region for region in phonenumbers.SUPPORTED_REGIONS if not is_home(region, "AU"))
_NATIONAL_SPELLINGS = (
    *("0491570006", "491570006", "0491 570 006", "0491-570-006", "+0491570006", "+1 0491570006", "mob0491570006"),
    *("61491570006", "491,570,006.00", "0491 57 00 06", "Ann 0491570006", "02 5550 1234 / 0491570006", "$491570006"),
)


@pytest.mark.parametrize(
    ("cell", "country"),
    [
        *((cell, "AU") for cell in ("AU", "au", "Australia", "+61", "0061", "61", "AU (+61)", "Western Australia")),
        *((cell, "AU") for cell in ("\U0001f1e6\U0001f1fa", "Australie", "AUS")),
        *(("BE", "BE"), ("+32", "BE"), ("Belgium (+32)", "BE"), ("USA", "US"), ("uk", "GB")),
        *((cell, UNKNOWN_COUNTRY) for cell in ("Belgium", "Nederland", "Wakanda")),
        *((cell, "") for cell in ("", " ", "N/A", "Unknown", "-", "13", "32")),
    ],
)
def test_a_country_is_read_from_names_and_codes(cell: str, country: str) -> None:
    assert read_country(cell) == country


def test_a_bare_number_is_a_calling_code_below_a_header_of_such() -> None:
    assert (read_country("32", is_calling_code=True), read_country("61", is_calling_code=True)) == ("BE", "AU")


@given(st.sampled_from(_NATIONAL_SPELLINGS), st.sampled_from([*_FOREIGN_REGIONS, UNKNOWN_COUNTRY]))
def test_a_number_of_a_foreign_row_is_never_read_as_australian(cell: str, country: str) -> None:
    assert isinstance(read_phone(cell, country=country), NoPhone)


@given(st.sampled_from(["+61491570006", "0061491570006", "+61 (0)491 570 006"]), st.sampled_from(_FOREIGN_REGIONS))
def test_a_number_with_its_country_code_is_australian_wherever_its_owner_lives(cell: str, country: str) -> None:
    found = read_phone(cell, country=country)

    assert found == Phone("+61491570006") or not cell.startswith("+")


def test_the_numbers_of_a_foreign_row_may_go_in_where_these_are_let_in() -> None:
    assert read_phone("0491 57 01 56", country="BE", mobile_only=False) == Phone("+32491570156")


@pytest.mark.parametrize(
    ("number", "area_code", "whole"),
    [
        ("570006", "491", "491 570006"),
        ("5550 1234", "02", "02 5550 1234"),
        ("0491570006", "02", "0491570006"),
        ("+61491570006", "491", "+61491570006"),
        ("570006", "", "570006"),
        ("", "02", ""),
    ],
)
def test_an_area_code_belongs_to_a_number_without_one(number: str, area_code: str, whole: str) -> None:
    assert add_area_code(number, area_code) == whole


@given(st.sampled_from(_NATIONAL_SPELLINGS), st.sampled_from([*_FOREIGN_REGIONS, UNKNOWN_COUNTRY]))
def test_a_number_with_a_foreign_calling_code_is_never_australian(number: str, country: str) -> None:
    assert isinstance(read_phone(add_calling_code(number, country)), NoPhone)


@pytest.mark.parametrize(
    ("number", "country", "whole"),
    [
        ("0491 57 01 56", "BE", "+32491570156"),
        ("+61491570156", "BE", "+61491570156"),
        ("0061491570156", "BE", "0061491570156"),
        ("0491570156", "", "0491570156"),
    ],
)
def test_a_national_number_gets_the_code_of_its_country(number: str, country: str, whole: str) -> None:
    assert add_calling_code(number, country) == whole


def test_the_codes_by_which_countries_dial_abroad_are_read() -> None:
    for text in ("0011 61 491570006", "011 61 491570006", "0061 491570006", "+61 0491570006"):
        digits = text.replace(" ", "")
        number = parse_first_valid(list_variants(text, digits, "AU"), "AU")

        assert number is not None
        assert (number.country_code, number.national_number) == (61, 491570006)


def test_no_spelling_that_is_a_number_gives_none() -> None:
    assert parse_first_valid(list_variants("12", "12", "AU"), "AU") is None
