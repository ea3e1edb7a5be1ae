"""Decide for each row whether it may be sent, from all of its consent columns together, and from its remarks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from contact_import.columns.detect import Columns
from contact_import.columns.header_match import is_about_sms, split_words
from contact_import.columns.role_columns import can_hold_remarks
from contact_import.contacts.row_block import RowBlock
from contact_import.domain.consent import SILENCE, Consent, ConsentEvidence, ConsentValues, fold_value
from contact_import.domain.roles import CONSENT_ROLES, LABEL_ROLES, NAME_ROLES
from contact_import.fields.consent.answer import ConsentAnswer, read_consent
from contact_import.fields.consent.expiry import read_expiry
from contact_import.fields.consent.header import find_consent_kind, has_moment_word
from contact_import.fields.consent.kinds import ConsentKind
from contact_import.fields.consent.membership import is_of_membership
from contact_import.fields.consent.preference import names_consent
from contact_import.fields.consent.refusal import find_refusals, may_have_refusing_remark, read_label, read_remark
from contact_import.fields.consent.words import CHANGE_WORDS, MOMENT_WORDS
from contact_import.fields.dressing import undress
from contact_import.fields.moment import Moment
from contact_import.fields.text import split_labels
from contact_import.resubmission.report_columns import find_report_column

# Answers repeat in nearly all files. The limits are for a column of dates or remarks, whose cells are all different.
_MAX_CACHED = 20_000
_MAX_CACHED_CHARS = 200

type CellReader = Callable[[str], ConsentAnswer]


@dataclass(frozen=True, slots=True)
class ConsentColumn:
    """A column about consent. `values` has the verdicts that the user's mapping gives to values.

    `moment_of` is the index of the column whose answers this one dates: `SMS consent date` beside `SMS consent`.
    """

    index: int
    header: str
    kind: ConsentKind
    is_sms: bool
    is_moment: bool
    values: ConsentValues
    moment_of: int | None = None

    @property
    def is_other_purpose(self) -> bool:
        """Return whether the column is about SMS other than marketing: `SMS reminders`, `Send schedule texts`."""
        return self.kind is ConsentKind.PREFERENCE and self.is_sms and not names_consent(split_words(self.header))

    @property
    def is_of_membership(self) -> bool:
        """Return whether the column is about the end of a membership, not of a consent: `Member until`."""
        is_end = self.kind in (ConsentKind.EXPIRY, ConsentKind.MEMBERSHIP, ConsentKind.PREFERENCE)
        return is_end and is_of_membership(set(split_words(self.header)))

    def read(self, cell: str, today: date) -> ConsentAnswer:
        """Return the answer of a cell: by the user's mapping, or else by its words. An end is compared with `today`."""
        verdict = self.values.get(fold_value(cell)) if self.values else None
        if verdict:
            return ConsentAnswer(verdict)
        # A cell of nothing but markup or invisible signs is still filled, and not silent.
        text = undress(cell, unpack=False) or cell
        if self.kind is ConsentKind.EXPIRY:
            verdict = read_expiry(text, today, split_words(self.header))
            # A person whose membership has ended may have agreed to SMS as well.
            return ConsentAnswer(Consent.UNCLEAR if verdict is Consent.NO and self.is_of_membership else verdict)
        answer = read_consent(text, self.kind, is_moment_column=self.is_moment)
        is_silent_note = self.kind is ConsentKind.NUMBER_NOTE and answer.verdict is Consent.SILENT
        return ConsentAnswer(read_remark(text)) if is_silent_note else answer


class _Answer(NamedTuple):
    column: ConsentColumn
    cell: str
    verdict: Consent
    moment: Moment | None

    def to_evidence(self) -> ConsentEvidence:
        """Return the verdict with the header and the cell as its reason."""
        return ConsentEvidence(self.verdict, self.column.header, self.cell.strip())


