"""Contacts to the body of a request."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import repeat
from json.encoder import encode_basestring as in_quotes

from contact_import.contacts.validate import CONTACT_FIELDS, Contact
from contact_import.domain.labels import Labels

_ENCODING_ERRORS = "replace"  # a broken export can hold one, and it has no UTF-8: it travels as a question mark
_TO_ESCAPE = '"\\' + "".join(map(chr, range(0x20)))  # in a text in JSON


def build_body(contacts: Sequence[Contact], labels: Labels) -> bytes:
    """The body of a request: the nine names of the API and no other, without those that are empty.

    A key that Cellcast does not know would create a field in the account for good (developer.cellcast.com).
    """
    return join_body(encode_contacts(contacts), labels)


def join_body(texts: Iterable[bytes], labels: Labels) -> bytes:
    """That of a request with the contacts of these texts."""
    return _build_envelope(labels).replace(b"[]", b"[%b]" % b"".join(texts)[:-1], 1)


def encode_contacts(contacts: Sequence[Contact]) -> list[bytes]:
    """Each as it stands in a request, with a comma behind it: one field of many contacts is written at once."""
    if not contacts:
        return []
    _, values, _, _ = zip(*contacts, strict=True)
    columns = {name: cells for name, cells in zip(CONTACT_FIELDS, zip(*values, strict=True), strict=True) if any(cells)}
    fragments: list[Iterable[str]] = []
    # Everybody has a number, so that one column at least is full: those before the first such one have their comma
    # behind them, those after it before them.
    opening, lead, trail = "{", "", ","
    for name, cells in zip(columns, _escape_columns(list(columns.values())), strict=True):
        if all(cells):
            fragments += [repeat(f'{opening}{lead}"{name}":"'), cells]
            opening, lead, trail = '"', ",", ""
        else:
            fragments += [repeat(opening), [f'{lead}"{name}":"{cell}"{trail}' if cell else "" for cell in cells]]
            opening = ""
    return _encode_utf8(list(map("".join, zip(*fragments, repeat(f"{opening}}},", len(contacts)), strict=False))))


def _escape_columns(columns: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    if _is_plain(map("".join, columns)):
        return columns
    return [cells if _is_plain(cells) else [in_quotes(cell)[1:-1] for cell in cells] for cells in columns]


def _is_plain(cells: Iterable[str]) -> bool:
    return not any(map("".join(cells).__contains__, _TO_ESCAPE))


def _encode_utf8(texts: Sequence[str]) -> list[bytes]:
    try:
        return list(map(str.encode, texts))
    except UnicodeEncodeError:
        return [text.encode("utf-8", _ENCODING_ERRORS) for text in texts]


def count_envelope_bytes(labels: Labels) -> int:
    """The bytes of a request without contacts, less the comma that the last one does not need."""
    return len(_build_envelope(labels)) - 1


@lru_cache(maxsize=1024)
def _build_envelope(labels: Labels) -> bytes:
    text = json.dumps(
        {"contacts": [], "tags": labels.tags, "list": labels.lists}, ensure_ascii=False, separators=(",", ":")
    )
    return text.encode("utf-8", _ENCODING_ERRORS)
