"""docs/openapi.yaml is valid, and describes every route of the HTTP API."""

import json
import re
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from contact_import.webhooks.api.contacts_request import parse_contacts_request
from local.aws.template import read_template
from tests.openapi_check import check_request, check_response, load_openapi

ROOT = Path(__file__).parents[2]


def test_the_description_is_valid() -> None:
    validate(load_openapi())


def test_every_route_of_the_gateway_is_described() -> None:
    events = read_template()["Resources"]["WebhookFunction"]["Properties"]["Events"].values()
    routes = {one["Properties"]["Path"] for one in events if "Path" in one["Properties"]}

    assert routes == set(load_openapi()["paths"])


def test_the_rate_of_the_gateway_is_the_described_one() -> None:
    rate = read_template()["Resources"]["Api"]["Properties"]["RouteSettings"]["POST /contacts"]
    words = f"({rate['ThrottlingRateLimit']} calls of POST /contacts a second, {rate['ThrottlingBurstLimit']} at once)"

    assert words in load_openapi()["components"]["responses"]["TooMany"]["description"]


def test_the_call_that_the_docs_show_is_as_described_and_works() -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    (body,) = re.findall(r"curl [^\n]*/contacts [^\n]*\\\n  -d '([^']+)'", page)

    check_request("POST", "/contacts", json.loads(body))

    assert len(parse_contacts_request(json.loads(body)).people) == 2


def test_an_answer_that_is_not_described_is_found() -> None:
    headers = {"content-type": "application/json"}
    good = '{"import_id": "0123456789abcdef01234567", "contacts": 1, "sendable": 1}'

    check_response("POST", "/hooks/website?token=x", 200, headers, good)
    for status, kind, text in (
        (404, "application/json", '{"error": "x"}'),
        (200, "text/html", good),
        (200, "application/json", '{"import_id": "x", "contacts": 1, "sendable": 1}'),
        (200, "application/json", '{"import_id": "0123456789abcdef01234567", "contacts": 1}'),
        (400, "application/json", '{"message": "x"}'),
    ):
        with pytest.raises(Exception, match=re.compile("described|match|required|unexpected", re.IGNORECASE)):
            check_response("POST", "/hooks/website", status, {"content-type": kind}, text)
