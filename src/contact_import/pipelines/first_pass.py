"""Make the first pass over an upload, in which rows decide about earlier rows: once, saved for every later run.

A row `0491 570 006, DO NOT CONTACT` at the end of a file holds back the same number in its first row, which is sent
before the end is read. So a file in which that can occur is read twice.
"""

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
_OVERLAP = 32  # of two chunks, longer than any word of a refusal: no word is cut in two


def save_first_pass(
    bucket: Bucket,
    import_id: str,
    reopen: Callable[[], BinaryIO],
    layout: Layout,
    rules: ValidationRules,
    *,
    has_time: Callable[[], bool] | None = None,
) -> FirstPass | None:
    """Read the whole file for statements of rows about other rows, save them, and return them.

    Return None, without parsing the file, if no row of it can make one. When `has_time` returns False, save the
    position and raise UnfinishedError: the next run with a `has_time` continues there.
    """
    rules = replace(rules, may_refuse=_has_refusal_hint(reopen))
    if not needs_first_pass(layout.columns, may_refuse=rules.may_refuse):
        return None
    reader = FirstPassReader(layout.columns, rules)
    # A position that was saved with another mapping or other settings is not used.
    basis = [serialize_columns(layout.columns), rules.phone_region, rules.mobile_only]
    if has_time:
        _load_position(bucket, import_id, reader, basis)
    with reopen() as stream:
        rows = open_table(stream, region=rules.phone_region, layout=layout).rows
        deque(islice(rows, reader.rows_read), maxlen=0)  # parse the rows before the position, and drop them
        is_complete = reader.read_rows(rows, has_time or (lambda: True))
    if not is_complete:
        _save_position(bucket, import_id, reader, basis)
        raise UnfinishedError("The time ran out.")
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
    """Return the statements of a file's rows about other rows, None if no row can make one."""
    rules = replace(rules, may_refuse=_has_refusal_hint(reopen))
    if not needs_first_pass(layout.columns, may_refuse=rules.may_refuse):
        return None
    with reopen() as stream:
        rows = open_table(stream, region=rules.phone_region, layout=layout).rows
        return read_first_pass(rows, layout.columns, rules)


def load_first_pass(bucket: Bucket, import_id: str) -> FirstPass:
    """Return the saved first pass. Raise LedgerError if it has disappeared since it was saved."""
    key = make_first_pass_key(import_id)
    if not bucket.has_object(key):
        raise LedgerError("The result of the first pass could not be stored.")
    with bucket.open(key) as stream:
        return FirstPass.from_lines(line.decode() for line in stream)


def _has_refusal_hint(reopen: Callable[[], BinaryIO]) -> bool:
    """Return whether the bytes of a file may contain a name or remark such as `Bo Lee (DO NOT CONTACT)`.

    Most files contain none, and searching their bytes costs less than parsing them once more. The texts of a workbook
    may be cut into pieces, so the answer for a workbook, and for a ZIP of several files, is always True.
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
