"""Parse the body of a request into one tree of plain values: JSON, form fields, multipart, XML and SOAP.

`contact[email]=ada@example.com`, `{"contact": {"email": "ada@example.com"}}` and
`<contact><email>ada@example.com</email></contact>` all become {"contact": {"email": "ada@example.com"}}.
"""

import codecs
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from contact_import.domain.http import HttpRequest
from contact_import.errors import BodyError
from contact_import.webhooks.extraction.json_value import (
    MAX_DEPTH,
    TOO_DEEP,
    JsonValue,
    check_size,
    group_repeated_names,
    parse_json,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MAX_PARTS = 5_000  # fields of a form: the largest forms have hundreds

_NOT_A_FORM = "The body is not valid form data."
_NOT_XML = "The body is not valid XML"
_UNSAFE_XML = "XML with a document type or entities is not accepted."
_NOT_TEXT = "The body is not text in the encoding that it declares."
_TOO_MANY_FIELDS = f"The body has more than {_MAX_PARTS:,} form fields."
_EMPTY = "The body is empty; send JSON."
_UNKNOWN_FORMAT = "The body is neither JSON nor form fields nor XML."


def parse_body(request: HttpRequest) -> JsonValue:
    """Return the tree of a body, by its content type or, if that says nothing, by its first byte.

    An empty body gives `{}`. Raise BodyError if the body contradicts its content type.
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


def parse_json_body(request: HttpRequest) -> JsonValue:
    """Return the tree of a body that must be JSON, whatever its content type: `curl -d` declares a form.

    Raise BodyError for an empty body, and for one that is not JSON, with the line and column.
    """
    if not request.body.strip():
        raise BodyError(_EMPTY)
    return parse_json(_decode_text(request))


def _is_json(content_type: str) -> bool:
    return content_type in ("application/json", "text/json") or content_type.endswith(("+json", "/x-json"))


def _parse_by_content(request: HttpRequest, first_byte: bytes) -> JsonValue:
    if first_byte == b"<":
        return _parse_xml(request.body)
    text = _decode_text(request)
    if first_byte in (b"{", b"["):
        return parse_json(text)
    # A form without a content type has no spaces: they are written as + or %20.
    if "=" in text.split("\n", 1)[0] and " " not in text.strip():
        return _parse_form(text, first_byte)
    raise BodyError(_UNKNOWN_FORMAT)


def _decode_text(request: HttpRequest) -> str:
    """Return the body as text: in the declared charset, in UTF-16 by its byte order mark, otherwise in UTF-8.

    A body that should be UTF-8 and is not is read as Windows-1252, which older programs write without declaring it.
    """
    charset = _find_charset(request.headers.get("content-type", ""))
    if request.body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        charset = json.detect_encoding(request.body)
    try:
        return request.body.decode(charset).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if charset not in ("utf-8", "ascii"):
            raise BodyError(_NOT_TEXT) from error
        return _decode_value(request.body)


def _find_charset(content_type: str) -> str:
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            try:
                encoding = codecs.lookup(value.partition(",")[0].strip().strip("\"'")).name
            except LookupError:
                return "utf-8"
            # Only encodings of text: Python's registry also has rot13 and zip, which a sender must not choose.
            return encoding if encoding.startswith(("iso8859", "cp125", "utf-", "ascii", "koi8")) else "utf-8"
    return "utf-8"


def _parse_form(text: str, first_byte: bytes) -> JsonValue:
    if first_byte in (b"{", b"["):  # `curl -d` declares a form, whatever it sends
        return parse_json(text)
    try:
        pairs = parse_qsl(text.strip(), keep_blank_values=True, strict_parsing=True, max_num_fields=_MAX_PARTS)
        if any("\ufffd" in name + value for name, value in pairs):  # not UTF-8: see `_decode_text`
            pairs = parse_qsl(text.strip(), keep_blank_values=True, encoding="windows-1252", errors="replace")
    except ValueError as error:
        raise BodyError(_TOO_MANY_FIELDS if text.count("&") >= _MAX_PARTS else _NOT_A_FORM) from error
    return _nest_form_fields(pairs)


def _nest_form_fields(pairs: Iterable[tuple[str, str]]) -> JsonValue:
    """Return `contact[email]=…` as {"contact": {"email": …}}, and a repeated name as an array."""
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
    """Return the names and values of a multipart form, without its files."""
    from io import BytesIO  # noqa: PLC0415  few deliveries are multipart: the others need not load this

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
        # Without document types there are no entities, and so no expansion bombs and no reads of files or addresses:
        # https://docs.python.org/3/library/xml.html#xml-security
        root = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise BodyError(_UNSAFE_XML) from error
    except ParseError as error:
        line, column = error.position
        raise BodyError(f"{_NOT_XML} (line {line}, column {column + 1}).") from error
    except (LookupError, ValueError) as error:
        raise BodyError(f"{_NOT_XML}.") from error
    tree: JsonValue = {_strip_namespace(root.tag): _convert_element(root, 0)}
    check_size(tree)
    return tree


def _convert_element(element: "Element", depth: int) -> JsonValue:
    """Return the children and attributes of an element by name, without namespaces, and text beside them as `value`."""
    if depth > MAX_DEPTH:
        raise BodyError(TOO_DEEP)
    text = (element.text or "").strip()
    # Attributes with a namespace, such as `xsi:type`, describe the XML and not the person.
    pairs: list[tuple[str, JsonValue]] = [(name, value) for name, value in element.attrib.items() if "}" not in name]
    pairs += [(_strip_namespace(child.tag), _convert_element(child, depth + 1)) for child in element]
    if not pairs:
        return text
    return group_repeated_names([*pairs, ("value", text)] if text else pairs)


def _strip_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]
