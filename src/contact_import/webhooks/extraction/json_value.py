"""Parse JSON into a tree of plain values in which numbers stay text. Its depth and size have a limit."""

import json
import re
from collections.abc import Iterable, Mapping

from contact_import.columns.header_match import split_words
from contact_import.errors import BodyError

# Numbers are text as they were sent: an id of 19 digits, a phone without its zero and 6.1E+10 lose nothing.
type JsonValue = dict[str, JsonValue] | list[JsonValue] | str | bool | None

# JSON in a text in JSON, twice: each of the trees may be 48 levels deep. At four calls a level, that stays below the
# 1,000 nested calls that Python allows.
MAX_EMBEDDED_LEVELS = 2
MAX_DEPTH = 48
MAX_VALUES = 100_000

TOO_DEEP = f"The body is nested more than {MAX_DEPTH} levels deep."
_TOO_MANY_VALUES = f"The body contains more than {MAX_VALUES:,} values."
_FIELD_NAME = re.compile(r"\w{1,40}")


def parse_json(text: str) -> JsonValue:
    """Return the value of a JSON text. A name that an object has twice gets both values, as an array.

    Two deviations from RFC 8259 are accepted: newlines and tabs inside a string, which templates leave there when they
    paste a field into JSON, and NaN and Infinity, which become null. Raise BodyError for any other text that is not
    JSON, with the line and column, and for a tree that is too deep or too large.
    """
    try:
        tree: JsonValue = json.loads(
            text, strict=False, object_pairs_hook=_build_object, parse_int=str, parse_float=str, parse_constant=_to_null
        )
    except RecursionError as error:
        raise BodyError(TOO_DEEP) from error
    except json.JSONDecodeError as error:
        raise BodyError(f"The body is not valid JSON (line {error.lineno}, column {error.colno}).") from error
    check_size(tree)
    return tree


def parse_embedded(text: str) -> JsonValue:
    """Return the tree inside a text value, None for plain text.

    Some senders put JSON into a form field. Others write the parts of a name as lines of `first = Ada`.
    """
    # Most values are plain: for those, the first and the last character decide, without a parse.
    start = text[:200].lstrip()[:1]
    if start in ("{", "[") and text.rstrip()[-1:] in ("}", "]"):
        try:
            return parse_json(text)
        except BodyError:
            return None
    lines = text.strip().splitlines() if "\n" in text and " = " in text[:1000] else []
    pairs = [line.partition(" = ")[::2] for line in lines if line.strip()]
    if len(pairs) > 1 and all(_FIELD_NAME.fullmatch(name.strip()) for name, _ in pairs):
        return {name.strip(): value.strip() for name, value in pairs}
    return None


def group_repeated_names(pairs: Iterable[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    """Return an object of the pairs, in which a repeated name has all its values in an array."""
    grouped: dict[str, list[JsonValue]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).extend(value if isinstance(value, list) else [value])
    return {name: values[0] if len(values) == 1 else list(values) for name, values in grouped.items()}


def check_size(tree: JsonValue) -> None:
    """Raise BodyError if a tree is deeper than MAX_DEPTH or has more than MAX_VALUES values."""
    # Level by level, without recursion: the depth is the sender's choice.
    level, total = [tree], 1
    for _ in range(MAX_DEPTH):
        below = (node for node in level if isinstance(node, dict | list))
        level = [child for node in below for child in (node.values() if isinstance(node, dict) else node)]
        total += len(level)
        if total > MAX_VALUES:
            raise BodyError(_TOO_MANY_VALUES)
        if not level:
            return
    if any(isinstance(node, dict | list) for node in level):
        raise BodyError(TOO_DEEP)


def to_mapping(tree: JsonValue) -> Mapping[str, JsonValue]:
    """Return the tree if it is an object, otherwise an empty object."""
    return tree if isinstance(tree, dict) else {}


def to_text(value: str | bool) -> str:
    """Return a value as text, `true` and `false` as JSON writes them."""
    return value if isinstance(value, str) else str(value).lower()


def normalize_key(key: str) -> str:
    """Return a key without case and punctuation: `phone_number`, `PhoneNumber` and `Phone number` are equal."""
    return "".join(split_words(key))


def _build_object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    # A dict keeps the last of two equal names only.
    tree = dict(pairs)
    return tree if len(tree) == len(pairs) else group_repeated_names(pairs)


def _to_null(_: str) -> JsonValue:
    return None
