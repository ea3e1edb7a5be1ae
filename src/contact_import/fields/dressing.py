"""Undress cells: remove what programs add to a value (markup, escapes, quotes, lists, invisible characters).

The functions that read fields call `undress` first. For a plain cell it makes one search, and for the plain columns of
`contacts.vectorized` none.
"""

import html
import json
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from contact_import.domain.lazy_pattern import compile_lazily

_MAX_DRESSED_CHARS = 5_000  # ten times the longest field; a longer cell is not changed
_MAX_LAYERS = 50  # each layer of nested escapes (`&amp;amp;lt;`) takes one pass

_QUOTE_PAIRS = (
    *("\u201c\u201d", "\u201e\u201c", "\u201e\u201d", "\u201d\u201d", "\u2018\u2019", "\u201a\u2018"),
    *("\u2019\u2019", "\u00ab\u00bb", "\u00bb\u00ab", "\u2039\u203a", '""', "''"),
)
_FILLERS = "\u034f\u115f\u1160\u3164\uffa0"  # invisible letters: Unicode has them in no category of invisible signs
# Every odd cell has one of ODD_SIGNS, begins with one of ODD_FIRST_SIGNS, or has an escape of OOXML_SIGN.
ODD_SIGNS = ("<", "&", "\\", "=", *_FILLERS)
ODD_FIRST_SIGNS = ("[", "{", *sorted({pair[0] for pair in _QUOTE_PAIRS}))
OOXML_SIGN = "_x"
_ODD_CELL = compile_lazily(
    r"[<&\\=\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|_x[0-9A-Fa-f]{4}_|^\s*[\[{\"'\u2018-\u201e\u00ab\u00bb\u2039]|"
    f"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff{_FILLERS}]"
)

_LINK = compile_lazily(
    r"<a\b[^<>]*?\bhref\s*=\s*[\"']?(?:tel|mailto|sms):([^\"'<>?]*)[^<>]*>(.*?)</a\s*>", re.IGNORECASE | re.DOTALL
)
_HYPERLINK = compile_lazily(
    r"=HYPERLINK\(\s*\"(?:tel:|mailto:|sms:)?([^\"]*)\"\s*(?:[,;]\s*\"([^\"]*)\"\s*)?\)", re.IGNORECASE
)
_BREAK_TAG = compile_lazily(r"</?(?:br|p|div|li|tr|td|th|ul|ol|h[1-6])(?:\s[^<>]*)?/?>", re.IGNORECASE)
# Elements of HTML and of Word. `<ann@example.com>`, `<test lead>` and `<NA>` are not elements.
_TAG = compile_lazily(
    r"<!--.*?-->|</?(?:a|abbr|b|big|blockquote|body|br|center|code|dd|div|dl|dt|em|figure|font|footer|h[1-6]|head|header|hr|"
    r"html|i|img|input|label|li|main|mark|meta|nobr|o:p|ol|p|pre|q|s|section|small|span|strike|strong|sub|sup|table|tbody|"
    r"td|tfoot|th|thead|tr|tt|u|ul|wbr)(?:[\s/][^<>]*)?>",
    re.IGNORECASE | re.DOTALL,
)
_REPEATED_AMPERSAND = compile_lazily(r"&(?:(?:amp|#0*38|#[xX]0*26);)+")
_ENTITY = compile_lazily(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_OOXML_ESCAPES = compile_lazily(r"(?:_x[0-9A-Fa-f]{4}_)+")  # ECMA-376, 22.4.2.4 (bstr)
_BACKSLASH_ESCAPE = compile_lazily(r"\\(?:u([0-9A-Fa-f]{4})|([nrt'\"/\\]))")
_BACKSLASH_LETTERS = {"n": "\n", "r": "\n", "t": " "}
_QUOTED_PRINTABLE = compile_lazily(r"(?:=[0-9A-F]{2}|=\r?\n|[^=])*")
_QUOTED_BYTE = compile_lazily(r"=([0-9A-F]{2})|=\r?\n")
_FORMULA_TEXT = compile_lazily(r'="([^"]*)"')
_VALUE_KEYS = ("value", "name", "tag", "label", "title", "text")


def undress(cell: str, *, unpack: bool = True) -> str:
    """Return the text of a cell without tags, entities, escapes, quotes around it and invisible characters.

    Line breaks separate several values, and the lines of one. With `unpack`, a list in JSON becomes such lines. The
    result is final: undressing it again changes nothing.

    Examples: `<b>Ann</b>` is `Ann`, `="0491570006"` is `0491570006`, and `["VIP", "Perth"]` is `VIP` and `Perth` in two
    lines.
    """
    if len(cell) > _MAX_DRESSED_CHARS or not _ODD_CELL.search(cell):
        return cell
    text = cell
    for _ in range(_MAX_LAYERS):
        undressed = _take_off_layer(text)
        if unpack and undressed[:1] + undressed[-1:] in ("[]", "{}"):
            undressed = _unpack_json(undressed)
        if undressed == text:
            return text
        text = undressed
    return text


def _take_off_layer(text: str) -> str:
    """Remove one layer."""
    # Each change makes the text shorter, or removes a character that no change adds: the loop of `undress` ends.
    text = _remove_invisible(text).strip()
    if "<" in text:
        text = _TAG.sub("", _BREAK_TAG.sub("\n", _LINK.sub(_read_link, text)))
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), _REPEATED_AMPERSAND.sub("&", text))
    if "_x" in text:
        text = _OOXML_ESCAPES.sub(_decode_ooxml, text)
    if "\\" in text:
        text = _BACKSLASH_ESCAPE.sub(_decode_backslash, text)
    if text.startswith("="):
        text = _HYPERLINK.sub(_read_link, text) if _HYPERLINK.fullmatch(text) else text
        text = found[1] if (found := _FORMULA_TEXT.fullmatch(text)) else text
    if "=" in text:
        text = _decode_quoted_printable(text)
    return _remove_quotes(text)


