"""What the people of a delivery come to."""

from collections.abc import Callable, Iterable

from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact, validate_rows
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.files.table import ReadSummary
from contact_import.webhooks.extraction.person_table import build_person_table
from contact_import.webhooks.submission import Submission

# The second are the numbers, in E.164 form, to which nothing is sent.
type Validator = Callable[[Submission, frozenset[str]], tuple[ReadSummary, Iterable[Contact | Outcome]]]


def validate_submission(
    submission: Submission, opted_out: frozenset[str]
) -> tuple[ReadSummary, Iterable[Contact | Outcome]]:
    """The people as a table, and what its rows come to."""
    columns, rows = build_person_table(submission.people)
    rules = ValidationRules(
        submission.received_at.date(),
        submission.batch_settings.phone_region,
        submission.batch_settings.mobile_only,
        submission.labels,
        opted_out=opted_out,
    )
    no_format = {"encoding": None, "delimiter": None, "header_line": None}
    warnings = (RowWarning("delivery", submission.reason),) if submission.reason else ()
    return ReadSummary(no_format, columns.columns, warnings), validate_rows(rows, columns, rules)


def find_opted_out_rows(
    submission: Submission, opted_out: frozenset[str], validate: Validator = validate_submission
) -> dict[int, Outcome]:
    """The outcomes of those who get nothing, for their number or their own words, by the numbers of their rows."""
    _, outcomes = validate(submission, opted_out)
    return {one.row.number: one for one in outcomes if isinstance(one, Outcome) and one.status is Status.OPTED_OUT}
