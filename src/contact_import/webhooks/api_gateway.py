"""Convert API Gateway's events to HTTP requests, and responses to the form that it expects: payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from contact_import.domain.http import HttpRequest, HttpResponse
from contact_import.domain.utf8 import encode_utf8
from contact_import.errors import EventError


def parse_request(event: Mapping[str, Any], public_url: str = "") -> HttpRequest:
    """Return the request of an event. Raise EventError for an event of another kind.

    `public_url` is the address of the API as senders see it, which some signatures cover; "" if it is the one that API
    Gateway was called at.
    """
    try:
        http = event["requestContext"]["http"]
        method, raw_path = str(http["method"]).upper(), str(event["rawPath"])
        headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
        raw_query = str(event.get("rawQueryString") or "")
        body = _decode_body(str(event.get("body") or ""), is_encoded=bool(event.get("isBase64Encoded")))
        base_url = public_url or _build_base_url(event["requestContext"], headers)
    except (KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise EventError("The event is not an HTTP request of API Gateway.") from error
    if cookies := event.get("cookies"):  # API Gateway takes them out of the headers
        headers["cookie"] = "; ".join(map(str, cookies))
    return HttpRequest(
        method=method,
        path=unquote(raw_path, errors="replace"),
        url=base_url + raw_path + (f"?{raw_query}" if raw_query else ""),
        headers=headers,
        query=_parse_query(raw_query),
        body=body,
    )


def format_response(response: HttpResponse) -> dict[str, Any]:
    """Return a response as the dictionary that API Gateway expects from a function."""
    return {
        "statusCode": response.status,
        "headers": dict(response.headers),
        "body": response.body,
        "isBase64Encoded": False,
    }


def _decode_body(text: str, *, is_encoded: bool) -> bytes:
    return base64.b64decode(text, validate=True) if is_encoded else encode_utf8(text)


def _parse_query(raw: str) -> dict[str, str]:
    """Return the parameters of a query. The first value of a repeated name counts."""
    params: dict[str, str] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True, max_num_fields=None):
        params.setdefault(name, value)
    return params


def _build_base_url(context: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    # API Gateway sets this header itself, always to https. `cellcast-import serve` can be called over http too.
    scheme = "http" if headers.get("x-forwarded-proto") == "http" else "https"
    return f"{scheme}://{headers.get('host') or context['domainName']}"
