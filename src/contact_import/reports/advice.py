"""Find advice for a row that was not accepted: its cause in plain words, and what the user can do about it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from contact_import.contacts.row_reasons import DUPLICATE_BEFORE, OPTED_OUT_BEFORE, UNREADABLE_BEFORE
from contact_import.fields import phone_reasons as phone

_IN_FAILED_CSV = re.compile(r"in failed\.csv and upload that file[^.]*")


def adapt_to_dry_run(advice: str) -> str:
    """Return advice for a dry run: the whole file is corrected, because failed.csv lacks the rows without a fault."""
    return _IN_FAILED_CSV.sub("in your file", advice)


class Todo(StrEnum):
    """A kind of work that a row which was not imported leaves to the user, most urgent first."""

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


class Advice(NamedTuple):
    """A cause in a few words, and what to do about it in one or two sentences.

    `todo` is None if the status of the row says what kind of work it is.
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


_FIX = "Correct it in failed.csv and upload that file."
_PHONE_MISSING = Advice("No phone number", "Ask these people for a mobile, or leave them out.")
_NOT_A_PHONE = Advice("Not a phone number", f"{_FIX} _suggestion has the number where one is certain.")
_HAS_LETTER = Advice("A letter in the number", f"{_FIX} _suggestion has the number where one is certain.")
_SEVERAL_NUMBERS = Advice("Several numbers in one cell", f"Choose one mobile. {_FIX}")
_SPREADSHEET_DAMAGE = Advice(
    "The spreadsheet shortened the number",
    "The digits are lost (6.14E+10). Export the list again from where it came, and format the column as text before a "
    "spreadsheet saves it.",
)
_OTHER_PERSON = Advice(
    "Another person's number",
    f"Ask the contact for their own. If it is theirs, delete the words beside it. {_FIX}",
)
_TOO_SHORT = Advice("The number is too short", f"Look up the right number. {_FIX}")
_TOO_LONG = Advice("The number is too long", f"Look up the right number. {_FIX}")
_NOT_A_MOBILE = Advice("Not a mobile number", "SMS reaches mobiles only. Ask these people for theirs.")
_INTERNATIONAL = Advice(
    "International number", "This importer only accepts mobiles of one country. Ask your administrator."
)
_FOREIGN_ROW = Advice(
    "The row is of another country",
    "Its number has no country code, so it is read as that country's. If it is Australian, write it with +61 in "
    "failed.csv and upload that file.",
)
_NONEXISTENT_NUMBER = Advice("No such mobile number", f"Look up the right number. {_FIX}")
_NAME_REFUSES = Advice(
    "The name says not to contact the person",
    "Nothing to do. If that is a mistake, correct the name in failed.csv and upload that file.",
)
# Not "upload the file again": that would send its other rows a second time.
_UNREADABLE_ROW = Advice(
    "This row is damaged",
    "Put each cell into its column in failed.csv and upload that file with an empty _status cell in this row.",
)
_UNREADABLE_BEFORE = _UNREADABLE_ROW._replace(cause="The row was damaged in the first upload")
_LATER_DELIVERY = Advice("Replaced by a later delivery", "Nothing to do: the later one was imported in its place.")
_NO_PHONE_COLUMN = Advice(
    "The file has no column of phone numbers",
    "Name the column with the people's own numbers Mobile, or add one, in failed.csv and upload that file.",
)
_KEY_DENIED = Advice("Cellcast rejected the API key", "Ask your administrator for a valid key. Then upload failed.csv.")
_CANARY_REJECTED = Advice(
    "Stopped early: Cellcast rejected most of the first contacts, so the rest were not sent",
    "See what Cellcast said about the first ones, and whether column, file and account are right. Then upload "
    "failed.csv.",
)
_WRONG_ADDRESS = Advice("Wrong Cellcast address", "Ask your administrator to correct it. Then upload failed.csv.")
_NOT_SENT_AGAIN = Advice(
    "The number was imported before",
    "Nothing to do. Lines of failed.csv that repeat a number are not sent, unless you change the number.",
)
_STILL_OPTED_OUT = Advice(
    "Also held back in the earlier import",
    "Nothing to do. If the person has agreed since, write Yes in the consent column. To send the line anyway, empty "
    "its _status cell.",
)

_CONSENT_UNCLEAR = Advice(
    "It is not clear whether the person agreed to SMS",
    # The _status, because a Yes below `Subscription status` is no answer about SMS.
    "If the person agreed, write Yes in failed.csv and upload that file with an empty _status cell in this row. For "
    'many rows set the meaning of the value, on the import page or in mapping.json: {"consent": {"Pending": "yes"}}',
    Todo.CORRECT,
)
_REMARK_UNCLEAR = Advice(
    "A remark that may mean no SMS",
    "If it does not mean that, change the cell in failed.csv and upload that file.",
    Todo.CORRECT,
)
_CONSENT_CONTRADICTED = Advice(
    "Two columns contradict each other",
    "Ask these people. Correct the wrong column in failed.csv and upload that file.",
    Todo.CORRECT,
)
_CONSENT_OF_OTHER_ROW = Advice(
    "Another row says no to SMS for the same number", "Nothing to do: a no applies to the number in every row."
)
_OTHER_ROW_UNCLEAR = Advice(
    "Another row with the same number is unclear about SMS", "Correct that row. This one needs nothing."
)
_CONSENT_MISSING = Advice(
    "No yes to SMS",
    "This importer only sends to people who agreed (REQUIRE_CONSENT). Add a column such as SMS consent with Yes.",
    Todo.CORRECT,
)

