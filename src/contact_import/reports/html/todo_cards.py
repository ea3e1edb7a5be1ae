"""Build the part of the report that says why rows were not imported: a card for each cause, grouped by what to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from contact_import.reports.advice import ReasonGroup, Todo, adapt_to_dry_run, group_reasons
from contact_import.reports.html.masked_text import MaskedText, mask_sentence
from contact_import.reports.summary import format_todo

_MAX_REASONS_PER_CARD = 10
_TODO_ADVICE = {
    Todo.CORRECT: "Correct these rows in failed.csv and upload that file: only these rows are imported then.",
    Todo.SEND_AGAIN: "These rows are not in Cellcast. See the cause, then upload failed.csv.",
    Todo.LOOK_UP: "These contacts may already be in Cellcast. Check there before you upload them again.",
    Todo.NOTHING: "Leave these rows as they are. They are in failed.csv too, so that every row is in one of the files.",
}

# The rows without a fault were not sent either, and they are not in failed.csv.
_DRY_RUN_ADVICE = "Correct these rows in your file, then upload it to import it."


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason with the number of its rows, and the first of them."""

    text: MaskedText
    count: int
    first_rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class Card:
    """A `ReasonGroup` as the page shows it; `more` reasons are left out."""

    status: str
    cause: str
    advice: str
    count: int
    reasons: Sequence[Reason]
    more: int


@dataclass(frozen=True, slots=True)
class TodoSection:
    """The cards of one `Todo`. `anchor` is the id of the section in the page."""

    anchor: str
    todo: str
    count: int
    advice: str
    cards: Sequence[Card]


def build_todo_sections(reasons: Sequence[Mapping[str, Any]], *, dry_run: bool) -> Iterator[TodoSection]:
    """Yield a section for each `Todo` that rows have, most urgent first, from the `reasons` of a result.json."""
    first_rows = {(reason["status"], reason["reason"]): reason.get("first_rows", ()) for reason in reasons}
    # `group_reasons` sorts by what to do, as `groupby` needs it.
    for todo, groups in groupby(group_reasons(reasons), key=lambda group: group.todo):
        cards = [_build_card(group, first_rows, dry_run=dry_run) for group in groups]
        count = sum(card.count for card in cards)
        advice = _DRY_RUN_ADVICE if dry_run and todo is Todo.CORRECT else _TODO_ADVICE[todo]
        yield TodoSection(todo.name.lower(), format_todo(todo, count), count, advice, cards)


def _build_card(group: ReasonGroup, first_rows: Mapping[tuple[str, str], Sequence[int]], *, dry_run: bool) -> Card:
    reasons = [
        Reason(mask_sentence(reason), count, first_rows[group.status, reason])
        for reason, count in group.reasons[:_MAX_REASONS_PER_CARD]
    ]
    more = len(group.reasons) - len(reasons)
    advice = adapt_to_dry_run(group.advice.advice) if dry_run else group.advice.advice
    return Card(group.status, group.advice.cause, advice, group.count, reasons, more)
