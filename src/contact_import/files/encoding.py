"""Detect the Unicode encoding of a file from its first bytes."""

# The mark of UTF-32 begins with that of UTF-16, so it is compared first
# (unicode.org/faq/utf_bom.html).
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


def detect_encoding(head: bytes) -> tuple[str, int]:
    """Return the Python name of the encoding, and the length of the byte order mark in bytes.

    The encoding is UTF-8, UTF-16 or UTF-32. Any other file counts as UTF-8, and `decoding.DecodedText` reads its
    bytes that are not UTF-8 as Windows-1252. NULs outrank the mark, because some tools write a wrong one.
    """
    encoding, bom_length = next(((name, len(mark)) for mark, name in _BOMS if head.startswith(mark)), ("", 0))
    text = head[bom_length:] if encoding else head
    return _detect_encoding_by_nuls(text) or encoding or "utf-8", bom_length


def _detect_encoding_by_nuls(head: bytes) -> str:
    """Return UTF-32 or UTF-16 by the positions of NULs, "" for neither.

    ASCII letters, delimiters and line ends, of which every CSV file is full, have their NULs on the same side.
    """
    nuls = [head[place::4].count(0) for place in range(4)]
    quarter = len(head) // 4
    if quarter < 2 or sum(nuls) * 20 < len(head):
        return ""
    for name, filled in (("utf-32-le", 0), ("utf-32-be", 3)):
        if nuls[filled] == 0 and all(count >= quarter * 0.9 for count in (nuls[1], nuls[2])):
            return name
    # Of two bytes, one is NUL in nearly all characters of a CSV, whatever alphabet its names are in.
    low, high = nuls[0] + nuls[2], nuls[1] + nuls[3]
    if max(low, high) < 0.4 * quarter:
        return ""
    if high > 5 * low:
        return "utf-16-le"
    return "utf-16-be" if low > 5 * high else ""
