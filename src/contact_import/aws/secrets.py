"""The API key, out of what is stored in Secrets Manager."""

import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.parameters import GetParameterError

from contact_import.cellcast.transport import normalize_api_key
from contact_import.errors import SecretError, SecretUnavailableError

# What waiting mends beside 5xx: AWS's codes (secretsmanager/latest/apireference/CommonErrors.html), and botocore's
# names for a connection that could not be made or broke.
_TRANSIENT_CODES = frozenset(
    "Throttling ThrottlingException TooManyRequestsException RequestLimitExceeded InternalServiceError "
    "EndpointConnectionError ConnectionClosedError ConnectTimeoutError ReadTimeoutError".split()
)


def read_api_key(name: str, fetch: Callable[[], str | bytes]) -> str:
    """The bare key, or `{"api_key": "..."}`.

    Raise SecretError, in one sentence that names the secret and never its value; SecretUnavailableError when it is only
    that nobody answers.
    """
    text = read_secret_text(name, fetch)
    if text.startswith("{"):
        text = _parse_api_key_field(name, text)
    if not text:
        raise SecretError(f"The secret {name} is empty.")
    try:
        return normalize_api_key(text)
    except SecretError:
        raise SecretError(f"The secret {name} holds no usable key: it has blanks or letters no key has.") from None


def read_secret_text(name: str, fetch: Callable[[], str | bytes]) -> str:
    """What is stored, as text. Raise SecretError when it cannot be read; see `api_key`."""
    try:
        stored = fetch()
    except GetParameterError as error:
        error_class = SecretUnavailableError if _is_transient(error) else SecretError
        raise error_class(f"The secret {name} could not be read: {_get_error_code(error)}.") from None
    text = stored.decode("utf-8", "replace") if isinstance(stored, bytes) else stored
    return text.lstrip("\ufeff").strip()


def _parse_api_key_field(name: str, text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        raise SecretError(f"The secret {name} looks like JSON and is not.") from None
    key = value.get("api_key")
    if not isinstance(key, str):
        raise SecretError(f"The secret {name} has no text under api_key.")
    return key.strip()


def _get_error_code(error: Exception) -> str:
    """AWS's code for what is wrong (`ResourceNotFoundException`), without its message."""
    return str(_get_error_response(error).get("Error", {}).get("Code") or type(error.__context__ or error).__name__)


def _is_transient(error: Exception) -> bool:
    """No answer at all, a throttling, or a fault of AWS's own."""
    status: int = _get_error_response(error).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or _get_error_code(error) in _TRANSIENT_CODES


def _get_error_response(error: Exception) -> dict[str, Any]:
    response: dict[str, Any] = getattr(error.__cause__ or error.__context__, "response", {})
    return response
