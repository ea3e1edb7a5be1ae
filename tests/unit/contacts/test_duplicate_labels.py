"""Tags and lists that further rows of a person add."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from contact_import.columns.detect import detect_columns
from contact_import.contacts import duplicate_labels
from contact_import.contacts.duplicate_labels import has_label_columns
from contact_import.contacts.first_pass import FirstPass, read_first_pass
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact, validate_rows
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from tests.unit.contacts.row_validation import TODAY

RULES = ValidationRules(TODAY, labels=Labels(tags=("june",)))
HEADER = ("Name", "Mobile", "Tags", "List")


def _validate(cells: list[tuple[str, ...]]) -> list[Contact | Outcome]:
    rows = [Row(number, row) for number, row in enumerate([HEADER, *cells], start=1)]
    columns, skip = detect_columns(rows)
    # As the import does: what was found is saved, and read by every run.
    saved = list(read_first_pass(rows[skip:], columns, RULES).to_lines())
    more_labels = FirstPass.from_lines(saved).more_labels
    return list(validate_rows(rows[skip:], columns, RULES, more_labels))


def _list_contacts(validated: list[Contact | Outcome]) -> Iterator[tuple[str, Labels]]:
    return ((one.phone_number, one.labels) for one in validated if isinstance(one, Contact))


def test_further_lines_of_a_person_add_their_labels_and_stay_duplicates() -> None:
    found = _validate(
        [
            ("Ann Moss", "0491570006", "Newsletter", "A"),
            ("Bo Lee", "0491570156", "Newsletter", ""),
            ("Ann Moss", "0491 570 006", "Perth", "A"),
            ("ann moss ", "+61491570006", "VIP; Perth", "B"),
            ("", "0491570006", "Late", ""),
        ]
    )

    assert dict(_list_contacts(found)) == {
        "+61491570006": Labels(("june", "Newsletter", "Perth", "VIP", "Late"), ("A", "B")),
        "+61491570156": Labels(("june", "Newsletter")),
    }
    assert [one.status for one in found if isinstance(one, Outcome)] == [Status.DUPLICATE] * 3


def test_another_person_with_the_same_number_adds_nothing() -> None:
    found = _validate([("Ann Moss", "0491570006", "A", ""), ("Tom Moss", "0491570006", "B", "")])

    assert [labels.tags for _, labels in _list_contacts(found)] == [("june", "A")]


def test_too_many_labels_are_reported() -> None:
    duplicate_labels_limit = duplicate_labels._MAX_ROWS
    try:
        duplicate_labels._MAX_ROWS = 1
        rows = [Row(n, ("Ann", f"04915701{n // 2:02}", f"tag {n}", "")) for n in range(100, 114)]
        columns, _ = detect_columns([Row(1, HEADER), *rows])
        found = FirstPass.from_lines(read_first_pass(rows, columns, RULES).to_lines()).more_labels
    finally:
        duplicate_labels._MAX_ROWS = duplicate_labels_limit

    assert found
    assert not found.is_complete


def test_a_file_without_label_columns_needs_no_second_look() -> None:
    columns, _ = detect_columns([Row(1, ("Name", "Mobile")), Row(2, ("Ann", "0491570006"))])

    assert not has_label_columns(columns)


MOBILES = ["0491570006", "0491570156", "0491570157", "0491570158"]


@given(
    st.lists(st.tuples(st.sampled_from(MOBILES), st.sets(st.sampled_from("abcde"), max_size=3)), min_size=1),
)
def test_a_number_has_the_labels_of_all_its_rows_whatever_their_order(
    people: list[tuple[str, set[str]]],
) -> None:
    wanted: dict[str, set[str]] = {}
    for mobile, tags in people:
        wanted.setdefault("+61" + mobile[1:], {"june"}).update(tags)

    found = _validate([("Ann", mobile, ";".join(sorted(tags)), "") for mobile, tags in people])

    assert {number: set(labels.tags) for number, labels in _list_contacts(found)} == wanted
    assert len(found) == len(people)
