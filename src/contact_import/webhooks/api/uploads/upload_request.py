"""Parse the bodies of the calls about an upload: its name and size, and the mapping of its columns."""

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from contact_import.columns.user_mapping import MAX_BYTES, ColumnMapping, parse_mapping
from contact_import.domain.labels import Labels
from contact_import.domain.object_keys import MAPPING_FILE
from contact_import.errors import BodyContentError, FileError
from contact_import.webhooks.api.request_body import check_keys, parse_callback, parse_flag, parse_labels
from contact_import.webhooks.extraction.json_value import JsonValue

MAX_FILE_BYTES = 5 * 1024**3  # the most that S3 takes in one POST

_NEW_KEYS = ("name", "size")
_PREVIEW_KEYS = ("mapping", "consent", "list", "tags")
_IMPORT_KEYS = (*_PREVIEW_KEYS, "dry_run", "callback_url")
_MAX_NAME_BYTES = 200  # of the file's name, which becomes part of two object keys
_MAX_LABEL_BYTES = 1500  # S3 allows 2 KB of metadata for each object
_MAPPING_NAME = "The mapping"
_SIZE = re.compile(r"[0-9]{1,15}")

_NOT_AN_OBJECT = "The body must be an object."
_NO_NAME = '"name" must be the name of the file, such as "june.csv".'
_IS_MAPPING = f'{MAPPING_FILE} is a mapping, not a contact list. Send it as "mapping" of the import.'
_NO_SIZE = '"size" must be the size of the file in bytes.'
_EMPTY_FILE = "The file is empty."
_TOO_LARGE = "The file is larger than 5 GB. Compress it with gzip, or split it."
_NO_MAPPING = '"{}" must be an object with the headers of the file as its keys.'
_LONG_LABELS = "The names under tags and list are too long."


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """The settings of a preview or an import. `mapping_body` is the JSON of `mapping`, b"" without one.

    `callback_url` is called after the import, "" for none.
    """

    mapping_body: bytes
    mapping: ColumnMapping | None
    labels: Labels
    is_dry_run: bool = False
    callback_url: str = ""

    @property
    def digest_text(self) -> str:
        """Return a text that is equal for equal requests, and different for others."""
        # NUL separates the parts, and an empty one the tags from the lists: ["a"], ["b"] differs from ["a", "b"], [].
        texts = (self.mapping_body.decode(), *self.labels.tags, "", *self.labels.lists, str(self.is_dry_run))
        return "\0".join((*texts, self.callback_url) if self.callback_url else texts)


def parse_new_upload(body: JsonValue) -> tuple[str, int]:
    """Return the name that the file gets in the bucket, and its size. Raise BodyContentError if one cannot be used."""
    if not isinstance(body, dict):
        raise BodyContentError(_NOT_AN_OBJECT)
    check_keys(body, _NEW_KEYS)
    name, size = body.get("name"), body.get("size")
    if not isinstance(name, str) or not (clean := _clean_name(name)):
        raise BodyContentError(_NO_NAME)
    if clean == MAPPING_FILE:
        raise BodyContentError(_IS_MAPPING)
    # `parse_json_body` leaves numbers as text.
    if not isinstance(size, str) or not _SIZE.fullmatch(size):
        raise BodyContentError(_NO_SIZE)
    if not int(size):
        raise BodyContentError(_EMPTY_FILE)
    if int(size) > MAX_FILE_BYTES:
        raise BodyContentError(_TOO_LARGE)
    return clean, int(size)


def parse_upload_request(body: JsonValue, *, is_import: bool, allow_loopback: bool = False) -> UploadRequest:
    """Parse the body of a preview or, with `is_import`, an import, which has two keys more.

    With `allow_loopback` it may ask for a callback on this machine. Raise BodyContentError with a sentence that says
    how to correct the body.
    """
    if not isinstance(body, dict):
        raise BodyContentError(_NOT_AN_OBJECT)
    check_keys(body, _IMPORT_KEYS if is_import else _PREVIEW_KEYS)
    labels = parse_labels(body)
    # Refused here, with a sentence: S3 would refuse the copy, when the import is already in the history.
    if len(quote("".join((*labels.tags, *labels.lists)))) > _MAX_LABEL_BYTES:
        raise BodyContentError(_LONG_LABELS)
    merged = _merge_consent(_get_object(body, "mapping"), _get_object(body, "consent"))
    mapping_body = json.dumps(merged, separators=(",", ":")).encode() if merged else b""
    if len(mapping_body) > MAX_BYTES:
        raise BodyContentError(f"{_MAPPING_NAME} is too large.")
    try:
        mapping = parse_mapping(mapping_body, _MAPPING_NAME) if mapping_body else None
    except FileError as error:
        raise BodyContentError(str(error)) from error
    callback_url = parse_callback(body, allow_loopback=allow_loopback)
    return UploadRequest(mapping_body, mapping, labels, is_import and parse_flag(body, "dry_run"), callback_url)


def _get_object(body: dict[str, JsonValue], key: str) -> dict[str, Any]:
    value = body.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BodyContentError(_NO_MAPPING.format(key))
    return dict(value)


def _merge_consent(mapping: dict[str, Any], consent: dict[str, Any]) -> dict[str, Any]:
    """Return the mapping with the meanings of `consent`, {"Status": {"Pending": "no"}}, in the form of mapping.json."""
    merged = dict(mapping)
    for header, values in consent.items():
        entry = merged.get(header)
        members = dict(entry) if isinstance(entry, dict) else {"field": entry} if entry else {}
        merged[header] = members | {"consent": values}
    return merged


def _clean_name(name: str) -> str:
    """Return the last part of a path, without control characters, short enough for a key. The extension is kept."""
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    stem, dot, ending = visible.rpartition(".")
    stem, dot, ending = (stem, dot, ending) if dot and len(ending) <= 10 else (visible, "", "")
    room = _MAX_NAME_BYTES - len(f"{dot}{ending}".encode())
    cut = stem.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
    return f"{cut}{dot}{ending}" if cut else ""
