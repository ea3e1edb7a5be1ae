"""Requests that carry a token in every place where a sender can put one."""

import base64
import json
from types import MappingProxyType
from urllib.parse import urlencode

from contact_import.domain.http import HttpRequest

TOKEN = "t0ken+with/odd=letters"
BASIC = base64.b64encode(f"cellcast:{TOKEN}".encode()).decode()
URL = "https://hooks.example.com/hooks/website"
FORM = "application/x-www-form-urlencoded"


def make_request(
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    body: bytes = b"",
    kind: str = "application/json",
) -> HttpRequest:
    url = f"{URL}?{urlencode(query)}" if query else URL
    named = {"content-type": kind} | (headers or {})
    return HttpRequest("POST", "/hooks/website", url, MappingProxyType(named), MappingProxyType(query or {}), body)


TOKEN_IN_FRONT = [
    make_request({"authorization": f"Bearer {TOKEN}"}),
    make_request({"authorization": f"bearer  {TOKEN} "}),
    make_request({"authorization": TOKEN}),
    make_request({"authorization": f"Token {TOKEN}"}),
    make_request({"authorization": f"Basic {BASIC}"}),
    make_request({"x-api-key": TOKEN}),
    make_request({"x-whatever": TOKEN}),
    make_request(query={"token": TOKEN}),
    make_request(query={"a": "1", "key": TOKEN}),
]
MULTIPART = (
    b'--b1\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'
    b'--b1\r\nContent-Disposition: form-data; name="token"\r\n\r\n' + TOKEN.encode() + b"\r\n--b1--\r\n"
)
TOKEN_IN_BODY = [
    make_request(body=json.dumps({"google_key": TOKEN, "lead_id": "1"}).encode()),
    make_request(body=json.dumps({"a": [{"b": {"token": TOKEN}}]}).encode()),
    make_request(body=urlencode({"a": "1", "HandshakeKey": TOKEN}).encode(), kind=FORM),
    make_request(body=MULTIPART, kind="multipart/form-data; boundary=b1"),
    make_request(body=urlencode({"data": json.dumps({"verification_token": TOKEN, "a": "1"})}).encode(), kind=FORM),
    make_request(
        body=MULTIPART.replace(TOKEN.encode(), b'{"key": "' + TOKEN.encode() + b'"}'),
        kind="multipart/form-data; boundary=b1",
    ),
    make_request(body=f'{{"token": "{TOKEN}", "note": "Hello,\nplease call", "score": NaN}}'.encode()),
    make_request(body=f'{{"token": "{TOKEN}", "name": "Zoë"}}'.encode("cp1252")),
    make_request(body=f'{{"token": "{TOKEN}"}}'.encode(), kind=FORM),
]
