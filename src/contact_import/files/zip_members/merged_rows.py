"""Read several CSV files as one table: the columns of all of them, and the rows of one file after the other.

Up to two columns are added in front. The first is the file's name as a status, where the name of any file refuses SMS
(Mailchimp's `unsubscribed_…csv`, `cleaned_…csv`). The second is the file and line, because row numbers continue from
one file to the next.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, count
from typing import NamedTuple

from contact_import.columns.detect import Columns, detect_columns
from contact_import.columns.header_match import split_words
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.row import Row
from contact_import.errors import FileError
from contact_import.fields.consent.answer import find_refusal
from contact_import.files.csv_rows import MAX_COLUMNS, read_blocks
from contact_import.files.decoding import DecodedText, open_text
from contact_import.files.dialect import detect_dialect, read_sample, take_until_error
from contact_import.files.sections import follow_sections
from contact_import.files.zip_members.member_files import MemberFiles
from contact_import.resubmission.stored_layout import detect_resubmitted_columns

STATUS_HEADER, FILE_HEADER = "Subscription status", "File"
_SAMPLE_ROWS = 200
_CHUNK_ROWS = 200


class _Member(NamedTuple):
    name: str
    text: DecodedText
    delimiter: str
    columns: Columns
    rows: Iterator[Row]


class MergedText(NamedTuple):
    """The encodings of the files together, with the properties that `DecodedText` has for one."""

    texts: tuple[DecodedText, ...]

    @property
    def encoding(self) -> str:
        """Return the names of the encodings, each once, separated by commas."""
        return ", ".join(dict.fromkeys(text.encoding for text in self.texts))

    @property
    def stray_bytes(self) -> int:
        """Return the number of bytes that were not UTF-8."""
        return sum(text.stray_bytes for text in self.texts)

    @property
    def replaced_chars(self) -> int:
        """Return the number of characters that no encoding explains."""
        return sum(text.replaced_chars for text in self.texts)


class MergedFiles(NamedTuple):
    """The common header of all files, as row 1, and their rows. `delimiter` is "" if the files have different ones."""

    header: Row
    rows: Iterator[Row]
    text: MergedText
    delimiter: str
    names: tuple[str, ...]


def merge_files(files: MemberFiles, region: str, warn: Callable[[RowWarning], None]) -> MergedFiles:
    """Open the files as one table. `warn` is called with each warning about a file while its rows are read.

    Raise FileError for a file without a header or one that cannot be read, and when no file has a row.
    """
    members = list(filter(None, (_open_member(files, index, region, warn) for index in range(len(files.members)))))
    if not members:
        raise FileError("The files in the ZIP archive contain only blank lines.")
    # The index of each merged column by its key of `_make_column_keys`; `indexes` has those of each file's columns.
    places: dict[tuple[object, ...], int] = {}
    statuses = [find_refusal(member.name.rpartition(".")[0]) for member in members]
    header = [*([STATUS_HEADER] if any(statuses) else ()), FILE_HEADER]
    leads = [[status] if any(statuses) else [] for status in statuses]
    indexes: list[list[int]] = []
    for number, member in enumerate(members):
        indexes.append([])
        for key, name in _make_column_keys(member.columns.header, number):
            if key not in places:
                places[key] = len(header)
                header.append(name)
            indexes[-1].append(places[key])
    if len(header) > MAX_COLUMNS:
        raise FileError(
            f"The files have more than {MAX_COLUMNS:,} columns. Keep only those of the contacts, and upload them again."
        )
    delimiters = {member.delimiter for member in members}
    return MergedFiles(
        Row(1, tuple(header)),
        _read_members(files, members, leads, indexes, len(header)),
        MergedText(tuple(member.text for member in members)),
        delimiters.pop() if len(delimiters) == 1 else "",
        tuple(member.name for member in members),
    )


def _open_member(files: MemberFiles, index: int, region: str, warn: Callable[[RowWarning], None]) -> _Member | None:
    """Open a file and find its header. Return None for a file without a row."""
    info = files.members[index]
    name = info.filename.rpartition("/")[2]
    if not info.file_size:
        return None
    text = open_text(files.open(info))
    blocks, lines, rest = read_sample(text.read_blocks())
    dialect = detect_dialect(lines)
    sample, rows = take_until_error(chain.from_iterable(read_blocks(chain(blocks, rest), dialect)), _SAMPLE_ROWS)
    if not sample:
        deque(rows, maxlen=0)  # raises the error of a damaged file, if that is the reason
        return None
    if detect_resubmitted_columns(sample, region=region, mapping=None):
        raise FileError(f"\u201c{name[:80]}\u201d in the ZIP archive is a failed.csv; upload it by itself.")
    columns, skip = detect_columns(sample, region=region)
    if columns.header_line is None:
        raise FileError(f"\u201c{name[:80]}\u201d in the ZIP archive has no header; add one, or upload it by itself.")
    followed = follow_sections(_split_chunks(chain(sample[skip:], rows)), columns, warn)
    return _Member(name, text, dialect.delimiter, columns, chain.from_iterable(followed))


def _split_chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while True:
        chunk, rows = take_until_error(rows, _CHUNK_ROWS)
        yield chunk
        if len(chunk) < _CHUNK_ROWS:
            deque(rows, maxlen=0)  # raises the error that ended the rows, if any
            return


def _make_column_keys(header: Sequence[str], member: int) -> Iterator[tuple[tuple[object, ...], str]]:
    """Yield a key and the header of each column. Columns of several files with equal keys become one column.

    The key is the header's words and how often the file had them before: two `Phone` columns meet the two of another
    file in their order. The key of a column without a header is unique.
    """
    counters: dict[tuple[str, ...], Iterator[int]] = {}
    for index, name in enumerate(header):
        words = tuple(split_words(name))
        if words:
            yield (words, next(counters.setdefault(words, count()))), name
        else:
            yield (member, index), name


def _read_members(
    files: MemberFiles,
    members: Sequence[_Member],
    leads: Sequence[Sequence[str]],
    indexes: Sequence[Sequence[int]],
    width: int,
) -> Iterator[Row]:
    base = 0  # row numbers continue from one file to the next, so that each row has a different one
    for member, lead, places in zip(members, leads, indexes, strict=True):
        last = 1
        for row in member.rows:
            cells = [*lead, f"{member.name}, line {row.number}"]
            cells += [""] * (width - len(cells))
            for place, cell in zip(places, row.cells, strict=False):
                cells[place] = cell
            yield row._replace(number=base + row.number, cells=(*cells, *row.cells[len(places) :]))
            last = row.number
        base += last
    files.close()
