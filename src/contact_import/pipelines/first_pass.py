"""The first pass over an upload, where rows decide about rows before them: made once, saved, and read by every run."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import BinaryIO

from contact_import.aws.s3 import Bucket
from contact_import.contacts.first_pass import FirstPass, FirstPassReader, needs_first_pass, read_first_pass
from contact_import.contacts.normalize import ValidationRules
from contact_import.domain.object_keys import make_first_pass_key, make_first_pass_position_key
from contact_import.errors import FileError, LedgerError, UnfinishedError
from contact_import.fields.consent.refusal import may_hold_refusal
from contact_import.files.archives import unpack
from contact_import.files.inflating import UnpackedStream
from contact_import.files.table import Layout, open_table
from contact_import.resubmission.stored_columns import serialize_columns

_BINARY = "application/octet-stream"
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
    has_time: Callable[[], bool] | None = None,
) -> FirstPass | None:
    """Read the whole file for what its rows say about other rows, save that, and return it.

    Return None for a file in which no row can: it is not parsed. Save how far it came and raise UnfinishedError when
    `has_time` turned False: the next run with a `has_time` reads on.
    """
    rules = replace(rules, may_refuse=_has_refusal_hint(reopen))
    if not needs_first_pass(layout.columns, may_refuse=rules.may_refuse):
        return None
    reader = FirstPassReader(layout.columns, rules)
    # What was decided by another mapping, or other settings, is read from the beginning.
    basis = [serialize_columns(layout.columns), rules.phone_region, rules.mobile_only]
    if has_time:
        _load_position(bucket, import_id, reader, basis)
    with reopen() as stream:
        rows = open_table(stream, region=rules.phone_region, layout=layout).rows
        deque(islice(rows, reader.rows_read), maxlen=0)
        is_complete = reader.read_rows(rows, has_time or (lambda: True))
    if not is_complete:
        _save_position(bucket, import_id, reader, basis)
        raise UnfinishedError("The time was up.")
    found = reader.finish()
    with bucket.open_writer(make_first_pass_key(import_id), _TEXT) as writer:
        for line in found.to_lines():
            writer.write(line)
    return found


def _save_position(bucket: Bucket, import_id: str, reader: FirstPassReader, basis: object) -> None:
    with bucket.open_writer(make_first_pass_position_key(import_id), _BINARY) as writer:
        writer.write(json.dumps(basis) + "\n")
        for data in reader.to_bytes():
            writer.write_bytes(data)


def _load_position(bucket: Bucket, import_id: str, reader: FirstPassReader, basis: object) -> None:
    key = make_first_pass_position_key(import_id)
    if bucket.has_object(key):
        with bucket.open(key) as stream:
            if stream.readline().decode() == json.dumps(basis) + "\n":
                reader.load(stream)


def make_first_pass(reopen: Callable[[], BinaryIO], layout: Layout, rules: ValidationRules) -> FirstPass | None:
    """Return what the rows of a file say about other rows, None for a file in which no row can."""
    rules = replace(rules, may_refuse=_has_refusal_hint(reopen))
    if not needs_first_pass(layout.columns, may_refuse=rules.may_refuse):
        return None
    with reopen() as stream:
        rows = open_table(stream, region=rules.phone_region, layout=layout).rows
        return read_first_pass(rows, layout.columns, rules)


def load_first_pass(bucket: Bucket, import_id: str) -> FirstPass:
    """Return what was saved. Raise LedgerError when it has disappeared since."""
    key = make_first_pass_key(import_id)
    if not bucket.has_object(key):
        raise LedgerError("The bucket does not keep what the first pass over the file found.")
    with bucket.open(key) as stream:
        return FirstPass.from_lines(line.decode() for line in stream)


def _has_refusal_hint(reopen: Callable[[], BinaryIO]) -> bool:
    """Return whether the bytes of a file may hold words of a name or remark such as `Bo Lee (DO NOT CONTACT)`.

    Most files hold none. To search their bytes costs a fiftieth of parsing them. The texts of a workbook may be
    cut into pieces: it always may, and so may a ZIP of several files.
    """
    end = b""
    with reopen() as stream:
        try:
            text = unpack(stream)
            if not isinstance(text, UnpackedStream):
                text.close()
                return True
            while chunk := text.read(_CHUNK_BYTES):
                if may_hold_refusal(end + chunk):
                    return True
                end = chunk[-_OVERLAP:]
        except FileError:
            pass  # the rows end here, and the import says why
    return False
