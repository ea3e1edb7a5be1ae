"""Advice: the causes for which rows are not accepted, and what the user can do about each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

STATUS_MEANINGS = {
    "accepted": "Cellcast took the contact.",
    "invalid": "The row cannot be a contact. Correct it in failed.csv and drop that file.",
    "duplicate": "The same number stands in an earlier row of this file. Nothing to do.",
    "opted_out": "The person does not want SMS. Leave it so.",
    "refused": "Cellcast said no; its words stand beside the row.",
    "unsent": "It was not sent, or nobody took it: it is not in. Mind the reason, then drop failed.csv.",
    "unknown": "The answer never came or made no sense: it may be in. Look there before you drop it again.",
}


def get_status_meanings(*, dry_run: bool, sandbox: bool = False) -> dict[str, str]:
    """Return a sentence for each status, in the order of `Status`; dry and practice runs send nothing to Cellcast."""
    if dry_run:
        return STATUS_MEANINGS | {"accepted": "The contact would be sent."}
    return STATUS_MEANINGS | {"accepted": "The contact would have been added."} if sandbox else STATUS_MEANINGS


class Todo(StrEnum):
    """What the user has to do with a row that was not imported, most urgent first."""

    CORRECT = "to correct"
    SEND_AGAIN = "to send again"
    LOOK_UP = "to look up"
    NOTHING = "need nothing"


_TODO_BY_STATUS = {
    "invalid": Todo.CORRECT,
    "refused": Todo.CORRECT,
    "unsent": Todo.SEND_AGAIN,
    "unknown": Todo.LOOK_UP,
    "duplicate": Todo.NOTHING,
    "opted_out": Todo.NOTHING,
}


@dataclass(frozen=True, slots=True)
class Advice:
    """A cause in a few words, and what to do about it in one or two sentences.

    `todo` is None where the status of the row says what kind of work it is.
    """

    cause: str
    advice: str
    todo: Todo | None = None


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """The reasons of one status that have the same cause, as (reason, rows), and their sum as `count`."""

    status: str
    advice: Advice
    count: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def todo(self) -> Todo:
        return self.advice.todo or _TODO_BY_STATUS[self.status]


_PHONE_MISSING = Advice("There is no phone number", "Ask these people for a mobile, or leave them out.")
_NOT_A_PHONE = Advice(
    "What stands there is no phone number", "Correct it in failed.csv: _suggestion has the number where one is certain."
)
_SPREADSHEET_DAMAGE = Advice(
    "A spreadsheet took the digits of the number",
    "They are not in this file any more. Export the list again from where it came, and format the column as text "
    "before a spreadsheet saves it.",
)
_WRONG_LENGTH = Advice(
    "The number has too few or too many digits", "Look up the right number and correct it in failed.csv."
)
_NOT_A_MOBILE = Advice("The number is not a mobile", "SMS reaches mobiles only. Ask these people for theirs.")
_FOREIGN_NUMBER = Advice(
    "The number is one of another country",
    "Only mobiles of one country go in. Whoever runs the importer can let others in with MOBILE_ONLY=false.",
)
_FOREIGN_ROW = Advice(
    "The row is of another country",
    "Its number has no country code, so it is read as that country's. If it is Australian, write it with +61 in "
    "failed.csv and upload that file.",
)
_NONEXISTENT_NUMBER = Advice("There is no such mobile number", "Look up the right number and correct it in failed.csv.")
_NAME_REFUSES = Advice(
    "The name says not to contact the person",
    "Leave it so. Where that is a mistake, correct the name in failed.csv and upload that file.",
)
_UNREADABLE_LINE = Advice(
    "The line of the file cannot be read", "Look at the line in the upload, and correct it there."
)
_LATER_DELIVERY = Advice("The number came again in a later delivery", "Nothing to do: what came later counts.")
_NO_PHONE_COLUMN = Advice(
    "The file has no column of phone numbers",
    "Name the column with the people's own numbers Mobile, or map it in mapping.json, and upload the file again.",
)
_KEY_DENIED = Advice(
    "Cellcast did not take the API key",
    "Whoever runs the importer must put a valid key into Secrets Manager. Then drop failed.csv.",
)
_CANARY_REJECTED = Advice(
    "The first contacts were refused, and these kept back",
    "Nobody tried them. See what Cellcast said of the first ones, and whether column, file and account are right. "
    "Then drop failed.csv.",
)
_WRONG_ADDRESS = Advice("Nothing takes contacts at the address", "Whoever runs the importer must look at CELLCAST_URL.")

_CONSENT_UNCLEAR = Advice(
    "It is not clear whether the person agreed to SMS",
    'Say in mapping.json what the value means, such as {"SMS consent": {"consent": {"Pending": "no"}}}, and upload the '
    "file again.",
    Todo.CORRECT,
)
_CONSENT_CONTRADICTED = Advice(
    "Two columns contradict each other",
    "Ask these people, and correct the column that is wrong in failed.csv.",
    Todo.CORRECT,
)
_CONSENT_OF_OTHER_ROW = Advice(
    "Another row says no to SMS for the same number", "Leave it so: a no counts for the number, whatever its row."
)
_CONSENT_MISSING = Advice(
    "There is no yes to SMS",
    "This importer only sends to people who agreed (REQUIRE_CONSENT). Add a column such as SMS consent with Yes.",
    Todo.CORRECT,
)

# Keys are the beginnings of reasons that this application words itself. Other reasons have the advice of their status.
_ADVICE_BY_REASON = {
    "phone_number: missing": _PHONE_MISSING,
    "phone_number: not a phone number": _NOT_A_PHONE,
    "phone_number: the spreadsheet": _SPREADSHEET_DAMAGE,
    "phone_number: too short": _WRONG_LENGTH,
    "phone_number: too long": _WRONG_LENGTH,
    "phone_number: a landline": _NOT_A_MOBILE,
    "phone_number: a service number": _NOT_A_MOBILE,
    "phone_number: a foreign number: this row": _FOREIGN_ROW,
    "phone_number: a foreign number": _FOREIGN_NUMBER,
    "phone_number: not a": _NONEXISTENT_NUMBER,
    "phone_number: the same number came in a later delivery": _LATER_DELIVERY,
    "consent: another row": _CONSENT_OF_OTHER_ROW,
    "consent: the name says": _NAME_REFUSES,
    "row: ": _UNREADABLE_LINE,
    "file: ": _NO_PHONE_COLUMN,
    "Cellcast did not take the API key": _KEY_DENIED,
    "Nothing takes contacts at this address": _WRONG_ADDRESS,
    "Cellcast refused ": _CANARY_REJECTED,
}
# Reasons of consent begin with the name of the user's column.
_ADVICE_BY_CONSENT_REASON = {
    ": cannot tell whether ": _CONSENT_UNCLEAR,
    " is a yes, but ": _CONSENT_CONTRADICTED,
    "this importer requires consent": _CONSENT_MISSING,
}
_ADVICE_BY_STATUS = {
    "invalid": Advice("The row cannot be a contact", "Correct it in failed.csv, and drop that file."),
    "duplicate": Advice("The number is in an earlier row", "Nothing to do: the first row with the number counts."),
    "opted_out": Advice("The person said no to SMS", "Leave it so: the law asks for consent."),
    "refused": Advice("Cellcast refused it", "Its words are beside it. Correct the rows in failed.csv, and drop it."),
    "unsent": Advice("It was not sent", "Drop failed.csv again later; none of these contacts is in."),
    "unknown": Advice(
        "Whether it is in is not known", "Look for a few of them in Cellcast before you drop them again."
    ),
}
_STATUS_WORDED_BY_CELLCAST = "refused"
_TODO_ORDER = tuple(Todo)


def find_advice(status: str, reason: str) -> Advice:
    """Return the advice for a reason; `status` is any but "accepted"."""
    # Cellcast's words may begin like ours and mean something else.
    if status != _STATUS_WORDED_BY_CELLCAST:
        for prefix, advice in _ADVICE_BY_REASON.items():
            if reason.startswith(prefix):
                return advice
    if status == "opted_out":
        for words, advice in _ADVICE_BY_CONSENT_REASON.items():
            if words in reason:
                return advice
    return _ADVICE_BY_STATUS[status]


def find_todo(status: str, reason: str) -> Todo:
    """Return what the user has to do with the rows of a reason."""
    return find_advice(status, reason).todo or _TODO_BY_STATUS[status]


def group_reasons(reasons: Iterable[Mapping[str, Any]]) -> tuple[ReasonGroup, ...]:
    """Group the `reasons` of a result.json by status and cause, what to do first and the most rows first."""
    counts_by_cause: dict[tuple[str, Advice], list[tuple[str, int]]] = {}
    for reason in reasons:
        cause = reason["status"], find_advice(reason["status"], reason["reason"])
        counts_by_cause.setdefault(cause, []).append((reason["reason"], reason["count"]))
    groups = (
        ReasonGroup(status, advice, sum(count for _, count in counts), tuple(counts))
        for (status, advice), counts in counts_by_cause.items()
    )
    return tuple(sorted(groups, key=lambda group: (_TODO_ORDER.index(group.todo), -group.count)))


def count_todos(reasons: Iterable[Mapping[str, Any]]) -> dict[Todo, int]:
    """Return how many rows there are of each `Todo`, without those that have none. The sum is all failed rows."""
    counts = dict.fromkeys(Todo, 0)
    for group in group_reasons(reasons):
        counts[group.todo] += group.count
    return {todo: count for todo, count in counts.items() if count}
