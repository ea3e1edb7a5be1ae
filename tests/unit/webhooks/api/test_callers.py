"""Authenticate callers of the API."""

import json

import pytest

from contact_import.domain.http import HttpRequest
from contact_import.webhooks.api.callers import authenticate_caller
from contact_import.webhooks.senders.config_cache import SenderConfigCache

CONFIG = {"tokens": ["t0ken", ""], "senders": {"site": {"scheme": "token", "secrets": ["s3cret"]}}}


@pytest.mark.parametrize(
    ("headers", "query", "is_caller"),
    [
        ({"authorization": "Bearer t0ken"}, {}, True),
        ({"authorization": "Bearer s3cret"}, {}, False),
        ({"authorization": "Bearer "}, {}, False),
        ({"authorization": "Bearer tökén\udc80"}, {}, False),
        ({"cookie": "t0ken"}, {}, False),
        ({}, {"token": "t0ken"}, False),
        ({}, {}, False),
    ],
)
def test_a_caller_has_a_token_in_a_header(headers: dict[str, str], query: dict[str, str], is_caller: bool) -> None:
    config_cache = SenderConfigCache(lambda: json.dumps(CONFIG), lambda: 0.0)
    request = HttpRequest("GET", "/imports/x", "https://api.example/imports/x", headers, query)

    assert (authenticate_caller(request, config_cache) is not None) == is_caller


def test_a_token_that_was_just_added_is_known() -> None:
    config = {"tokens": ["old"]}
    config_cache = SenderConfigCache(lambda: json.dumps(config), lambda: 0.0)
    config_cache.get()
    config["tokens"].append("new")

    request = HttpRequest("GET", "/", "https://api.example/", {"authorization": "Bearer new"}, {})

    assert authenticate_caller(request, config_cache)
