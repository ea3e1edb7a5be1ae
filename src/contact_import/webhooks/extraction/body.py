"""What was posted, as one tree of plain values: JSON, form fields, multipart, XML and SOAP alike."""

import codecs
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from contact_import.domain.http import HttpRequest
from contact_import.errors import BodyError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Numbers are text as they were sent: an id of 19 digits, a phone without its zero and 6.1E+10 lose nothing.
type JsonValue = dict[str, JsonValue] | list[JsonValue] | str | bool | None

MAX_DEPTH = 48
MAX_VALUES = 100_000
_MAX_PARTS = 5_000

_NOT_JSON = "The body is not the JSON that it says it is."
_NOT_A_FORM = "The body does not hold the form fields that it says it does."
_NOT_XML = "The body is not the XML that it says it is."
_UNSAFE_XML = "XML with a document type or entities is not taken."
_NOT_TEXT = "The body is not text in the encoding that it says it is in."
_TOO_DEEP = f"The body is nested more than {MAX_DEPTH} levels deep."
_TOO_MANY_VALUES = f"The body holds more than {MAX_VALUES:,} values."
_TOO_MANY_FIELDS = f"The body has more than {_MAX_PARTS:,} form fields."
_UNKNOWN_FORMAT = "The body is neither JSON nor form fields nor XML."


def parse_body(request: HttpRequest) -> JsonValue:
    """The tree of a body, by its content type and, where that says nothing, by its look. `{}` for an empty one.

    Raises `BodyError` for a body that is not what it says it is.
    """
    content_type = request.content_type.partition(",")[0].strip()
    first_byte = request.body[:64].removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if not request.body.strip():
        return {}
    if content_type == "multipart/form-data":
        return _nest_form_fields(_parse_multipart(request))
    if _is_json(content_type):
        return parse_json(_decode_text(request))
    if content_type == "application/x-www-form-urlencoded":
        return _parse_form(_decode_text(request), first_byte)
    if content_type.endswith(("/xml", "+xml")):
        return _parse_xml(request.body)
    return _parse_by_content(request, first_byte)


def parse_json(text: str) -> JsonValue:
    """Of a name that stands twice in an object, both values are kept, as an array."""
    try:
        tree: JsonValue = json.loads(
            text, object_pairs_hook=_build_object, parse_int=str, parse_float=str, parse_constant=_reject_constant
        )
    except RecursionError as error:
        raise BodyError(_TOO_DEEP) from error
    except ValueError as error:
        raise BodyError(_NOT_JSON) from error
    _check_size(tree)
    return tree


def _is_json(content_type: str) -> bool:
    return content_type in ("application/json", "text/json") or content_type.endswith(("+json", "/x-json"))


def _parse_by_content(request: HttpRequest, first_byte: bytes) -> JsonValue:
    if first_byte == b"<":
        return _parse_xml(request.body)
    text = _decode_text(request)
    if first_byte in (b"{", b"["):
        return parse_json(text)
    if "=" in text.split("\n", 1)[0] and " " not in text.strip():
        return _parse_form(text, first_byte)
    raise BodyError(_UNKNOWN_FORMAT)


def _decode_text(request: HttpRequest) -> str:
    """UTF-8 where nothing else is said; UTF-16 and UTF-32 by their marks."""
    charset = _find_charset(request.headers.get("content-type", ""))
    if request.body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        charset = json.detect_encoding(request.body)
    try:
        return request.body.decode(charset).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise BodyError(_NOT_TEXT) from error


def _find_charset(content_type: str) -> str:
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            try:
                encoding = codecs.lookup(value.partition(",")[0].strip().strip("\"'")).name
            except LookupError:
                return "utf-8"
            # Nothing but encodings of text: Python's registry has rot13 and zip in it too.
            return encoding if encoding.startswith(("iso8859", "cp125", "utf-", "ascii", "koi8")) else "utf-8"
    return "utf-8"


def _build_object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    tree = dict(pairs)
    return tree if len(tree) == len(pairs) else _group_repeated_names(pairs)


