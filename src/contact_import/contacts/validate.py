"""Rows to contacts: the judgement of each row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import batched, chain, compress, count, repeat
from typing import Any, NamedTuple

from contact_import.columns.detect import Columns
from contact_import.columns.header_names import Role
from contact_import.contacts.duplicates import Seen
from contact_import.contacts.normalize import Cautions, Filler, Rules
from contact_import.contacts.row_block import Block
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Caution, Outcome, Status
from contact_import.fields import text as values
from contact_import.fields.consent import Kind, says_no
from contact_import.files.csv_rows import Row

_BLOCK_ROWS = 200
_NO_IN_FILE = "consent: the file says no to SMS"
_LISTED = "consent: Cellcast's opt-out list has the number"

FIELDS = (
    "first_name",
    "last_name",
    "phone_number",
    "birthday",
    "address",
    "email",
    "postal_code",
    "gender",
    "purchase",
)


class Contact(NamedTuple):
    """A row that may go to Cellcast: it exists only with a number in E.164 form.

    `values` stand in the order of `FIELDS`, all text, "" for what the row does not have.
    """

    row: Row
    values: tuple[str, ...]
    labels: Labels = Labels()
    cautions: tuple[Caution, ...] = ()

    @property
    def phone_number(self) -> str:
        return self.values[2]


_contact: Callable[[Iterable[Any]], Contact] = partial(tuple.__new__, Contact)  # as `Contact._make`, which is no C


def judge(rows: Iterable[Row], columns: Columns, rules: Rules) -> Iterator[Contact | Outcome]:
    """One contact or one outcome for each row, in order. Only the phone and consent decide; the rest is a caution."""
    filler, seen = Filler(rules), Seen()
    blocks = (Block(some, columns) for some in batched(rows, _BLOCK_ROWS, strict=False))
    return chain.from_iterable(_judge(block, rules, filler, seen) for block in blocks)


def _judge(block: Block, rules: Rules, filler: Filler, seen: Seen) -> list[Contact | Outcome]:
    cautions, shapes = Cautions(), _shapes(block)
    said_no = _said_no(block, cautions)
    e164s, reasons = filler.phones(block, cautions)
    for place, shape in shapes.items():
        cautions[place].append(shape)
    filled = filler.fill(block, e164s, cautions)
    lost: list[tuple[Caution, ...]] = [()] * len(e164s)
    for place, some in cautions.items():
        lost[place] = tuple(some)
    judged: list[Contact | Outcome] = list(
        map(_contact, zip(block.rows, filled, _labels(block, rules), lost, strict=True))
    )
    outcomes = _outcomes(block, rules, e164s, seen, said_no=said_no, reasons=reasons, shapes=shapes)
    for place, outcome in outcomes.items():
        judged[place] = outcome
    return judged


def _outcomes(
    block: Block,
    rules: Rules,
    e164s: Sequence[str],
    seen: Seen,
    *,
    said_no: set[int],
    reasons: Mapping[int, str],
    shapes: Mapping[int, Caution],
) -> dict[int, Outcome]:
    """Of the rows that do not go to Cellcast. Where several things are to be said of a row, the last one below is."""
    rows = block.rows
    unreadable = list(compress(count(), block.unreadables))
    listed = compress(count(), map(rules.opted_out.__contains__, e164s)) if rules.opted_out else ()
    return (
        {
            index: Outcome(rows[index], Status.DUPLICATE, f"phone_number: the same number is in row {first}")
            for index, first in _earlier(block, e164s, seen, without=unreadable).items()
        }
        | {index: Outcome(rows[index], Status.OPTED_OUT, _LISTED) for index in listed}
        | {
            index: Outcome(rows[index], Status.INVALID, reason, (shapes[index],) if index in shapes else ())
            for index, reason in reasons.items()
        }
        | {index: Outcome(rows[index], Status.OPTED_OUT, _NO_IN_FILE) for index in said_no}
        | {index: Outcome(rows[index], Status.INVALID, rows[index].unreadable) for index in unreadable}
    )


def _earlier(block: Block, e164s: Sequence[str], seen: Seen, *, without: Iterable[int]) -> dict[int, int]:
    """Which rows have a number that an earlier one had, and which one had it first.

    People who said no are remembered too: a later row with their number is not sent.
    """
    known = list(e164s)
    for index in without:
        known[index] = ""
    indexes = list(compress(count(), known))
    found = seen.earlier(list(compress(known, known)), list(compress(block.numbers, known)))
    return {indexes[place]: first for place, first in found.items()}


def _shapes(block: Block) -> dict[int, Caution]:
    width = len(block.columns.columns)
    if block.width <= width and not any(block.flaws):
        return {}
    shapes = {}
    for index, row in enumerate(block.rows):
        if row.flaw:
            shapes[index] = Caution("row", row.flaw)
        elif len(row.cells) > width and any(cell.strip() for cell in row.cells[width:]):
            shapes[index] = Caution("row", "more cells than the header has")
    return shapes


def _said_no(block: Block, cautions: Cautions) -> set[int]:
    noes = set[int]()
    for role, kind in ((Role.CONSENT, Kind.CONSENT), (Role.OPT_OUT, Kind.OPT_OUT), (Role.STATUS, Kind.STATE)):
        for cells in block.all(role):
            answers = {cell: says_no(cell, kind) for cell in set(cells)}
            if any(answer is None for answer in answers.values()):
                doubts = [index for index, cell in enumerate(cells) if answers[cell] is None and index not in noes]
                cautions.note(doubts, "consent", "the words in the column are neither a yes nor a no")
            if any(answers.values()):
                noes.update(index for index, cell in enumerate(cells) if answers[cell])
    return noes


def _labels(block: Block, rules: Rules) -> Iterable[Labels]:
    if not block.has(Role.TAGS) and not block.has(Role.LISTS):
        return repeat(rules.labels, len(block.rows))
    tags, lists = (
        list(zip(*block.all(role), strict=True)) or [()] * len(block.rows) for role in (Role.TAGS, Role.LISTS)
    )
    pairs = list(zip(tags, lists, strict=True))
    known = {pair: rules.labels + Labels(*map(values.label_names, pair)) for pair in set(pairs)}
    return [known[pair] for pair in pairs]
