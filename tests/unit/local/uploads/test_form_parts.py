"""A form is read the same in whatever pieces it arrives."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.filepost import encode_multipart_formdata

from local.uploads.form_parts import FormError, read_form

BOUNDARY = "b0undary"


class _Pieces(io.BytesIO):
    """Returns at most as many bytes as the next of `sizes` says."""

    def __init__(self, body: bytes, sizes: list[int]) -> None:
        super().__init__(body)
        self._sizes = sizes

    def read(self, size: int | None = -1) -> bytes:
        limit = self._sizes.pop(0) if self._sizes else 1 << 30
        return super().read(min(limit, size or 0) if size != -1 else limit)


def _read(body: bytes, sizes: list[int] | None = None, boundary: str = BOUNDARY) -> tuple[dict[str, str], bytes]:
    file, seen = io.BytesIO(), list[dict[str, str]]()

    def open_file(fields: dict[str, str]) -> Any:
        seen.append(dict(fields))
        return file

    read_form(_Pieces(body, sizes or []), len(body), boundary, open_file)
    return seen[0], file.getvalue()


NEAR_SEPARATORS = [b"\r\n", b"--", BOUNDARY.encode(), b"x", b"\r\n--b0"]
# Without what a browser writes in another way inside a name.
FIELD = st.text(alphabet=st.characters(codec="utf-8", exclude_characters='\r\n"%\\'), min_size=1, max_size=20)


@given(
    st.dictionaries(FIELD.filter(lambda name: name != "file"), FIELD, max_size=4),
    st.binary(max_size=300) | st.lists(st.sampled_from(NEAR_SEPARATORS)).map(b"".join),
    st.lists(st.integers(1, 40), max_size=60),
)
def test_fields_and_file_are_what_was_sent(fields: dict[str, str], content: bytes, sizes: list[int]) -> None:
    separator = f"\r\n--{BOUNDARY}".encode()
    content = content.replace(separator, b"").replace(separator, b"")
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    )
    body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'.encode()
    body += content + f"\r\n--{BOUNDARY}--\r\n".encode()
    if separator in b"\r\n" + content:
        return

    assert _read(body, sizes) == (fields, content)


def test_a_form_of_another_program_is_read() -> None:
    body, content_type = encode_multipart_formdata({"key": "k", "file": ("j\u00fcne.csv", b"a\r\n-- b", "text/csv")})

    assert _read(body, boundary=content_type.partition("boundary=")[2]) == ({"key": "k"}, b"a\r\n-- b")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x" * 100_000,
        b"--b0undary\r\n\r\nx\r\n--b0undary--",
        b"--b0undary\r\n" + b"X: y\r\n" * 5000,
        b'--b0undary\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 100_000,
        b'--b0undary\r\nContent-Disposition: form-data; name="file"\r\n\r\nx',
        b'--b0undary\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b0undary--\r\n',
        b'--b0undary\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 60,
    ],
)
def test_any_other_body_is_an_error(body: bytes) -> None:
    with pytest.raises(FormError):
        _read(body)


@given(st.integers(min_value=0))
def test_a_body_that_breaks_off_is_the_connection_s_fault(sent: int) -> None:
    body, content_type = encode_multipart_formdata({"key": "k", "file": ("a.csv", b"a\r\nb", "text/csv")})
    boundary, arrived = content_type.partition("boundary=")[2], body[: sent % len(body)]

    with pytest.raises(ConnectionError):
        read_form(io.BytesIO(arrived), len(body), boundary, lambda _: io.BytesIO())
