import random
import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.fields.phone import _COMMON_MOBILE, Phone, choose_phone, read_phone
from contact_import.fields.phone_reasons import MISSING, NoPhone
from contact_import.fields.relatives import RELATIVE_WORDS

MOBILE = Phone("+61491570006")


@pytest.mark.parametrize(
    "cell",
    [
        "0491 570 006",
        "0491570006",
        "491570006",
        "4 9157 0006",
        "+61491570006",
        "+61 491 570 006",
        "+61 (0)491 570 006",
        "+61 0491 570 006",
        "61491570006",
        "0061 491 570 006",
        "0011 61 491 570 006",
        "(04) 9157 0006",
        "(0491) 570-006",
        "0491.570.006",
        "0491\u2013570\u2212006",
        "0491\u00a0570\u200b006",
        "\u202a0491 570 006\u202c",
        "\uff10\uff14\uff19\uff11\uff15\uff17\uff10\uff10\uff10\uff16",
        "\u0660\u0664\u0669\u0661\u0665\u0667\u0660\u0660\u0660\u0666",
        "tel:0491570006",
        "p:+61491570006",
        "Mobile: 0491 570 006",
        "0491 570 006 ext 12",
        "'0491570006",
        '="0491570006"',
        "=+61491570006",
        "491570006.0",
        "6.1491570006E+10",
        "6,1491570006E+10",
        "4.91570006e8",
        "\u20180491570006",
        "'0491570006'",
        "0491\t570\t006",
        "0491_570_006",
        "0491\u00b7570\u00b7006",
        "491,570,006",
        "++61491570006",
    ],
)
def test_every_spelling_of_a_mobile_is_the_same_number(cell: str) -> None:
    assert read_phone(cell) == MOBILE


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("(02) 5550 1234", "landline"),
        ("1300 975 707", "service number"),
        ("13 11 14", "service number"),
        ("1800 160 401", "service number"),
        ("190 123 4567", "service number"),
        ("+1 416 555 0100", "international number"),
        ("33611111111", "international number"),
        ("0591 570 006", "not an Australian mobile"),
        ("123", "too short"),
        ("12345", "too short"),
        ("04915", "too short"),
        ("+61 491 570", "too short"),
        ("0491 570 006 1", "too long"),
        ("0491 57x 804", "contains a letter"),
        ("(02) 5550 1234 / (02) 5550 1235", "several numbers"),
        ("0591 570 006 / 0591 570 007", "several numbers"),
        ("+61 491 570 006 123 456 789", "too long"),
        ("6.14E+10", "digits are lost"),
        ("6.149157E+10", "digits are lost"),
        ("0491 abc 006", "not a phone number"),
        ("1-800-FLOWERS", "not a phone number"),
        ("0491 570 006 (mum)", "marked as another person's number"),
        ("0491 570 006 - husband Tom", "marked as another person's number"),
        ("Mum: 0491 570 006", "marked as another person's number"),
        ("<test lead>", "not a phone number"),
    ],
)
def test_what_is_no_mobile_says_why(cell: str, words: str) -> None:
    found = read_phone(cell)

    assert isinstance(found, NoPhone)
    assert re.search(words, found.reason)
    assert not found.reason.startswith("phone_number")


@pytest.mark.parametrize("cell", ["", " ", "-", "--", "N/A", "null", "NaN", "(blank)", "(None)", "\u200b", "'"])
def test_a_cell_that_says_nothing_is_missing(cell: str) -> None:
    assert read_phone(cell) == MISSING


@pytest.mark.parametrize(
    "cell",
    [
        "0491 570 006 / 0491 570 156",
        "(02) 5550 1234 or 0491570006",
        "0491570006 ::: 02 5550 1234",
        "02 5550 1234\n0491570006",
        "0491570006 - 0491570156",
        "0491570006 0491570156",
        "0491 570 006 0491 570 156",
        "02 5550 1234 0491 570 006",
        "H: 02 5550 1234 M: 0491 570 006",
    ],
)
def test_of_two_numbers_in_a_cell_the_first_mobile_is_taken_and_reported(cell: str) -> None:
    found = read_phone(cell)

    assert isinstance(found, Phone)
    assert found.e164 == MOBILE.e164
    assert "two numbers" in found.warning


@pytest.mark.parametrize(
    "cell",
    [
        "Ann 0491 570 006",
        "0491 570 006 (Ann, Optus)",
        "0491 570 006 - after five",
        "Mobile No. 0491 570 006",
        "WhatsApp: +61 491 570 006",
        "[0491570006]",
        "0491570006;",
        "\U0001f4f1 0491570006",
        "ann@example.com 0491 570 006",
    ],
)
def test_what_is_beside_a_number_is_passed_over(cell: str) -> None:
    found = read_phone(cell)

    assert isinstance(found, Phone)
    assert found.e164 == MOBILE.e164


