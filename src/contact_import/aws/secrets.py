"""Read the text of a secret, or explain why it could not be read."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.parameters import GetParameterError

from contact_import.errors import SecretError, SecretUnavailableError

# Transient errors besides 5xx: AWS's codes (docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html),
# and botocore's names for a connection that failed.
_TRANSIENT_CODES = frozenset(
    "Throttling ThrottlingException TooManyRequestsException RequestLimitExceeded InternalServiceError "
    "EndpointConnectionError ConnectionClosedError ConnectTimeoutError ReadTimeoutError".split()
)

# GetSecretValue has the same code for a secret and for a KMS key that the caller may not use, and these words for the
# key. DecryptionFailure is the key's as well
# (docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html).
_KEY_DENIED, _KEY_CODE = "Access to KMS is not allowed", "DecryptionFailure"
_KEY_ADVICE = (
    " It is encrypted with a KMS key that may not be used: deploy with the ARN of that key as SecretKeyArn, and let "
    "the policy of the key allow it."
)


def read_secret_text(name: str, fetch: Callable[[], str | bytes]) -> str:
    """Return the stored secret as text, without a byte order mark and blanks around it.

    `fetch` reads it with Powertools. Raise SecretUnavailableError when a later attempt may succeed, SecretError for any
    other error. The message names the secret and AWS's error code, never a value.
    """
    try:
        stored = fetch()
    except GetParameterError as error:
        error_class = SecretUnavailableError if _is_transient(error) else SecretError
        # Not chained: AWS's message has the account and the ARN, and would be logged with the traceback.
        advice = _KEY_ADVICE if _is_key_denied(error) else ""
        raise error_class(f"The secret {name} could not be read: {_get_error_code(error)}.{advice}") from None
    text = stored.decode("utf-8", "replace") if isinstance(stored, bytes) else stored
    return text.lstrip("\ufeff").strip()


def _get_error_code(error: Exception) -> str:
    """Return AWS's error code (`ResourceNotFoundException`), without the message."""
    return str(_get_error_response(error).get("Error", {}).get("Code") or type(error.__context__ or error).__name__)


def _is_transient(error: Exception) -> bool:
    """Return whether there was no response, the call was throttled, or the error is AWS's own."""
    status: int = _get_error_response(error).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or _get_error_code(error) in _TRANSIENT_CODES


def _is_key_denied(error: Exception) -> bool:
    """Return whether the secret could be read if its KMS key could be used."""
    message = str(_get_error_response(error).get("Error", {}).get("Message", ""))
    return _KEY_DENIED in message or _get_error_code(error) == _KEY_CODE


def _get_error_response(error: Exception) -> dict[str, Any]:
    response: dict[str, Any] = getattr(error.__cause__ or error.__context__, "response", {})
    return response
