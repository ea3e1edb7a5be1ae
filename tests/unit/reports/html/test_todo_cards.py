import pytest

from contact_import.contacts.row_reasons import NO_PHONE_COLUMN
from contact_import.fields.phone_reasons import HAS_LETTER, OTHER_COUNTRY, SEVERAL
from contact_import.reports.html.todo_cards import build_todo_sections


def test_each_todo_is_a_section_with_a_card_for_each_cause() -> None:
    reasons = [
        {"status": "duplicate", "reason": "Mobile: same number as an earlier row", "count": 9},
        {"status": "invalid", "reason": "Mobile: empty", "count": 1, "first_rows": [4]},
        {"status": "refused", "reason": "0491570156 is not valid", "count": 2, "first_rows": [2, 3]},
    ]

    correct, nothing = build_todo_sections(reasons, dry_run=False)

    assert (correct.anchor, correct.count, correct.todo) == ("correct", 3, "to correct")
    assert [(card.status, card.count) for card in correct.cards] == [("refused", 2), ("invalid", 1)]
    assert correct.cards[0].reasons[0].first_rows == [2, 3]
    assert "0491570156" not in correct.cards[0].reasons[0].text.shown
    assert (nothing.todo, nothing.cards[0].reasons[0].first_rows) == ("need nothing", ())


def test_a_card_shows_ten_reasons_and_counts_the_others() -> None:
    reasons = [{"status": "refused", "reason": f"word {n}", "count": 1, "first_rows": [n]} for n in range(15)]

    (section,) = build_todo_sections(reasons, dry_run=False)

    assert (len(section.cards[0].reasons), section.cards[0].more) == (10, 5)


def test_after_a_check_the_whole_file_is_corrected_since_nothing_of_it_was_sent() -> None:
    reasons = [{"status": "invalid", "reason": "Mobile: empty", "count": 1, "first_rows": [4]}]

    (checked,) = build_todo_sections(reasons, dry_run=True)
    (imported,) = build_todo_sections(reasons, dry_run=False)

    assert "your file" in checked.advice
    assert "failed.csv" in imported.advice


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("invalid", f"Mobile: {HAS_LETTER}"),
        ("invalid", f"Mobile: {SEVERAL}"),
        ("invalid", f"Mobile: {OTHER_COUNTRY}"),
        ("invalid", "row: a cell is longer than 1 MiB"),
        ("invalid", NO_PHONE_COLUMN),
        ("opted_out", "SMS: cannot tell whether “maybe” means yes; write Yes if it does"),
        ("opted_out", "SMS: “yes” is a yes, but No SMS says “yes”"),
        ("opted_out", "consent: the name says not to contact this person"),
    ],
)
def test_after_a_check_no_card_asks_to_upload_failed_csv_which_lacks_the_rows_without_a_fault(
    status: str, reason: str
) -> None:
    reasons = [{"status": status, "reason": reason, "count": 1, "first_rows": [4]}]

    (checked,) = build_todo_sections(reasons, dry_run=True)
    (imported,) = build_todo_sections(reasons, dry_run=False)

    assert "in your file." in checked.cards[0].advice
    assert "in failed.csv and upload that file" in imported.cards[0].advice