def _group_repeated_names(pairs: Iterable[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    grouped: dict[str, list[JsonValue]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).extend(value if isinstance(value, list) else [value])
    return {name: values[0] if len(values) == 1 else list(values) for name, values in grouped.items()}


def _reject_constant(_: str) -> JsonValue:
    raise ValueError  # NaN and Infinity are no JSON


def _check_size(tree: JsonValue) -> None:
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
        raise BodyError(_TOO_DEEP)


def _parse_form(text: str, first_byte: bytes) -> JsonValue:
    if first_byte in (b"{", b"["):  # curl's -d says that everything is a form
        return parse_json(text)
    try:
        pairs = parse_qsl(text.strip(), keep_blank_values=True, strict_parsing=True, max_num_fields=_MAX_PARTS)
        if any("\ufffd" in name + value for name, value in pairs):  # older senders
            pairs = parse_qsl(text.strip(), keep_blank_values=True, encoding="windows-1252", errors="replace")
    except ValueError as error:
        raise BodyError(_TOO_MANY_FIELDS if text.count("&") >= _MAX_PARTS else _NOT_A_FORM) from error
    return _nest_form_fields(pairs)


def _nest_form_fields(pairs: Iterable[tuple[str, str]]) -> JsonValue:
    """`contact[email]=…` to {"contact": {"email": …}}; a name that stands twice, or ends in [], to an array."""
    tree: dict[str, JsonValue] = {}
    for name, value in pairs:
        head, *rest = _split_field_name(name)
        node = tree
        while rest and isinstance(below := node.setdefault(head, {}), dict) and len(rest) < MAX_DEPTH:
            node, (head, *rest) = below, rest
        key = head if not rest else name
        existing = node.get(key)
        if key in node and not isinstance(existing, dict):
            node[key] = [*existing, value] if isinstance(existing, list) else [existing, value]
        else:
            node[key if key not in node else f"{name}[]"] = value
    return tree


def _split_field_name(name: str) -> list[str]:
    head, bracket, rest = name.partition("[")
    if not bracket or not rest.endswith("]") or not head:
        return [name]
    return [head, *(key for key in rest[:-1].split("][") if key)]


def _parse_multipart(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of a multipart form; its files are left out."""
    from io import BytesIO  # noqa: PLC0415  few deliveries are multipart, and none should wait for this

    from multipart import MultipartError, MultipartParser, ParserLimitReached, parse_options_header  # noqa: PLC0415

    _, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get("boundary", "")
    try:
        parser = MultipartParser(
            BytesIO(request.body), boundary, strict=True, part_limit=_MAX_PARTS, memory_limit=len(request.body) + 1
        )
        return [(part.name, _decode_value(part.raw)) for part in parser if part.name and not part.filename]
    except ParserLimitReached as error:
        raise BodyError(_TOO_MANY_FIELDS) from error
    except (MultipartError, ValueError) as error:
        raise BodyError(_NOT_A_FORM) from error


def _decode_value(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("windows-1252", "replace")


def _parse_xml(body: bytes) -> JsonValue:
    from xml.etree.ElementTree import ParseError  # noqa: PLC0415  only its error

    from defusedxml import DefusedXmlException  # noqa: PLC0415
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415

    try:
        root = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise BodyError(_UNSAFE_XML) from error
    except (ParseError, LookupError, ValueError) as error:
        raise BodyError(_NOT_XML) from error
    tree: JsonValue = {_strip_namespace(root.tag): _convert_element(root, 0)}
    _check_size(tree)
    return tree


def _convert_element(element: "Element", depth: int) -> JsonValue:
    """Children and attributes by their names, without namespaces; the text of an element that has either: `value`."""
    if depth > MAX_DEPTH:
        raise BodyError(_TOO_DEEP)
    text = (element.text or "").strip()
    # `xsi:type` and the like are about the writing.
    pairs: list[tuple[str, JsonValue]] = [(name, value) for name, value in element.attrib.items() if "}" not in name]
    pairs += [(_strip_namespace(child.tag), _convert_element(child, depth + 1)) for child in element]
    if not pairs:
        return text
    return _group_repeated_names([*pairs, ("value", text)] if text else pairs)


def _strip_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]


def to_mapping(tree: JsonValue) -> Mapping[str, JsonValue]:
    """The tree when it is an object, otherwise nothing."""
    return tree if isinstance(tree, dict) else {}
