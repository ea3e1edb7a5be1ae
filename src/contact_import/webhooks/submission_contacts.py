"""Validate the people of a submission as the rows of a file are validated."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from contact_import.columns.detect import Columns
from contact_import.contacts.first_pass import FirstPass, read_first_pass
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact, validate_rows
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.person import Person, PersonField
from contact_import.domain.roles import Role
from contact_import.domain.row import Row
from contact_import.files.table import ReadSummary
from contact_import.webhooks.person_table import build_person_table
from contact_import.webhooks.submission import Submission

# The type of `validate_submission`: callers may pass one that remembers its results.
type Validator = Callable[[Submission, frozenset[str]], tuple[ReadSummary, Iterable[Contact | Outcome]]]


def validate_submission(
    submission: Submission, opted_out: frozenset[str]
) -> tuple[ReadSummary, Iterable[Contact | Outcome]]:
    """Return the columns and warnings of a submission, and a contact or an outcome for each person, in order.

    `opted_out` has numbers in E.164 form; their people get an outcome and are not sent.
    """
    columns, rows = build_person_table(submission.people)
    first_pass = _read_first_pass(columns, rows, submission)
    rules = replace(
        _build_rules(submission),
        labels=submission.labels,
        opted_out=opted_out,
        held_numbers=first_pass.held_numbers,
        require_consent=submission.batch_settings.require_consent,
    )
    no_format = {"encoding": None, "delimiter": None, "header_line": None}
    warnings = (RowWarning("delivery", submission.reason),) if submission.reason else ()
    return ReadSummary(no_format, columns.columns, warnings), validate_rows(
        rows, columns, rules, first_pass.more_labels
    )


def count_sendable(submission: Submission) -> int:
    """Return how many people of a submission would be sent now: those with a valid number and no word against SMS.

    Cellcast's opt-out list is read later, and may hold back more of them.
    """
    # The count needs no split of full names, and the library that splits them takes 40 ms to load.
    people = tuple(Person(tuple(_avoid_split(one) for one in person.fields)) for person in submission.people)
    _, outcomes = validate_submission(replace(submission, people=people), frozenset())
    return sum(isinstance(one, Contact) for one in outcomes)


def _avoid_split(field: PersonField) -> PersonField:
    return replace(field, role=Role.FIRST_NAME) if field.role is Role.FULL_NAME else field


def scan_submission(submission: Submission) -> tuple[Columns, FirstPass]:
    """Return the columns of a submission, and the statements of its people about each other's numbers."""
    columns, rows = build_person_table(submission.people)
    return columns, _read_first_pass(columns, rows, submission)


def _read_first_pass(columns: Columns, rows: Iterable[Row], submission: Submission) -> FirstPass:
    return read_first_pass(rows, columns, _build_rules(submission))


def _build_rules(submission: Submission) -> ValidationRules:
    settings = submission.batch_settings
    return ValidationRules(submission.received_at.date(), settings.phone_region, settings.mobile_only)


def find_opted_out_rows(
    submission: Submission, opted_out: frozenset[str], validate: Validator = validate_submission
) -> dict[int, Outcome]:
    """Return the outcomes of the opted-out people by row number: those on the list, and those who said no."""
    _, outcomes = validate(submission, opted_out)
    return {one.row.number: one for one in outcomes if isinstance(one, Outcome) and one.status is Status.OPTED_OUT}
