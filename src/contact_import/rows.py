"""Lines to rows. (The reader follows.)"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A line of data as it stands in the file.

    `number` is the line on which it starts, counted from 1 as an editor counts. `cells` are as the file has
    them, no more and no fewer. What is wrong with the shape of the row is in `flaw`,
    a reason for people that holds no cell of it ("" when the row is well-formed).
    """

    number: int
    cells: tuple[str, ...]
    flaw: str = ""