def find_consent_columns(columns: Columns) -> tuple[ConsentColumn, ...]:
    """Return the consent columns of a file or submission, in their order."""
    found = []
    for role in CONSENT_ROLES:
        for index in columns.role_indexes.get(role, ()):
            header = columns.columns[index].header
            words = split_words(header)
            values = columns.consent_values.get(index, {})
            kind = find_consent_kind(role, words)
            found.append(ConsentColumn(index, header, kind, is_about_sms(header), has_moment_word(words), values))
    found.sort(key=lambda column: column.index)
    return tuple(_link_moment(column, found) for column in found)


def _link_moment(column: ConsentColumn, columns: Sequence[ConsentColumn]) -> ConsentColumn:
    """Return a column of moments with the column whose answers it dates, if there is one.

    A date of opting out is not linked: if it is filled, the person opted out, whatever the other column says.
    """
    stem = _find_stem(column)
    if column.kind in (ConsentKind.OPT_OUT, ConsentKind.EXPIRY) or not column.is_moment:
        return column
    for other in columns:
        if other.index != column.index and not other.is_moment and _find_stem(other) == stem:
            return ConsentColumn(
                column.index, column.header, column.kind, column.is_sms, column.is_moment, column.values, other.index
            )
    return column


def _find_stem(column: ConsentColumn) -> frozenset[str]:
    """Return the words that a date has in common with its column: `sms consent` of `SMS consent updated at`."""
    return frozenset(split_words(column.header)) - MOMENT_WORDS - CHANGE_WORDS


class ConsentReader:
    """A reader of the consent of rows. It reads equal cells, and rows with equal cells, only once."""

    def __init__(self, columns: Columns, today: date) -> None:
        self.columns, self._today = find_consent_columns(columns), today
        self._membership_headers = frozenset(one.header for one in self.columns if one.is_of_membership)
        self._answers: list[dict[str, ConsentAnswer]] = [{} for _ in self.columns]
        self._evidence: dict[tuple[str, ...], ConsentEvidence] = {}

    def read_rows(self, cells_by_column: Sequence[Sequence[str]]) -> Iterator[ConsentEvidence]:
        """Yield the evidence of each row. `cells_by_column` has at least one column, in the order of `columns`."""
        return map(self.read_row, zip(*cells_by_column, strict=True))

    def read_row(self, cells: tuple[str, ...]) -> ConsentEvidence:
        """Return the evidence of one row by its consent cells, in the order of `columns`."""
        if not any(cells):
            return SILENCE
        if cells in self._evidence:
            return self._evidence[cells]
        evidence = _combine_answers(list(self._read_cells(cells)))
        if len(self._evidence) < _MAX_CACHED and sum(map(len, cells)) < _MAX_CACHED_CHARS:
            self._evidence[cells] = evidence
        return evidence

    def is_of_row_only(self, evidence: ConsentEvidence) -> bool:
        """Return whether evidence concerns its row, not its number: another row may be of the next membership."""
        return evidence.verdict is Consent.UNCLEAR and evidence.label in self._membership_headers

    def read_cell(self, place: int, cell: str) -> ConsentAnswer:
        """Return the answer of a cell of the column at `place` in `columns`."""
        known = self._answers[place]
        if cell in known:
            return known[cell]
        answer = self.columns[place].read(cell, self._today)
        if len(known) < _MAX_CACHED and len(cell) < _MAX_CACHED_CHARS:
            known[cell] = answer
        return answer

    def _read_cells(self, cells: Sequence[str]) -> Iterator[_Answer]:
        """Yield the answers of the filled cells. A date beside an answer only dates it, and is not an answer itself."""
        moments: dict[int, Moment | None] = {}
        filled = {column.index for column, cell in zip(self.columns, cells, strict=True) if cell.strip()}
        answers = []
        for place, (column, cell) in enumerate(zip(self.columns, cells, strict=True)):
            answer = self.read_cell(place, cell)
            if column.moment_of is not None and column.moment_of in filled:
                moments[column.moment_of] = answer.moment
            elif answer.verdict is not Consent.SILENT:
                answers.append((column, cell, answer))
        for column, cell, answer in answers:
            yield _Answer(column, cell, answer.verdict, answer.moment or moments.get(column.index))


