"""The numbers that an upload's own rows opt out: found by a first pass over the file, saved, and read by every run."""

from collections.abc import Callable
from typing import BinaryIO

from contact_import.aws.s3 import Bucket
from contact_import.contacts.consent_scan import HeldNumbers, scan_consent
from contact_import.domain.consent_tally import ConsentTally
from contact_import.domain.object_keys import make_held_numbers_key
from contact_import.domain.roles import CONSENT_ROLES, Role
from contact_import.errors import FileError, LedgerError
from contact_import.files.table import Layout, open_table

_TOO_LONG = "The file is too long to be read in one go: split it into two files, and upload both."
_TEXT = "text/plain; charset=utf-8"


def save_held_numbers(
    bucket: Bucket,
    import_id: str,
    reopen: Callable[[], BinaryIO],
    layout: Layout,
    *,
    region: str,
    mobile_only: bool,
    has_time: Callable[[], bool],
) -> ConsentTally | None:
    """Read the consent of the whole file, save the numbers that it opts out, and return what the columns say.

    Return None for a file without consent columns, which is not read. Raise FileError when there was no time.
    """
    roles = layout.columns.role_indexes
    # The lines of a failed.csv say themselves who was held back.
    has_answers = bool(layout.columns.report_indexes) or any(role in roles for role in CONSENT_ROLES)
    if Role.PHONE not in roles or not has_answers:
        return None
    with reopen() as stream:
        rows = open_table(stream, region=region, layout=layout).rows
        scan = scan_consent(rows, layout.columns, region=region, mobile_only=mobile_only, has_time=has_time)
    if not scan.is_complete:
        raise FileError(_TOO_LONG)
    with bucket.open_writer(make_held_numbers_key(import_id), _TEXT) as writer:
        for line in scan.held_numbers.to_lines():
            writer.write(line)
    return scan.tally


def load_held_numbers(bucket: Bucket, import_id: str) -> HeldNumbers:
    """Return the saved numbers. Raise LedgerError when they have disappeared since they were saved."""
    key = make_held_numbers_key(import_id)
    if not bucket.has_object(key):
        raise LedgerError("The bucket does not keep the numbers that the file opts out.")
    with bucket.open(key) as stream:
        return HeldNumbers.from_lines(line.decode() for line in stream)
