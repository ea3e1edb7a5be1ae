"""Lines to rows. (The reader follows.)"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A line of data as it stands in the file.

    `number` is the line on which it starts, counted from 1 as an editor counts. `cells` are as the file has
    them, no more and no fewer. What is wrong with the row's shape is told in `flaw` when its cells can be
    used all the same, in `unreadable` when they cannot: reasons for people, with no cell of the file in them.
    """

    number: int
    cells: tuple[str, ...]
    flaw: str = ""
    unreadable: str = ""