def _combine_answers(answers: list[_Answer]) -> ConsentEvidence:
    """Return the evidence of one row from its answers: a no outranks an unclear answer, and that outranks a yes.

    A yes and a no contradict each other, and are settled by their moments.
    """
    if any(answer.column.is_sms for answer in answers):
        # Beside `Accepts SMS marketing`, `Accepts marketing` does not matter. An opt-out from everything does.
        answers = [one for one in answers if one.column.is_sms or one.column.kind is not ConsentKind.CONSENT]
    if any(one.verdict is Consent.YES and one.column.kind is ConsentKind.CONSENT for one in answers):
        # A person who wants offers by SMS may still refuse reminders, or be a member no longer.
        answers = [one for one in answers if not one.column.is_other_purpose and not one.column.is_of_membership]
    yes, no, unclear = (
        [one for one in answers if one.verdict is verdict] for verdict in (Consent.YES, Consent.NO, Consent.UNCLEAR)
    )
    if yes and no:
        return _settle_contradiction(yes, no)
    chosen = no or sorted(unclear, key=lambda one: one.column.is_of_membership) or yes
    return chosen[0].to_evidence() if chosen else SILENCE


def _settle_contradiction(yes: Sequence[_Answer], no: Sequence[_Answer]) -> ConsentEvidence:
    """Return the evidence of columns that contradict each other: the later moment decides, or else it is unclear."""
    joined = [one.moment for one in yes if one.moment]
    left = [one.moment for one in no if one.moment]
    if len(left) == len(no) and joined and all(any(one.is_after(other) for one in joined) for other in left):
        return yes[0].to_evidence()
    # A person joins before leaving: so a date of joining contradicts no answer, and a date of leaving is certain.
    dated = next((one for one in no if one.moment), None)
    if dated or all(one.column.is_moment for one in yes):
        return (dated or no[0]).to_evidence()
    first, second = yes[0], no[0]
    return ConsentEvidence(
        Consent.UNCLEAR, first.column.header, first.cell.strip(), second.column.header, second.cell.strip()
    )


class RefusalReader:
    """A reader of refusals in names, labels and remarks: the columns that are neither a consent nor another field."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        used = {index for role, indexes in columns.role_indexes.items() if role not in LABEL_ROLES for index in indexes}
        used |= {index for record in columns.other_records for index in record.get_indexes(*record.role_indexes)}
        self._remark_indexes = [
            index
            for index, name in enumerate(columns.header)
            if index not in used and not find_report_column(name) and can_hold_remarks(name)
        ]
        self._label_indexes = {index for role in LABEL_ROLES for index in columns.role_indexes.get(role, ())}

    def read_block(self, block: RowBlock) -> dict[int, ConsentEvidence]:
        """Return the evidence of the rows that refuse contact, by index. The evidence of a name has no label."""
        names = [column for role in NAME_ROLES for column in block.get_columns(role)]
        refusals = {index: ConsentEvidence(Consent.NO) for index in find_refusals(names)}
        for column in self._remark_indexes:
            cells = block.get_column(column)
            if may_have_refusing_remark(cells):
                self._read_column(column, cells, refusals)
        return refusals

    def _read_column(self, column: int, cells: Sequence[str], refusals: dict[int, ConsentEvidence]) -> None:
        """Add the refusals of a column. A no outranks an unclear remark of the same row."""
        is_label = column in self._label_indexes
        verdicts = {
            cell: _find_worst(map(read_label, split_labels((cell,)))) if is_label else read_remark(undress(cell))
            for cell in set(cells)
        }
        for row, cell in enumerate(cells):
            known = refusals.get(row)
            if verdicts[cell].is_held_back and (known is None or known.verdict is Consent.UNCLEAR):
                refusals[row] = ConsentEvidence(verdicts[cell], self._columns.header[column], cell.strip())


def _find_worst(verdicts: Iterable[Consent]) -> Consent:
    found = set(verdicts)
    return next((one for one in (Consent.NO, Consent.UNCLEAR) if one in found), Consent.SILENT)
