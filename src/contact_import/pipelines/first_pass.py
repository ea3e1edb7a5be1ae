"""The first pass over an upload, where rows decide about rows before them: made once, saved, and read by every run."""

from collections.abc import Callable
from typing import BinaryIO

from contact_import.aws.s3 import Bucket
from contact_import.contacts.first_pass import FirstPass, needs_first_pass, read_first_pass
from contact_import.contacts.normalize import ValidationRules
from contact_import.domain.object_keys import make_first_pass_key
from contact_import.errors import FileError, LedgerError
from contact_import.fields.person_name import may_hold_refusal
from contact_import.files.archives import unpack
from contact_import.files.spreadsheets.workbook import Workbook
from contact_import.files.table import Layout, open_table

_TOO_LONG = "The file is too long to be read in one go: split it into two files, and upload both."
_TEXT = "text/plain; charset=utf-8"
_CHUNK_BYTES = 1024 * 1024
_OVERLAP = 32  # longer than any word that is searched for


def save_first_pass(
    bucket: Bucket,
    import_id: str,
    reopen: Callable[[], BinaryIO],
    layout: Layout,
    rules: ValidationRules,
    *,
    has_time: Callable[[], bool],
) -> FirstPass | None:
    """Read the whole file for what its rows say about other rows, save that, and return it.

    Return None for a file in which no row can: it is not parsed. Raise FileError when there was no time.
    """
    found = make_first_pass(reopen, layout, rules, has_time)
    if found is None:
        return None
    if not found.is_complete:
        raise FileError(_TOO_LONG)
    with bucket.open_writer(make_first_pass_key(import_id), _TEXT) as writer:
        for line in found.to_lines():
            writer.write(line)
    return found


def make_first_pass(
    reopen: Callable[[], BinaryIO], layout: Layout, rules: ValidationRules, has_time: Callable[[], bool] = lambda: True
) -> FirstPass | None:
    """Return what the rows of a file say about other rows, None for a file in which no row can."""
    if not needs_first_pass(layout.columns, lambda: _has_refusal_hint(reopen)):
        return None
    with reopen() as stream:
        rows = open_table(stream, region=rules.phone_region, layout=layout).rows
        return read_first_pass(rows, layout.columns, rules, has_time)


def load_first_pass(bucket: Bucket, import_id: str) -> FirstPass:
    """Return what was saved. Raise LedgerError when it has disappeared since."""
    key = make_first_pass_key(import_id)
    if not bucket.has_object(key):
        raise LedgerError("The bucket does not keep what the first pass over the file found.")
    with bucket.open(key) as stream:
        return FirstPass.from_lines(line.decode() for line in stream)


def _has_refusal_hint(reopen: Callable[[], BinaryIO]) -> bool:
    """Return whether the bytes of a file may hold words of a name such as `Bo Lee (DO NOT CONTACT)`.

    Most files hold none. To search their bytes costs a fiftieth of parsing them. The texts of a workbook may be
    cut into pieces: it always may.
    """
    end = b""
    with reopen() as stream:
        try:
            text = unpack(stream)
            if isinstance(text, Workbook):
                text.close()
                return True
            while chunk := text.read(_CHUNK_BYTES):
                if may_hold_refusal(end + chunk):
                    return True
                end = chunk[-_OVERLAP:]
        except FileError:
            pass  # the rows end here, and the import says why
    return False