@pytest.mark.parametrize(
    "cell",
    [
        "0491 570 006 (mum)",
        "0491 570 006 wrong number",
        "0491570006 DO NOT TEXT",
        "no sms 0491570006",
        "0491570006, do not text",
        "0491 570 006 / wrong number",
        "400000.000",
        "x0491570006",
        "O491570006",
        "0491570006x",
        "0491570006@example.com",
        "order 491570006",
    ],
)
def test_a_number_that_its_words_warn_of_is_not_taken(cell: str) -> None:
    assert isinstance(read_phone(cell), NoPhone)


@pytest.mark.parametrize("word", sorted(RELATIVE_WORDS))
def test_a_number_beside_a_word_for_another_person_is_not_taken(word: str) -> None:
    assert isinstance(read_phone(f"0491 570 006 ({word.capitalize()})"), NoPhone)


def test_a_landline_among_words_is_called_one() -> None:
    found = read_phone("Ann (02) 5550 1234")

    assert isinstance(found, NoPhone)
    assert "landline" in found.reason


@given(st.from_regex(_COMMON_MOBILE.pattern, fullmatch=True))
def test_the_fast_way_and_the_slow_one_agree_on_every_spelling(cell: str) -> None:
    assert read_phone(cell) == read_phone(f"\u200b{cell}")  # which the fast way does not know


def test_with_every_valid_number_let_in_landlines_and_foreign_ones_are() -> None:
    assert read_phone("(02) 5550 1234", mobile_only=False) == Phone("+61255501234")
    assert read_phone("+64 21 555 123", mobile_only=False) == Phone("+6421555123")


def test_a_plus_that_was_lost_is_restored_and_reported() -> None:
    found = read_phone("33611111111", mobile_only=False)

    assert found == Phone("+33611111111", "read as an international number without its plus")


def test_another_region_reads_its_own_national_numbers() -> None:
    assert read_phone("021 555 123", region="NZ") == Phone("+6421555123")
    assert isinstance(read_phone("0491570006", region="NZ"), NoPhone)


def test_the_first_column_with_a_mobile_wins() -> None:
    assert choose_phone(["", "(02) 5550 1234", "0491570006", "0491570156"]) == MOBILE


def test_without_a_mobile_the_first_filled_column_says_why() -> None:
    found = choose_phone(["", "(blank)", "(02) 5550 1234", "123"])

    assert isinstance(found, NoPhone)
    assert "landline" in found.reason
    assert choose_phone(["", "-"]) == MISSING


@given(st.text(max_size=40))
def test_no_cell_breaks_the_reader_and_none_is_repeated_in_a_reason(cell: str) -> None:
    for mobile_only in (True, False):
        found = read_phone(cell, mobile_only=mobile_only)
        if isinstance(found, Phone):
            assert phonenumbers.is_valid_number(phonenumbers.parse(found.e164))
        else:
            # A cell such as "phone_" may well be a part of our reason.
            is_ours = cell.strip() in "not a phone number"
            assert len(cell.strip()) < 6 or is_ours or cell.strip() not in found.reason


_SPELLINGS = (
    "{a}{b}{c}",
    "0{a} {b} {c}",
    "+61{a}{b}{c}",
    "+61 {a} {b} {c}",
    "61{a}{b}{c}",
    "0061{a}{b}{c}",
    "0{a}-{b}-{c}",
    "0{a}.{b}.{c}",
    "+61 (0){a} {b} {c}",
)


def test_the_fast_way_finds_what_the_library_finds_over_the_whole_range() -> None:
    """A dense sample of all 10^8 numbers: every prefix of five digits, with the tails at both ends and one between."""
    dice = random.Random(4)
    for prefix in range(40000, 50000):
        digits = f"{prefix}{dice.choice(('0000', '9999', f'{dice.randrange(10000):04d}'))}"
        a, b, c = digits[:3], digits[3:6], digits[6:]
        number = phonenumbers.PhoneNumber(country_code=61, national_number=int(digits))

        found = read_phone(dice.choice(_SPELLINGS).format(a=a, b=b, c=c))

        assert phonenumbers.is_valid_number(number) == isinstance(found, Phone), digits
        if isinstance(found, Phone):
            assert found.e164 == f"+61{digits}"


@pytest.mark.parametrize("spelling", _SPELLINGS)
def test_the_fast_way_reads_each_spelling_as_the_library_does(spelling: str) -> None:
    for tail in ("000000", "570006", "999999"):
        for head in range(400, 500, 7):
            cell = spelling.format(a=head, b=tail[:3], c=tail[3:])
            parsed = phonenumbers.parse(f"+61{head}{tail}")
            found = read_phone(cell)

            assert isinstance(found, Phone) == phonenumbers.is_valid_number(parsed)
            if isinstance(found, Phone):
                assert found == Phone(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
