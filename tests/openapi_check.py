"""Compare the responses of the HTTP API with docs/openapi.yaml."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

OPENAPI_PATH = Path(__file__).parents[1] / "docs" / "openapi.yaml"


@cache
def load_openapi() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(OPENAPI_PATH.read_text("utf-8"))
    return loaded


def check_response(method: str, target: str, status: int, headers: dict[str, str], text: str) -> None:
    """Raise AssertionError for a response that is not as described. Undescribed paths and methods are not checked."""
    path = target.partition("?")[0]
    for template, operations in load_openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in operations:
            responses = operations[method.lower()]["responses"]
            assert str(status) in responses, f"{method} {template}: {status} is not described"
            _check_content(_resolve_reference(responses[str(status)]), headers, text)


def _check_content(response: dict[str, Any], headers: dict[str, str], text: str) -> None:
    kind = headers["content-type"].partition(";")[0]
    assert kind in response["content"], f"{kind} is not described"
    for name in response.get("headers", {}):
        assert name.lower() in headers, f"{name} is missing"
    if kind == "application/json":
        schema = response["content"][kind]["schema"] | {"components": load_openapi()["components"]}
        Draft202012Validator(schema).validate(json.loads(text))


def _resolve_reference(response: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in response:
        found: dict[str, Any] = load_openapi()["components"]["responses"][response["$ref"].rpartition("/")[2]]
        return found
    return response
