"""What the people of a delivery come to."""

from collections.abc import Callable, Iterable

from contact_import.contacts.normalize import Rules
from contact_import.contacts.validate import Contact, judge
from contact_import.domain.outcomes import Caution, Outcome, Status
from contact_import.files.table import Reading
from contact_import.webhooks.extraction.person_table import table_of
from contact_import.webhooks.submission import Submission

# The second are the numbers, in E.164 form, to which nothing is sent.
type Judge = Callable[[Submission, frozenset[str]], tuple[Reading, Iterable[Contact | Outcome]]]


def judged(submission: Submission, opted_out: frozenset[str]) -> tuple[Reading, Iterable[Contact | Outcome]]:
    """The people as a table, and what its rows come to."""
    columns, rows = table_of(submission.people)
    rules = Rules(
        submission.received_at.date(),
        submission.cut.phone_region,
        submission.cut.mobile_only,
        submission.labels,
        opted_out=opted_out,
    )
    unread = {"encoding": None, "delimiter": None, "header_line": None}
    why = (Caution("delivery", submission.reason),) if submission.reason else ()
    return Reading(unread, columns.columns, why), judge(rows, columns, rules)


def left_out(submission: Submission, numbers: frozenset[str], judge: Judge = judged) -> dict[int, Outcome]:
    """The outcomes of those who get nothing, for their number or their own words, by the numbers of their rows."""
    _, outcomes = judge(submission, numbers)
    return {one.row.number: one for one in outcomes if isinstance(one, Outcome) and one.status is Status.OPTED_OUT}
