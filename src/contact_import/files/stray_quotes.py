"""Read a line of CSV with misplaced quotes by the number of cells that the rows of its file have."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

_MAX_QUOTES = 40  # of a line; the work grows with their square
_MAX_CHARS = 64 * 1024


def split_by_width(
    line: str, width: int, *, delimiter: str, quote: str, skip_initial_space: bool = False
) -> tuple[str, ...] | None:
    """Return the cells of a line in the reading with `width` cells and the fewest stray quotes, None if there is none.

    A cell is quoted only where its closing quote is before a delimiter or the end of the line; any other quote is
    text. Example: `"5" pipe, long",no` with a width of 2 is `5" pipe, long` and `no`.
    """
    text = line.rstrip("\r\n")
    if not width or len(text) > _MAX_CHARS or text.count(quote) > _MAX_QUOTES:
        return None
    ends = [*(index for index, letter in enumerate(text) if letter == delimiter), len(text)]
    closing_ends = [end for end in ends if text[:end].endswith(quote)]
    # Dynamic programming from left to right. By the end of a cell, and the number of cells up to there: the fewest
    # stray quotes, and the cells of that reading.
    best: dict[int, dict[int, tuple[int, tuple[str, ...]]]] = {-1: {0: (0, ())}}
    for previous_end in (-1, *ends[:-1]):
        readings = {count: reading for count, reading in best.pop(previous_end, {}).items() if count < width}
        start = previous_end + 1
        while readings and skip_initial_space and text.startswith(" ", start):
            start += 1
        for end, cell, more_strays in _find_cells(text, start, ends, closing_ends, quote) if readings else ():
            for count, (strays, cells) in readings.items():
                found = best.setdefault(end, {})
                if count + 1 not in found or strays + more_strays < found[count + 1][0]:
                    found[count + 1] = (strays + more_strays, (*cells, cell))
    final = best.get(len(text), {}).get(width)
    return final[1] if final else None


def _find_cells(
    text: str, start: int, ends: Sequence[int], closing_ends: Sequence[int], quote: str
) -> Iterator[tuple[int, str, int]]:
    """Yield the end, the text and the number of stray quotes of each cell that may begin at `start`."""
    end = ends[bisect_left(ends, start)]
    is_quoted = text.startswith(quote, start)
    yield end, text[start:end], int(is_quoted)
    for end in closing_ends if is_quoted else ():
        if end >= start + 2:
            # Quotes inside a quoted cell are doubled; what remains of them is stray.
            inner = text[start + 1 : end - 1]
            yield end, inner.replace(quote * 2, quote), inner.replace(quote * 2, "").count(quote)
