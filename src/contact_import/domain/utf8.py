"""Encode text that comes from outside as UTF-8."""


def encode_utf8(text: str) -> bytes:
    r"""Return text as UTF-8, including lone surrogates, which Python rejects by default.

    JSON may contain one (`"\ud83d"` alone is valid, RFC 8259, section 8.2), and a request with it must not fail.
    """
    return text.encode("utf-8", "surrogatepass")
