"""Find the header of a file among its first rows, and merge the second line of a survey's header into it."""

from collections.abc import Sequence
from functools import cache
from statistics import median

from contact_import.columns.header_match import has_example, is_vague, match_role, split_words
from contact_import.columns.value_types import ValueType, classify_value, has_phone_or_email
from contact_import.domain.roles import Role
from contact_import.domain.row import Row

_HEADER_SEARCH_ROWS = 30  # a report has a title and some totals above its header
_MAX_HEADER_CHARS = 80  # enough for the question of a form
_MAX_SIGNATURE_CELLS = 2  # `Created by`, `bo@example.com` above the header of a report
_SHIFT_SEARCH_ROWS = 20
_CERTAIN_SCORE = 4  # a phone, which counts 3, and one more role
_OPEN_ENDED = "open-ended response"
_ANSWER_KINDS = frozenset({_OPEN_ENDED, "response", "other (please specify)"})
_RESPONDENT_ID_WORDS = ("respondent", "id")
_QUALTRICS_PREFIX = '{"ImportId":'
_TEXT_TYPES = (ValueType.WORD, ValueType.NAME, ValueType.OTHER)


def find_header_row(rows: Sequence[Row], region: str) -> int | None:
    """Return the index of the header among the first rows, or None for a file without a header.

    The header is the row that names most roles. A row before it may be a person only if the header has phones and that
    row has none: then it is of another table. A header in an unknown language is the row before the first person, if it
    has text above the phone or e-mail of that person.
    """
    # A cell takes up to 0.3 ms to classify, so 3,000 cells take about a second (as in `detect`). A title is narrow.
    width = max((len(row.cells) for row in rows[:_HEADER_SEARCH_ROWS]), default=1)
    searched = rows[: max(5, min(_HEADER_SEARCH_ROWS, 3000 // (width or 1)))]
    best_index, best_score = _find_best_row(searched, region)
    if best_index is not None and not _has_phone_header(rows[best_index]):
        other_index = _find_phone_header(rows, best_index + 1, region)
        best_index, best_score = (best_index, best_score) if other_index is None else (other_index, _CERTAIN_SCORE)
    # A score below 1 is a single vague role: it counts only if no row is a person.
    if best_score >= 1:
        return best_index
    unknown_index, has_person = _find_unknown_header(searched, region)
    return unknown_index if has_person else best_index


def _find_best_row(rows: Sequence[Row], region: str) -> tuple[int | None, float]:
    """Return the index and the score of the row with most roles above the first person; None and 0 without one."""
    is_person = cache(lambda index: has_phone_or_email(rows[index].cells, region))
    median_filled = median([_count_filled(row) for row in rows]) if rows else 0
    best_index, best_score, signature_cells = None, 0.0, 0
    for index, row in enumerate(rows):
        filled = _count_filled(row)
        if is_person(index) and has_phone_or_email([cell for cell in row.cells if not has_example(cell)], region):
            # A phone or e-mail among few cells above any header may be the author of a report.
            if filled > _MAX_SIGNATURE_CELLS or best_index is not None:
                break
            signature_cells = max(signature_cells, filled)
            continue
        score = _score_header(row)
        if signature_cells and (score < _CERTAIN_SCORE or filled <= signature_cells):
            continue
        if 0 < score < _CERTAIN_SCORE and _has_recurring_cell(
            row, [rows[other] for other in range(index + 1, len(rows)) if is_person(other)]
        ):
            continue
        if score > best_score and (filled * 2 >= median_filled or median_filled <= 1):
            best_index, best_score = index, score
    return best_index, best_score


def _find_phone_header(rows: Sequence[Row], start: int, region: str) -> int | None:
    """Return the index of the first row that is certainly a header with a phone, if no row before it has a phone.

    Example: the report of a webinar has its hosts, without phones, in a table above the attendees.
    """
    for index in range(start, len(rows)):
        cells = rows[index].cells
        if _has_phone_header(rows[index]) and _score_header(rows[index]) >= _CERTAIN_SCORE:
            return None if has_phone_or_email([cell for cell in cells if not has_example(cell)], region) else index
        if has_phone_or_email([cell for cell in cells if "@" not in cell], region):
            return None
    return None


def _has_phone_header(row: Row) -> bool:
    """Return whether a cell is clearly the header of phones."""
    return any(match_role(cell) is Role.PHONE and not is_vague(cell) for cell in row.cells if cell)


def is_repeated_header(row: Row, header: Row) -> bool:
    """Return whether a row repeats the header, as some tools write it."""
    return [split_words(cell) for cell in row.cells] == [split_words(cell) for cell in header.cells]


def is_subheader(row: Row, header: Row, region: str) -> bool:
    """Return whether a row is certainly the second line of a survey's header, and not a person.

    Below its questions, SurveyMonkey writes the kind of their answers, and nothing below `Respondent ID`, which is
    filled in every answer. Qualtrics writes the id of the question as JSON.
    """
    filled = [cell.strip() for cell in row.cells if cell.strip()]
    if not filled or has_phone_or_email(row.cells, region):
        return False
    kinds = _ANSWER_KINDS.intersection(cell.casefold() for cell in filled)
    if _OPEN_ENDED in kinds or all(cell.startswith(_QUALTRICS_PREFIX) for cell in filled):
        return True
    above = dict(zip(map(split_words, header.cells), row.cells, strict=False))
    named = {match_role(cell) for cell in filled if not is_vague(cell)} - {None}
    return above.get(_RESPONDENT_ID_WORDS, "?").strip() == "" and (bool(kinds) or len(named) > 1)


def read_header(rows: Sequence[Row], index: int, region: str) -> tuple[Row, int]:
    """Return the header at `index` as one row, and the number of rows before the data.

    Repeated headers are skipped, and the second line of a survey's header is merged into the first.
    """
    if index and is_subheader(rows[index], rows[index - 1], region):
        index -= 1
    header, skip = rows[index], index + 1
    while skip < len(rows) and is_repeated_header(rows[skip], rows[index]):
        skip += 1
    while skip < len(rows) and is_subheader(rows[skip], rows[index], region):
        header = _merge_subheader(header, rows[skip], rows[skip + 1 :])
        skip += 1
    return header, skip


def is_shifted(header: Row, data: Sequence[Row], region: str) -> bool:
    """Return whether the header lacks the name of the first column, as R writes tables with row names.

    At least nine of ten rows have one cell more than the header, and the phones are one cell to the right of their
    header. If there is no such header, the first cells must be the numbers of the rows.
    """
    width = len(header.cells) + 1
    rows = [row.cells for row in data if len(row.cells) == width]
    if len(rows) * 10 < len(data) * 9 or not any(cells[-1].strip() for cells in rows) or not header.cells[0].strip():
        return False
    phone_index = next((index for index, name in enumerate(header.cells) if match_role(name) is Role.PHONE), None)
    if phone_index is not None:
        here, there = (
            sum(has_phone_or_email([cells[index]], region) for cells in rows[:_SHIFT_SEARCH_ROWS])
            for index in (phone_index, phone_index + 1)
        )
        if here or there:
            return there > here
    numbers = [cells[0].strip() for cells in rows]
    first = int(numbers[0]) if numbers[0].isdecimal() else -1
    return first in (0, 1) and numbers == [*map(str, range(first, first + len(numbers)))]


def has_people(rows: Sequence[Row], region: str) -> bool:
    """Return whether the rows above the header are a table of people, not a title or the author of a report."""
    return any(_count_filled(row) > _MAX_SIGNATURE_CELLS and has_phone_or_email(row.cells, region) for row in rows)


def _merge_subheader(header: Row, subheader: Row, data: Sequence[Row]) -> Row:
    """Replace the group `Your details` by the `Name` and the `Phone Number` in the line below it.

    The label of a choice does not replace a header: the people who chose it have it as their value.
    """
    cells = list(header.cells)
    for index, label in enumerate(subheader.cells[: len(cells)]):
        if (
            match_role(label)
            and not match_role(cells[index])
            and not any(label in row.cells[index : index + 1] for row in data)
        ):
            cells[index] = label
    return header._replace(cells=tuple(cells))


def _has_recurring_cell(row: Row, people: Sequence[Row]) -> bool:
    """Return whether a cell of the row is repeated by a person below it: then `Client` is a value, not a header."""
    return any(
        cell and not cell.isspace() and any(cell in other.cells[index : index + 1] for other in people)
        for index, cell in enumerate(row.cells)
    )


def _count_filled(row: Row) -> int:
    return sum(1 for cell in row.cells if cell and not cell.isspace())


def _score_header(row: Row) -> float:
    """Return the number of roles that the row names. A vague header counts half, a phone three times."""
    weights: dict[Role, float] = {}
    for cell in row.cells:
        if len(cell) <= _MAX_HEADER_CHARS and (role := match_role(cell)):
            weights[role] = max(weights.get(role, 0), 0.5 if is_vague(cell) else 1)
    score = sum(weights.values()) + (2 * weights.get(Role.PHONE, 0))
    # An export of all fields has hundreds of unknown columns, and more known ones than a phone and a name.
    if len(weights) * 10 < _count_filled(row) and score <= _CERTAIN_SCORE:
        return 0
    if len(weights) == 1 and weights.keys() <= {Role.LISTS, Role.TAGS}:
        return 0.25  # `Contact list`, the title of a report
    return score


def _find_unknown_header(rows: Sequence[Row], region: str) -> tuple[int | None, bool]:
    """Return the index of a header in an unknown language or None, and whether any row is a person."""
    for index, row in enumerate(rows):
        if has_phone_or_email(row.cells, region) and (_count_filled(row) > 1 or len(row.cells) == 1):
            return index - 1 if index and _is_text_header(rows[index - 1], row, region) else None, True
    return None, False


def _is_text_header(header: Row, person: Row, region: str) -> bool:
    """Return whether a row has text above the phones and e-mails of a person, and no digit in any cell."""
    if any(any(letter.isdigit() for letter in cell) for cell in header.cells):
        return False
    return all(
        index < len(header.cells) and classify_value(header.cells[index], region) in _TEXT_TYPES
        for index, cell in enumerate(person.cells)
        if has_phone_or_email([cell], region)
    )
