"""Where the header of a file stands, and that it has one."""

from collections.abc import Callable, Sequence
from statistics import median

from contact_import.columns.header_match import has_example, is_vague, words_of
from contact_import.columns.header_names import Role
from contact_import.columns.value_types import Look, is_person, look_of
from contact_import.files.csv_rows import Row

_WITHIN = 30
_PROSE = 80  # characters: longer than a header, short enough for a form's question
_SIGNATURE = 2  # cells: `Created by`, `bo@example.com` above the header of a report
_CERTAIN = 4  # phones and one more
_OPEN_ENDED = "open-ended response"
_KINDS_OF_ANSWER = frozenset({_OPEN_ENDED, "response", "other (please specify)"})
_RESPONDENT = ("respondent", "id")
_IMPORT_ID = '{"ImportId":'
_TEXTS = (Look.WORD, Look.NAME, Look.OTHER)


def heading_at(rows: Sequence[Row], region: str, role_of: Callable[[str], Role | None]) -> int | None:
    """The index of the header among the first rows, None when the file has none.

    It is the row that names most roles, and no row before it may be a person. A file in a language that nobody
    knows has as its header the row before the first person, when there is text above that person's phone or e-mail.
    """
    rows = rows[: max(5, min(_WITHIN, 3000 // (len(rows[0].cells) or 1)))] if rows else rows
    usual = median([_filled(row) for row in rows]) if rows else 0
    best, best_score, signature = None, 0.0, 0
    for at, row in enumerate(rows):
        filled = _filled(row)
        if is_person([cell for cell in row.cells if not has_example(cell)], region):
            if filled > _SIGNATURE or best is not None:
                break
            signature = max(signature, filled)
            continue
        score = _score(row, role_of)
        if signature and (score < _CERTAIN or filled <= signature):
            continue
        if score < _CERTAIN and _recurs(row, rows[at + 1 :], region):
            continue
        if score > best_score and (filled * 2 >= usual or usual <= 1):
            best, best_score = at, score
    if best_score >= 1:
        return best
    unknown, found = _unknown_at(rows, region)
    return unknown if found else best


def is_same(row: Row, header: Row) -> bool:
    """Whether a row repeats the header, as some tools have it."""
    return [words_of(cell) for cell in row.cells] == [words_of(cell) for cell in header.cells]


def is_subheading(row: Row, header: Row, region: str, role_of: Callable[[str], Role | None]) -> bool:
    """Whether a row is certainly the second line of a survey's header, and so no person.

    SurveyMonkey writes below its questions what kind of answer each has, and nothing below `Respondent ID`, which
    every respondent has; Qualtrics writes which question it was, as JSON.
    """
    filled = [cell.strip() for cell in row.cells if cell.strip()]
    if not filled or is_person(row.cells, region):
        return False
    kinds = _KINDS_OF_ANSWER.intersection(cell.casefold() for cell in filled)
    if _OPEN_ENDED in kinds or all(cell.startswith(_IMPORT_ID) for cell in filled):
        return True
    above = dict(zip(map(words_of, header.cells), row.cells, strict=False))
    named = {role_of(cell) for cell in filled if not is_vague(cell)} - {None}
    return above.get(_RESPONDENT, "?").strip() == "" and (bool(kinds) or len(named) > 1)


def header_at(rows: Sequence[Row], at: int, region: str, role_of: Callable[[str], Role | None]) -> tuple[Row, int]:
    """The header that stands at `at`, in one line, and how many of the rows are before the data."""
    if at and is_subheading(rows[at], rows[at - 1], region, role_of):
        at -= 1
    header, skip = rows[at], at + 1
    while skip < len(rows) and is_same(rows[skip], rows[at]):
        skip += 1
    while skip < len(rows) and is_subheading(rows[skip], rows[at], region, role_of):
        header = _joined(header, rows[skip], rows[skip + 1 :], role_of)
        skip += 1
    return header, skip


def _joined(header: Row, below: Row, data: Sequence[Row], role_of: Callable[[str], Role | None]) -> Row:
    """`Your details` with `Name` and `Phone Number` below it asks for these.

    A choice does not: its name is what stands in the rows of those who took it.
    """
    cells = list(header.cells)
    for index, label in enumerate(below.cells[: len(cells)]):
        if (
            role_of(label)
            and not role_of(cells[index])
            and not any(label in row.cells[index : index + 1] for row in data)
        ):
            cells[index] = label
    return header._replace(cells=tuple(cells))


def _recurs(row: Row, below: Sequence[Row], region: str) -> bool:
    """Whether a cell of the row stands beside a person further down too: `Client`, `Mobile` are values here."""
    people = [other for other in below if is_person(other.cells, region)]
    return any(
        cell and not cell.isspace() and any(cell in other.cells[index : index + 1] for other in people)
        for index, cell in enumerate(row.cells)
    )


def _filled(row: Row) -> int:
    return sum(1 for cell in row.cells if cell and not cell.isspace())


def _score(row: Row, role_of: Callable[[str], Role | None]) -> float:
    """How many roles the row names; a known spelling counts more than a word in a sentence."""
    weights: dict[Role, float] = {}
    for cell in row.cells:
        if len(cell) <= _PROSE and (role := role_of(cell)):
            weights[role] = max(weights.get(role, 0), 0.5 if is_vague(cell) else 1)
    if len(weights) * 10 < _filled(row):
        return 0
    if len(weights) == 1 and weights.keys() <= {Role.LISTS, Role.TAGS}:
        return 0.25  # `Contact list`, the title of a report
    return sum(weights.values()) + (2 * weights.get(Role.PHONE, 0))


def _unknown_at(rows: Sequence[Row], region: str) -> tuple[int | None, bool]:
    """The header in a language that nobody knows, and whether there was a person to find it by."""
    for at, row in enumerate(rows):
        if is_person(row.cells, region) and (_filled(row) > 1 or len(row.cells) == 1):
            return at - 1 if at and _is_above(rows[at - 1], row, region) else None, True
    return None, False


def _is_above(above: Row, person: Row, region: str) -> bool:
    """Whether there is text where the person has phones and e-mails, and no digit anywhere in the row."""
    if any(any(letter.isdigit() for letter in cell) for cell in above.cells):
        return False
    return all(
        index < len(above.cells) and look_of(above.cells[index], region) in _TEXTS
        for index, cell in enumerate(person.cells)
        if is_person([cell], region)
    )
