from typing import Any

from contact_import.checks.canary import find_blocking_error
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.fields.phone import read_phone
from contact_import.fields.phone_reasons import NoPhone
from contact_import.ledger.records import BatchRecord
from contact_import.reports.advice import Todo, count_todos, find_advice, group_reasons
from contact_import.reports.summary import STATUS_MEANINGS, get_status_meanings
from contact_import.sending.deliver import BatchResult

# One cell for each thing that can be wrong with a number.
CELLS = [
    *("", "none of your business", "6.14E+10", "0491 570 1", "0491 570 156 157", "(02) 5550 1234", "1300 975 707"),
    *("+1 416 555 0100", "0491 57x 804", "0000000000"),
]


def test_every_status_has_a_meaning_and_every_failure_an_advice() -> None:
    assert set(STATUS_MEANINGS) == set(Status)
    for status in set(Status) - {Status.ACCEPTED}:
        assert find_advice(status, "words that nobody knows").advice


def test_what_was_not_sent_is_not_laid_on_an_endpoint_that_may_have_answered() -> None:
    assert "Nobody answered" not in STATUS_MEANINGS["unsent"]
    assert "reason" in STATUS_MEANINGS["unsent"]


def test_every_reason_against_a_number_has_a_separate_cause() -> None:
    fallback = find_advice("invalid", "words that nobody knows")

    for cell in CELLS:
        found = read_phone(cell)
        assert isinstance(found, NoPhone), cell
        assert find_advice("invalid", f"Mobile: {found.reason}") is not fallback, found.reason


def test_reasons_of_one_cause_are_one_group_and_those_to_act_on_come_first() -> None:
    groups = group_reasons(
        [
            {"status": "opted_out", "reason": "consent: the file says no to SMS", "count": 9},
            {"status": "invalid", "reason": "Mobile: a landline, not an Australian mobile", "count": 3},
            {"status": "invalid", "reason": "Phone: a service number, not an Australian mobile", "count": 2},
        ]
    )

    assert [(group.status, group.count, len(group.reasons)) for group in groups] == [
        ("invalid", 5, 2),
        ("opted_out", 9, 1),
    ]


def test_no_one_is_asked_to_upload_a_whole_file_again_for_one_row_since_the_others_would_be_sent_twice() -> None:
    reasons = [
        ("invalid", "row: the file ends in the middle of this row"),
        ("opted_out", "SMS: cannot tell whether “maybe” means yes; write Yes if it does"),
    ]

    for status, reason in reasons:
        advice = find_advice(status, reason).advice

        assert "in failed.csv and upload that file" in advice
        assert "upload it again" not in advice
        assert "the file again" not in advice


def test_a_remark_that_may_mean_no_sms_is_to_be_corrected() -> None:
    advice = find_advice("opted_out", "Notes: “no calls” may mean no SMS; if it does not, change the cell")

    assert advice.todo is Todo.CORRECT


def test_a_row_of_a_number_that_is_unclear_elsewhere_does_not_say_that_the_other_row_says_no() -> None:
    advice = find_advice("opted_out", "consent: another row has the same number, and its consent is unclear")

    assert "says no" not in advice.cause
    assert "Correct that row" in advice.advice


def test_after_a_check_the_meaning_of_a_status_names_the_users_file() -> None:
    assert "in your file" in get_status_meanings(dry_run=True)["invalid"]
    assert "in failed.csv" in get_status_meanings(dry_run=False)["invalid"]


def test_no_one_is_asked_to_upload_again_what_was_held_back_since_the_first_were_refused() -> None:
    first = tuple(Outcome(Row(number, ()), Status.REFUSED, "phone_number is not valid") for number in (2, 3))

    advice = find_advice("unsent", find_blocking_error([BatchRecord(1, 1, BatchResult(first, {}))]))

    assert "again later" not in advice.advice
    assert "column" in advice.advice


def test_words_of_cellcast_are_not_taken_for_ours() -> None:
    theirs = find_advice("refused", "Mobile: empty")

    assert theirs is find_advice("refused", "anything else")


def test_what_to_correct_comes_before_what_needs_nothing_whatever_the_counts() -> None:
    groups = group_reasons(
        {"status": status, "reason": "words that nobody knows", "count": count}
        for status, count in (("duplicate", 900), ("unknown", 1), ("opted_out", 2), ("unsent", 3), ("invalid", 1))
    )

    assert [group.status for group in groups] == ["invalid", "unsent", "unknown", "duplicate", "opted_out"]


def test_every_failed_row_is_counted_under_one_todo() -> None:
    reasons: list[dict[str, Any]] = [
        {"status": status, "reason": "words that nobody knows", "count": count}
        for count, status in enumerate(set(Status) - {Status.ACCEPTED}, start=1)
    ]

    assert sum(count_todos(reasons).values()) == sum(reason["count"] for reason in reasons)


def test_a_value_of_consent_that_is_unclear_is_to_correct_and_a_no_is_not() -> None:
    unclear = {"status": "opted_out", "reason": "SMS: cannot tell whether “Pending” is a yes or a no", "count": 1}
    no = {"status": "opted_out", "reason": "SMS: “no” means no SMS", "count": 1}

    assert count_todos([unclear, no]) == {Todo.CORRECT: 1, Todo.NOTHING: 1}
