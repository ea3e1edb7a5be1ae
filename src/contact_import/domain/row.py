"""Represent a row of a file. The people of a delivery become rows, too."""

from typing import NamedTuple


# A named tuple, because a file has millions of rows: making a frozen dataclass takes twice the time (0.9 µs).
class Row(NamedTuple):
    """A row of data, exactly as the file has it.

    `number` is the line on which the row starts, counted from 1 as in an editor. `cells` are neither padded nor cut.
    `parse_warning` describes a damaged row whose cells can be used, `parse_error` one whose cells cannot. Both are
    reasons for the person who uploaded the file, and contain no cell.
    """

    number: int
    cells: tuple[str, ...]
    parse_warning: str = ""
    parse_error: str = ""
