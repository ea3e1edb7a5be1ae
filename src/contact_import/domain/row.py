"""A row of a file, or a person of a delivery, with the number that reports give it."""

from typing import NamedTuple


class Row(NamedTuple):
    """A line of data as it stands in the file.

    `number` is the line on which it starts, counted from 1 as an editor counts. `cells` are as the file has
    them, no more and no fewer. What is wrong with the row's shape is told in `parse_warning` when its cells can be
    used all the same, in `parse_error` when they cannot: reasons for people, with no cell of the file in them.
    """

    number: int
    cells: tuple[str, ...]
    parse_warning: str = ""
    parse_error: str = ""
