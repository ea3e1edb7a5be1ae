"""Detect the legacy encoding of a file: the one in which its words look like words of a language.

Libraries that detect encodings need pages of text, and a list of contacts has a few names. So each encoding is tried,
and the one whose letters beyond ASCII make plausible words is used. Example: `Müller` from an old Mac is `MŸller` in
Windows-1252, and no word has a capital in its middle.
"""

from collections.abc import Callable, Iterable
from itertools import islice

from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.fields.word_shapes import (
    is_chinese_word,
    is_cyrillic_word,
    is_greek_word,
    is_japanese_word,
    is_korean_word,
    is_latin_word,
    is_traditional_chinese_word,
)

WINDOWS_1252 = "windows-1252"
UNKNOWN = "unknown-8bit"  # RFC 1428's name for it
# Python's `surrogateescape` decodes a byte that is not UTF-8 as one of the characters U+DC80 to U+DCFF.
STRAY_BYTE_TO_CP1252 = {0xDC00 + byte: bytes([byte]).decode("windows-1252", "replace") for byte in range(0x80, 0x100)}

_MAX_LINES = 400  # with bytes that are not UTF-8: enough names to decide, whatever the size of the file
_CLEAR_SHARE = 0.8  # the share of plausible words with which an encoding replaces Windows-1252
_POOR_SHARE = 0.5  # the share of plausible words below which no encoding explains the bytes
# The bytes of Korean syllables are common Chinese characters in GB 18030. So many of them in a row are no coincidence.
_MIN_HANGUL = 12
# Letters and signs, between blanks, digits and punctuation.
_WORD = compile_lazily(
    r"[^\x00-\x40\x5b-\x60\x7b-\x7f\u2013\u2014\u2026\u201c\u201d\u201e\u2022\u00b7\u00ab\u00bb\u00a0\u3000]+"
)

# By IANA name: Python's codec, and the test for a plausible word in its languages.
_CANDIDATES: dict[str, tuple[str, Callable[[str], bool]]] = {
    "macintosh": ("mac_roman", is_latin_word),
    "windows-1250": ("cp1250", is_latin_word),
    "windows-1254": ("cp1254", is_latin_word),
    "windows-1251": ("cp1251", is_cyrillic_word),
    "windows-1253": ("cp1253", is_greek_word),
    "gb18030": ("gb18030", is_chinese_word),
    "big5": ("big5", is_traditional_chinese_word),
    "shift_jis": ("cp932", is_japanese_word),
    "euc-kr": ("euc_kr", is_korean_word),
}
LEGACY_ENCODINGS = frozenset(_CANDIDATES)


def detect_legacy_encoding(lines: Iterable[str]) -> str:
    """Return the IANA name of the encoding of lines that are not UTF-8, `UNKNOWN` if none makes words of them.

    The answer is Windows-1252 unless its words are implausible and those of another encoding are not. The lines were
    decoded as UTF-8 with `surrogateescape`.
    """
    texts = list(islice(lines, _MAX_LINES))
    western, word_count, sign_count = _measure((text.translate(STRAY_BYTE_TO_CP1252) for text in texts), is_latin_word)
    raw_lines = [text.encode("utf-8", "surrogateescape") for text in texts]
    # A single sign is no evidence: it may be a `²` or a `£`.
    if western >= _CLEAR_SHARE or (word_count < 2 and sign_count < 2):
        return WINDOWS_1252
    shares = dict[str, float]()
    for name, (codec, is_word) in _CANDIDATES.items():
        shares[name], _, sign_count = _measure((_decode_strictly(line, codec) for line in raw_lines), is_word)
        if name == "euc-kr" and shares[name] == 1 and sign_count >= _MIN_HANGUL:
            return name
    best_share = max(shares.values())
    best = [name for name, share in shares.items() if share == best_share]
    if best_share >= _CLEAR_SHARE and best_share > western and len(best) == 1:
        return best[0]
    return WINDOWS_1252 if western >= _POOR_SHARE else UNKNOWN


def decode_legacy(line: bytes, encoding: str) -> str:
    """Return the text of a line. Bytes that are invalid in the encoding become U+FFFD."""
    if encoding == UNKNOWN:
        return line.decode("utf-8", "replace")
    return line.decode(_CANDIDATES[encoding][0] if encoding in _CANDIDATES else encoding, "replace")


def _decode_strictly(line: bytes, codec: str) -> str | None:
    try:
        return line.decode(codec)
    except UnicodeDecodeError:
        return None


def _measure(texts: Iterable[str | None], is_word: Callable[[str], bool]) -> tuple[float, int, int]:
    """Return the share of plausible words (0 to 1), the number of words and that of their signs beyond ASCII.

    Only words with a letter beyond ASCII count; without any, the share is 1. A text that could not be decoded (None)
    counts as one implausible word.
    """
    plausible = word_count = sign_count = 0
    for text in texts:
        if text is None:
            word_count += 1
            continue
        words = [word for word in _WORD.findall(text) if not word.isascii() and any(map(str.isalpha, word))]
        word_count += len(words)
        sign_count += sum(not sign.isascii() for word in words for sign in word)
        plausible += sum(map(is_word, words))
    return plausible / word_count if word_count else 1.0, word_count, sign_count
