"""Validate the people of a submission as the rows of a file are validated."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from contact_import.columns.detect import Columns
from contact_import.contacts.consent_scan import ConsentScan, scan_consent
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact, validate_rows
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.person import Person, PersonField
from contact_import.domain.roles import Role
from contact_import.domain.row import Row
from contact_import.files.table import ReadSummary
from contact_import.webhooks.person_table import build_person_table
from contact_import.webhooks.submission import Submission

# The frozenset has the opted-out numbers in E.164 form.
type Validator = Callable[[Submission, frozenset[str]], tuple[ReadSummary, Iterable[Contact | Outcome]]]


def validate_submission(
    submission: Submission, opted_out: frozenset[str]
) -> tuple[ReadSummary, Iterable[Contact | Outcome]]:
    """Return the columns and warnings of a submission, and a contact or an outcome for each person, in order.

    `opted_out` are numbers in E.164 form that get nothing.
    """
    columns, rows = build_person_table(submission.people)
    rules = ValidationRules(
        submission.received_at.date(),
        submission.batch_settings.phone_region,
        submission.batch_settings.mobile_only,
        submission.labels,
        opted_out=opted_out,
        held_numbers=_scan_people(columns, rows, submission).held_numbers,
        require_consent=submission.batch_settings.require_consent,
    )
    no_format = {"encoding": None, "delimiter": None, "header_line": None}
    warnings = (RowWarning("delivery", submission.reason),) if submission.reason else ()
    return ReadSummary(no_format, columns.columns, warnings), validate_rows(rows, columns, rules)


def count_sendable(submission: Submission) -> int:
    """Return how many people of a submission would be sent now: with a valid number, and no word against SMS."""
    # A full name need not be split for this, and the library that splits it takes 40 ms to load.
    people = tuple(Person(tuple(_avoid_split(one) for one in person.fields)) for person in submission.people)
    _, outcomes = validate_submission(replace(submission, people=people), frozenset())
    return sum(isinstance(one, Contact) for one in outcomes)


def _avoid_split(field: PersonField) -> PersonField:
    return replace(field, role=Role.FIRST_NAME) if field.role is Role.FULL_NAME else field


def scan_submission(submission: Submission) -> tuple[Columns, ConsentScan]:
    """Return the columns of a submission, and what they say about consent."""
    columns, rows = build_person_table(submission.people)
    return columns, _scan_people(columns, rows, submission)


def _scan_people(columns: Columns, rows: Iterable[Row], submission: Submission) -> ConsentScan:
    settings = submission.batch_settings
    return scan_consent(rows, columns, region=settings.phone_region, mobile_only=settings.mobile_only)


def find_opted_out_rows(
    submission: Submission, opted_out: frozenset[str], validate: Validator = validate_submission
) -> dict[int, Outcome]:
    """Return the outcomes of the opted-out people by row number: their number is opted out, or they said so."""
    _, outcomes = validate(submission, opted_out)
    return {one.row.number: one for one in outcomes if isinstance(one, Outcome) and one.status is Status.OPTED_OUT}
