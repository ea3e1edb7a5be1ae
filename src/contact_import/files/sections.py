"""Read a file with several tables, or with records of several lines, as one table of single rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from contact_import.columns.detect import Columns
from contact_import.columns.header_match import is_vague, match_role, split_words
from contact_import.columns.header_names import HEADER_NAMES
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.roles import CONSENT_ROLES, NAME_ROLES, Role
from contact_import.domain.row import Row
from contact_import.files.csv_rows import PHONE_OR_EMAIL

_ID_WORDS = frozenset({"id", "ids", "key", "uuid", "guid"})
_HELD_BACK = "row: this part of the file has a consent column that the first table does not have"
_MAX_CONTINUATIONS = 200  # lines of one record
_MAX_HEADER_CHARS = 80  # a longer cell is a text, not a header
_SPELLINGS = frozenset("|".join(HEADER_NAMES.values()).split("|"))
_Chunks = Iterator[list[Row]]


def follow_sections(chunks: _Chunks, columns: Columns, warn: Callable[[RowWarning], None]) -> _Chunks:
    """Yield chunks of rows, all with the columns of the first table, and each record as one row.

    `warn` is called with each warning about the file as a whole.
    """
    if columns.header_line is None:
        return chunks
    followed = _follow_headers(chunks, columns, warn)
    parent_indexes = find_parent_columns(columns)
    return _merge_continuations(followed, parent_indexes, warn) if parent_indexes else followed


def find_parent_columns(columns: Columns) -> tuple[int, ...]:
    """Return the indexes of the columns that are empty where a line continues the record above it: none in most files.

    ERPNext and Odoo write further phones of a contact on such lines. Either the first column is an id, which every
    record has, or the columns of the further lines are named by a path: `child_ids/phone`.
    """
    header = columns.header
    paths = {index for index, name in enumerate(header) if "/" in name.strip("/") and " " not in name.strip()}
    if paths and len(paths) < len(header):
        return tuple(index for index in range(len(header)) if index not in paths)
    if len(header) > 1 and split_words(header[0])[-1:] and split_words(header[0])[-1] in _ID_WORDS:
        names = (index for role in NAME_ROLES for index in columns.role_indexes.get(role, ()))
        parents = dict.fromkeys((0, *names))
        return tuple(parents) if len(parents) > 1 else ()
    return ()


def _merge_continuations(chunks: _Chunks, parents: Sequence[int], warn: Callable[[RowWarning], None]) -> _Chunks:
    """Merge each row whose parent columns are empty into the row above. Different cells of a column are joined by `; `.

    Example, with parents ID and Name: `7,Ann,0491570006` and `,,0491570156` become `7,Ann,0491570006; 0491570156`.
    """
    record: list[Row] = []
    has_warned = False
    for chunk in chunks:
        merged = []
        for row in chunk:
            is_continuation = not any(row.cells[index].strip() for index in parents if index < len(row.cells))
            if is_continuation and record and len(record) < _MAX_CONTINUATIONS and not row.parse_error:
                record.append(row)
                if not has_warned:
                    warn(RowWarning("file", "lines without an id and a name were read with the line above them"))
                    has_warned = True
                continue
            if record:
                merged.append(_merge_record(record))
            record = [row]
        yield merged
    if record:
        yield [_merge_record(record)]


def _merge_record(rows: Sequence[Row]) -> Row:
    if len(rows) == 1:
        return rows[0]
    width = max(len(row.cells) for row in rows)
    columns = ([row.cells[index].strip() for row in rows if index < len(row.cells)] for index in range(width))
    cells = tuple("; ".join(dict.fromkeys(filter(None, column))) for column in columns)
    return rows[0]._replace(cells=cells)


def _follow_headers(chunks: _Chunks, columns: Columns, warn: Callable[[RowWarning], None]) -> _Chunks:
    """Drop further headers, and move the cells of the rows below them to the columns of the first header."""
    header_count = len(_find_roles(columns.header))
    first_phone_index = phone_index = columns.role_indexes.get(Role.PHONE, (None,))[0]
    order: _ColumnOrder | None = None
    for chunk in chunks:
        followed, start = [], 0
        for place in _find_odd_rows(chunk, phone_index):
            if not is_header(chunk[place].cells, header_count):
                continue
            followed += _apply(order, chunk[start:place])
            start = place + 1
            order = _ColumnOrder(columns, chunk[place].cells)
            if order.is_first:
                order, phone_index = None, first_phone_index
                warn(RowWarning("file", "the header is repeated in the file; its further lines were left out"))
            else:
                phone_index = None  # each row may be the next header, since the phone is in another column
                warn(RowWarning("file", "the file has more than one table; each was read by its own header"))
        yield followed + _apply(order, chunk[start:]) if start or order else chunk


def _apply(order: "_ColumnOrder | None", rows: list[Row]) -> list[Row]:
    return [*map(order.apply, rows)] if order else rows


def _find_odd_rows(rows: Sequence[Row], phone_index: int | None) -> list[int]:
    """Return the indexes of the rows that may be a header: those whose phone does not end with two digits."""
    if phone_index is None:
        return [*range(len(rows))]
    try:
        ends = [cells[phone_index][-2:] for _, cells, _, _ in rows]
    except IndexError:
        return [*range(len(rows))]
    # One check of all rows is quicker than one of each.
    text = "".join(ends)
    if text.isdecimal() and len(text) == 2 * len(ends):
        return []
    return [index for index, end in enumerate(ends) if not end.isdecimal()]


def is_header(cells: Sequence[str], header_count: int) -> bool:
    """Return whether a row below the header is certainly another header.

    Its cells include the header of a name, and that of a phone or at least as many known headers as the first header
    has (`header_count`). No row of a person looks like this.
    """
    # Most rows end here, at a tenth of the cost of the full match.
    if _SPELLINGS.isdisjoint(cell.strip().casefold().replace("_", " ") for cell in cells):
        return False
    if PHONE_OR_EMAIL.search(" ".join(cells)):
        return False
    roles = _find_roles(cells)
    if len(roles) < 2 or roles.isdisjoint(NAME_ROLES):
        return False
    return Role.PHONE in roles or len(roles) >= max(header_count, 3)


def _find_roles(cells: Iterable[str]) -> set[Role]:
    """Return the roles of the cells that are clearly headers."""
    return {
        role for cell in cells if len(cell) < _MAX_HEADER_CHARS and not is_vague(cell) and (role := match_role(cell))
    }


class _ColumnOrder:
    """The places of a further table's cells, in the order of the first table's columns.

    Columns are matched by the words of their headers, then by their roles. A consent column without a match holds back
    all rows of its table: its answers would be lost.
    """

    def __init__(self, columns: Columns, header: Sequence[str]) -> None:
        role_by_index = {index: role for role, indexes in columns.role_indexes.items() for index in indexes}
        words = [*map(split_words, header)]
        self.is_first = words == [*map(split_words, columns.header)]
        roles = [*map(match_role, header)]
        free = dict.fromkeys(range(len(header)))
        self._width = len(columns.header)
        self._sources: list[int | None] = [None] * self._width
        for by_name in (True, False):
            for index, name in enumerate(columns.header):
                if self._sources[index] is not None:
                    continue
                role = role_by_index.get(index)
                found = (
                    place
                    for place in free
                    if (words[place] == split_words(name) if by_name else role and roles[place] is role)
                )
                if (source := next(found, None)) is not None:
                    self._sources[index] = source
                    del free[source]
        self._others = tuple(free)
        self._is_held_back = any(roles[place] in CONSENT_ROLES for place in free)

    def apply(self, row: Row) -> Row:
        """Return the row with its cells in the order of the first table, and cells of other columns behind them."""
        cells = row.cells
        ordered = [cells[place] if place is not None and place < len(cells) else "" for place in self._sources]
        others = [cells[place] for place in self._others if place < len(cells)] + list(cells[len(self._sources) :])
        parse_error = row.parse_error or (_HELD_BACK if self._is_held_back else "")
        return row._replace(cells=(*ordered, *others), parse_error=parse_error)
