"""Recognise and open the CSV files of a ZIP with several, such as Mailchimp's export of an audience."""

import weakref
import zipfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from contact_import.errors import FileError
from contact_import.files.inflating import UnpackedStream

MAX_MEMBERS = 50
_CSV_ENDINGS = (".csv", ".tsv", ".txt")


class MemberFiles:
    """The files of a ZIP in its own order. `open` returns the plain bytes of one of its `members`.

    It owns the spooled upload (`resources`), which `close` or the garbage collector removes.
    """

    def __init__(
        self,
        members: Sequence[zipfile.ZipInfo],
        open_member: Callable[[zipfile.ZipInfo], UnpackedStream],
        resources: ExitStack,
    ) -> None:
        self.members = tuple(members)
        self.open = open_member
        self.close = weakref.finalize(self, resources.close)


def are_csv_files(members: Sequence[zipfile.ZipInfo]) -> bool:
    """Return whether a ZIP with these files is one list in several CSV files. Raise FileError for more than 50."""
    if len(members) < 2 or not all(member.filename.lower().endswith(_CSV_ENDINGS) for member in members):
        return False
    if len(members) > MAX_MEMBERS:
        raise FileError(
            f"The ZIP archive contains {len(members)} CSV files; at most {MAX_MEMBERS} are read as one list."
        )
    return True
