"""Read a form with one file as it arrives: its fields into memory, the file into a stream.

https://www.rfc-editor.org/rfc/rfc7578. As with S3, what comes after the file is ignored.
"""

import io
from collections.abc import Callable, Iterator
from itertools import chain, takewhile
from typing import Any, Protocol

from multipart import MultipartError, PushMultipartParser

_PIECE_BYTES = 256 * 1024
_MAX_FIELD_BYTES = 64 * 1024
_MAX_PARTS = 50


class Sink(Protocol):
    """Takes the bytes of a file."""

    def write(self, piece: bytes, /) -> object: ...


class FormError(Exception):
    """The body is not such a form, or a part of it is too large."""


def read_form(stream: io.BufferedIOBase, size: int, boundary: str, open_file: Callable[[dict[str, str]], Sink]) -> None:
    """Read a form of `size` bytes whose parts are separated by `boundary`.

    `open_file` gets the fields before the file, and returns what takes the bytes of the file. Raise FormError for any
    other body, ConnectionError for one that breaks off.
    """
    pieces = _read_pieces(stream, size)
    try:
        parser = PushMultipartParser(boundary, max_segment_count=_MAX_PARTS, strict=True)
        # An empty piece is the end for the parser, which then raises if a part is incomplete.
        _read_parts(chain.from_iterable(map(parser.parse, chain(pieces, [b""]))), open_file)
    except MultipartError as error:
        raise FormError from error
    for _ in pieces:
        pass  # a client that has not sent everything sees a broken connection instead of the answer


def _read_pieces(stream: io.BufferedIOBase, size: int) -> Iterator[bytes]:
    while size:
        piece = stream.read(min(_PIECE_BYTES, size))
        if not piece:
            raise ConnectionError
        size -= len(piece)
        yield piece


def _read_parts(events: Iterator[Any], open_file: Callable[[dict[str, str]], Sink]) -> None:
    """Read up to the end of the file. The events of a part are its head, its bytes in pieces, and None."""
    fields: dict[str, str] = {}
    for head in events:
        if head.name == "file":
            file = open_file(fields)
            for piece in _take_part(events):
                file.write(piece)
            return
        value = b""
        for piece in _take_part(events):
            value += piece
            if len(value) > _MAX_FIELD_BYTES:
                raise FormError
        fields[head.name] = value.decode("utf-8", "replace")
    raise FormError


def _take_part(events: Iterator[Any]) -> Iterator[bytes]:
    return takewhile(lambda event: event is not None, events)
