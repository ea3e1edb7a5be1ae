from contact_import.fields.phone_variants import list_variants, parse_first_valid


def test_the_codes_by_which_countries_dial_abroad_are_read() -> None:
    for text in ("0011 61 491570006", "011 61 491570006", "0061 491570006", "+61 0491570006"):
        digits = text.replace(" ", "")
        number = parse_first_valid(list_variants(text, digits, "AU"), "AU")

        assert number is not None
        assert (number.country_code, number.national_number) == (61, 491570006)


def test_no_spelling_that_is_a_number_gives_none() -> None:
    assert parse_first_valid(list_variants("12", "12", "AU"), "AU") is None
