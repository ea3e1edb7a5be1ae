"""Compare the responses of the HTTP API with docs/openapi.yaml."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

OPENAPI_PATH = Path(__file__).parents[1] / "docs" / "openapi.yaml"
_ERROR = {"$ref": "#/components/schemas/Error"}


@cache
def load_openapi() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(OPENAPI_PATH.read_text("utf-8"))
    return loaded


def check_response(method: str, target: str, status: int, headers: dict[str, str], text: str) -> None:
    """Raise AssertionError or ValidationError for a response that is not as described.

    HEAD is answered as GET is, without the body. A path or method that is not described has an error with a sentence.
    """
    operation = _find_operation("get" if method == "HEAD" else method.lower(), target.partition("?")[0])
    if operation is None:
        assert status in (401, 404, 405, 413, 503), f"{method} {target}: {status} for something undescribed"
        if method != "HEAD":
            _validate(_ERROR, text)
        return
    responses = operation["responses"]
    assert str(status) in responses, f"{method} {target.partition('?')[0]}: {status} is not described"
    _check_content(_resolve(responses[str(status)]), headers, text, has_body=method != "HEAD")


def check_request(method: str, path: str, body: object) -> None:
    """Raise ValidationError for a JSON body that is not as described."""
    operation = _find_operation(method.lower(), path)
    assert operation, f"{method} {path} is not described"
    _validate(operation["requestBody"]["content"]["application/json"]["schema"], json.dumps(body))


def _find_operation(method: str, path: str) -> dict[str, Any] | None:
    for template, operations in load_openapi()["paths"].items():
        if method in operations and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            found: dict[str, Any] = operations[method]
            return found
    return None


def _check_content(response: dict[str, Any], headers: dict[str, str], text: str, *, has_body: bool) -> None:
    for name, header in response.get("headers", {}).items():
        assert name.lower() in headers, f"{name} is missing"
        schema = _resolve(header)["schema"]
        value = headers[name.lower()]
        _validate(schema, value if schema.get("type") == "integer" else json.dumps(value))
    if "content" not in response:
        assert text == "", "a body is not described"
        return
    kind = headers["content-type"].partition(";")[0]
    assert kind in response["content"], f"{kind} is not described"
    if kind == "application/json" and has_body:
        _validate(response["content"][kind]["schema"], text)


def _validate(schema: dict[str, Any], text: str) -> None:
    Draft202012Validator(schema | {"components": load_openapi()["components"]}).validate(json.loads(text))


def _resolve(value: dict[str, Any]) -> dict[str, Any]:
    """Return what a `$ref` of the description refers to."""
    if "$ref" not in value:
        return value
    found: Any = load_openapi()
    for part in value["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    resolved: dict[str, Any] = found
    return resolved
