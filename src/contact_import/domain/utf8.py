"""Encode text that comes from outside as UTF-8."""


def encode_utf8(text: str) -> bytes:
    r"""Return text as UTF-8, also half of a surrogate pair, which Python refuses to encode by default.

    JSON can contain one ("\ud83d" alone is valid JSON): a request with it must get an answer, not an error.
    """
    return text.encode("utf-8", "surrogatepass")
