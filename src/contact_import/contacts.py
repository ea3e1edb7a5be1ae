"""Rows to contacts: the judgement of each row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched, repeat
from typing import NamedTuple

from contact_import import columnwise, values
from contact_import.blocks import Block
from contact_import.columns import Columns
from contact_import.consents import Kind, says_no
from contact_import.duplicates import Seen
from contact_import.fillings import Cautions, Filler, Rules
from contact_import.labels import Labels
from contact_import.outcomes import Caution, Outcome, Status
from contact_import.phones import NoPhone, choose
from contact_import.rows import Row
from contact_import.spellings import Role

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


def judge(rows: Iterable[Row], columns: Columns, rules: Rules) -> Iterator[Contact | Outcome]:
    """One contact or one outcome for each row, in order. Only the phone and consent decide; the rest is a caution."""
    filler, seen = Filler(rules), Seen()
    for some in batched(rows, _BLOCK_ROWS, strict=False):
        yield from _judge(Block(some, columns), rules, filler, seen)


def _judge(block: Block, rules: Rules, filler: Filler, seen: Seen) -> Iterator[Contact | Outcome]:
    cautions, shapes = Cautions(), _shapes(block)
    said_no = _said_no(block, cautions)
    e164s, reasons = _phones(block, rules, cautions)
    for place, shape in shapes.items():
        cautions[place].append(shape)
    filled = filler.fill(block, e164s, cautions)
    outcomes = _outcomes(block, rules, e164s, seen, said_no=said_no, reasons=reasons, shapes=shapes)
    lost = [tuple(cautions.get(index, ())) for index in range(len(e164s))]
    contacts = map(Contact._make, zip(block.rows, filled, _labels(block, rules), lost, strict=True))
    yield from (outcomes.get(index, contact) for index, contact in enumerate(contacts))


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
    # People who said no are remembered too: a later row with their number is not sent.
    earlier = (
        (index, row, seen.earlier(e164, row.number))
        for index, (row, e164) in enumerate(zip(rows, e164s, strict=True))
        if e164 and not row.unreadable
    )
    listed = (index for index, e164 in enumerate(e164s) if e164 in rules.opted_out) if rules.opted_out else ()
    return (
        {index: Outcome(row, Status.DUPLICATE, _same_as(first)) for index, row, first in earlier if first is not None}
        | {index: Outcome(rows[index], Status.OPTED_OUT, _LISTED) for index in listed}
        | {
            index: Outcome(rows[index], Status.INVALID, reason, (shapes[index],) if index in shapes else ())
            for index, reason in reasons.items()
        }
        | {index: Outcome(rows[index], Status.OPTED_OUT, _NO_IN_FILE) for index in said_no}
        | {index: Outcome(row, Status.INVALID, row.unreadable) for index, row in enumerate(rows) if row.unreadable}
    )


def _same_as(earlier: int) -> str:
    return f"phone_number: the same number is in row {earlier}"


def _shapes(block: Block) -> dict[int, Caution]:
    width = len(block.columns.columns)
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
            doubts = [index for index, cell in enumerate(cells) if answers[cell] is None and index not in noes]
            cautions.note(doubts, "consent", "the words in the column are neither a yes nor a no")
            noes.update(index for index, cell in enumerate(cells) if answers[cell])
    return noes


def _phones(block: Block, rules: Rules, cautions: Cautions) -> tuple[list[str], dict[int, str]]:
    """The number of each row in E.164 form, "" when there is none, and why there is none."""
    is_certain = rules.phone_region == "AU" and not block.columns.phone_types
    e164s = columnwise.mobiles(block.all(Role.PHONE)[0] if is_certain and block.has(Role.PHONE) else block.empty)
    reasons = {}
    for index, e164 in enumerate(e164s):
        if not e164:
            phone = choose(block.phones(index), region=rules.phone_region, mobile_only=rules.mobile_only)
            if isinstance(phone, NoPhone):
                reasons[index] = phone.reason
            else:
                e164s[index] = phone.e164
                cautions.note((index,) if phone.caution else (), "phone_number", phone.caution)
    return e164s, reasons


def _labels(block: Block, rules: Rules) -> Iterable[Labels]:
    if not block.has(Role.TAGS) and not block.has(Role.LISTS):
        return repeat(rules.labels, len(block.rows))
    tags, lists = (
        list(zip(*block.all(role), strict=True)) or [()] * len(block.rows) for role in (Role.TAGS, Role.LISTS)
    )
    pairs = list(zip(tags, lists, strict=True))
    known = {pair: rules.labels + Labels(*map(values.label_names, pair)) for pair in set(pairs)}
    return [known[pair] for pair in pairs]
