"""The people of a submission, validated as rows are."""

from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.webhooks.submission_contacts import count_sendable, find_opted_out_rows, validate_submission
from tests.make_submissions import make_person, make_submission


def test_each_person_is_a_contact_with_the_labels_or_an_outcome_with_its_number() -> None:
    people = (make_person("0491 570 006", first_name="Ada"), make_person("12"))

    reading, outcomes = validate_submission(make_submission("k", *people, labels=Labels(("vip",))), frozenset())
    ada, short = outcomes

    assert isinstance(ada, Contact)
    assert (ada.phone_number, ada.labels.tags) == ("+61491570006", ("vip",))
    assert isinstance(short, Outcome)
    assert (short.row.number, short.status) == (2, Status.INVALID)
    assert [column.field for column in reading.columns] == ["phone_number", "first_name"]
    assert reading.warnings == ()


def test_the_reason_of_an_empty_delivery_is_a_warning() -> None:
    reading, outcomes = validate_submission(make_submission("k", reason="It is a test."), frozenset())

    assert [warning.reason for warning in reading.warnings] == ["It is a test."]
    assert list(outcomes) == []


def test_opted_out_people_are_found_by_number_and_by_their_own_words() -> None:
    people = (
        make_person("0491 570 006"),
        make_person("0491 570 156"),
        make_person("0491 570 157", consent="no"),
    )

    rows = find_opted_out_rows(make_submission("k", *people), frozenset({"+61491570156"}))

    assert list(rows) == [2, 3]


def test_only_people_with_a_valid_number_and_no_word_against_sms_can_be_sent() -> None:
    people = (
        make_person("0491 570 006", full_name="Ada Moss"),
        make_person("12", full_name="Bo Lee"),
        make_person("0491 570 157", consent="no"),
    )

    assert count_sendable(make_submission("k", *people)) == 1
    assert count_sendable(make_submission("k")) == 0


def test_labels_of_the_same_number_are_merged_as_in_files() -> None:
    people = (
        make_person("0491 570 006", first_name="Ada", tags="vip"),
        make_person("+61491570006", first_name="Ada", tags="perth"),
        make_person("0491570006", first_name="Bo", tags="other person"),
    )

    _, outcomes = validate_submission(make_submission("k", *people, labels=Labels(("june",))), frozenset())
    ada, *others = outcomes

    assert isinstance(ada, Contact)
    assert ada.labels.tags == ("june", "vip", "perth")
    assert [one.status for one in others if isinstance(one, Outcome)] == [Status.DUPLICATE] * 2