def _read_link(match: re.Match[str]) -> str:
    """Return the text of a link, or its target if only that has the number or the address."""
    target, text = match[1], match[2] or ""
    return text if "@" in text or sum(map(str.isdigit, text)) >= 6 or not target else unquote(target)


def _decode_ooxml(match: re.Match[str]) -> str:
    # A character beyond the first 65,536 is written as two surrogates.
    units = bytes.fromhex("".join(part[1:5] for part in re.findall(r"_(x[0-9A-Fa-f]{4})_", match[0])))
    return units.decode("utf-16-be", "ignore").replace("\r", "\n")


def _decode_backslash(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return _BACKSLASH_LETTERS.get(match[2], match[2])


def _decode_quoted_printable(text: str) -> str:
    """Decode the escapes of RFC 2045, section 6.7 (`Zo=C3=AB`), unless the text may be a formula: `=61491570006`."""
    escapes = _QUOTED_BYTE.findall(text)
    if not escapes or not _QUOTED_PRINTABLE.fullmatch(text):
        return text
    # Certain only if all of the text is escaped, or if an escape is beyond ASCII.
    is_whole = len(escapes) > 1 and len("".join(escapes)) * 3 == len(text) * 2
    if not is_whole and not any(escape >= "80" for escape in escapes):
        return text
    raw = _QUOTED_BYTE.sub(lambda match: chr(int(match[1], 16)) if match[1] else "", text)
    try:
        decoded = b"".join(_encode_letter(letter) for letter in raw).decode()
    except UnicodeDecodeError:
        return text
    return decoded if "\x00" not in decoded else text


def _encode_letter(letter: str) -> bytes:
    return letter.encode("latin-1") if ord(letter) < 256 else letter.encode("utf-8", "surrogatepass")


def _remove_quotes(text: str) -> str:
    """Remove quotes around the whole text. `"VIP","Blog"` keeps its quotes, because it has two pairs."""
    text = text.strip()
    if len(text) > 2 and text[0] + text[-1] in _QUOTE_PAIRS and not {text[0], text[-1]} & set(text[1:-1]):
        return text[1:-1].strip()
    return text


def _remove_invisible(text: str) -> str:
    """Remove control characters and invisible ones."""
    # FileMaker separates the values of repeating fields by U+001D, and lines within a value by U+000B.
    text = text.replace("\x1d", "\n").replace("\x0b", "\n")
    if text.isprintable():
        return "".join(letter for letter in text if letter not in _FILLERS) if not text.isascii() else text
    return "".join(
        letter
        for place, letter in enumerate(text)
        if letter not in _FILLERS
        and (
            unicodedata.category(letter) not in ("Cf", "Cc")
            or letter in "\t\n\r"
            or (letter in "\u200c\u200d" and _needs_joiner(text[max(place - 1, 0) : place + 2]))
        )
    )


def _needs_joiner(around: str) -> bool:
    """Return whether a zero-width joiner is between two signs that need it: of Indic scripts, Persian or an emoji."""
    return len(around) == 3 and all(unicodedata.category(letter) in _JOINED_CATEGORIES for letter in around[::2])


_JOINED_CATEGORIES = frozenset({"Lo", "Mn", "Mc", "So", "Sk"})


def _unpack_json(text: str) -> str:
    """Return the values of a JSON list or object, one on each line; return any other text unchanged.

    An object becomes its main value: `{"id": 3, "tag": "vip"}` is `vip`. Primary objects come first.
    """
    for spelling in (text, _swap_quotes(text)):
        with suppress(ValueError, RecursionError):
            return "\n".join(filter(None, map(str.strip, _list_values(json.loads(spelling, strict=False)))))
    return text


def _swap_quotes(text: str) -> str:
    """Return a list in Python's notation (`['VIP', 'Perth']`, as pandas writes it) in JSON."""
    return re.sub(r"(?<![A-Za-z])'|'(?![A-Za-z])", '"', text) if '"' not in text else text


def _list_values(tree: Any) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, int | float) and not isinstance(tree, bool):
        yield str(tree)
    elif isinstance(tree, list):
        for one in sorted(tree, key=lambda one: not _is_primary(one)):
            yield from _list_values(one)
    elif isinstance(tree, dict):
        yield from _list_object_values({key.casefold(): value for key, value in tree.items()})


def _list_object_values(members: dict[str, Any]) -> Iterator[str]:
    named = next((members[key] for key in _VALUE_KEYS if isinstance(members.get(key), str)), None)
    if named is not None:
        yield named
        return
    for value in members.values():
        # A number in an object is an id or a count, unless it is long enough for a phone.
        if not isinstance(value, int | float) or (not isinstance(value, bool) and value >= 10**7):
            yield from _list_values(value)


def _is_primary(tree: Any) -> bool:
    return isinstance(tree, dict) and any(value is True and "primary" in key.casefold() for key, value in tree.items())