# Keys are words of reasons, behind the name of the user's phone column: `Mobile: a landline, …`.
_ADVICE_BY_PHONE_REASON = {
    phone.EMPTY: _PHONE_MISSING,
    phone.HAS_LETTER: _HAS_LETTER,
    phone.NO_NUMBER: _NOT_A_PHONE,
    phone.SEVERAL: _SEVERAL_NUMBERS,
    phone.OTHER_PERSON: _OTHER_PERSON,
    phone.DIGITS_LOST: _SPREADSHEET_DAMAGE,
    phone.DIGITS_HIDDEN: _SPREADSHEET_DAMAGE,
    phone.TOO_SHORT: _TOO_SHORT,
    phone.TOO_LONG: _TOO_LONG,
    phone.LANDLINE: _NOT_A_MOBILE,
    phone.SERVICE_NUMBER: _NOT_A_MOBILE,
    phone.OTHER_COUNTRY: _FOREIGN_ROW,
    phone.INTERNATIONAL: _INTERNATIONAL,
    "not a": _NONEXISTENT_NUMBER,
    DUPLICATE_BEFORE: _NOT_SENT_AGAIN,
}
# Keys are the beginnings of whole reasons.
_ADVICE_BY_REASON = {
    "a later delivery has the same number": _LATER_DELIVERY,
    OPTED_OUT_BEFORE: _STILL_OPTED_OUT,
    UNREADABLE_BEFORE: _UNREADABLE_BEFORE,
    "consent: another row has the same number, and its consent is unclear": _OTHER_ROW_UNCLEAR,
    "consent: another row": _CONSENT_OF_OTHER_ROW,
    "consent: the name says": _NAME_REFUSES,
    "row: ": _UNREADABLE_ROW,
    "file: ": _NO_PHONE_COLUMN,
    "Cellcast rejected the API key": _KEY_DENIED,
    "This address does not accept contacts": _WRONG_ADDRESS,
    "Cellcast rejected ": _CANARY_REJECTED,
}
_STATUSES_WITH_PHONE_REASONS = ("invalid", "duplicate")
# Keys are words inside a reason: one of consent begins with the name of the user's column.
_ADVICE_BY_CONSENT_REASON = {
    ": cannot tell whether ": _CONSENT_UNCLEAR,
    " may mean no SMS": _REMARK_UNCLEAR,
    " is a yes, but ": _CONSENT_CONTRADICTED,
    "this importer requires consent": _CONSENT_MISSING,
}
_ADVICE_BY_STATUS = {
    "invalid": Advice("This row has a problem", _FIX),
    "duplicate": Advice("Same number as an earlier row", "Nothing to do: the first row with the number counts."),
    "opted_out": Advice("Opted out of SMS", "Nothing to do: the law asks for consent."),
    "refused": Advice(
        "Rejected by Cellcast", "See Cellcast's message. Correct the rows in failed.csv and upload that file."
    ),
    "unsent": Advice("Not sent", "Upload failed.csv later; none of these contacts is in Cellcast."),
    "unknown": Advice(
        "Could not be confirmed",
        "The contact may already be there. Check in Cellcast, and delete from failed.csv the lines of people who are, "
        "before you upload it.",
    ),
}
_STATUS_WORDED_BY_CELLCAST = "refused"
_TODO_ORDER = tuple(Todo)


def find_advice(status: str, reason: str) -> Advice:
    """Return the advice for a reason, or that of its status if none is known; `status` is any but "accepted"."""
    # Cellcast's words may begin like ours and mean something else.
    if status != _STATUS_WORDED_BY_CELLCAST:
        for prefix, advice in _ADVICE_BY_REASON.items():
            if reason.startswith(prefix):
                return advice
    if status in _STATUSES_WITH_PHONE_REASONS:
        for words, advice in _ADVICE_BY_PHONE_REASON.items():
            if f": {words}" in reason:
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
    """Return the `reasons` of a result.json, grouped by status and cause: most urgent work first, then most rows."""
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
    """Return the number of rows for each `Todo` that has any, most urgent first. They sum up to all failed rows."""
    counts = dict.fromkeys(Todo, 0)
    for group in group_reasons(reasons):
        counts[group.todo] += group.count
    return {todo: count for todo, count in counts.items() if count}
