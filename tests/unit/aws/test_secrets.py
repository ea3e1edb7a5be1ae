from collections.abc import Callable

import pytest
from aws_lambda_powertools.utilities.parameters import GetParameterError
from botocore.exceptions import ClientError, EndpointConnectionError

from contact_import.aws.secrets import read_secret_text
from contact_import.errors import SecretError, SecretUnavailableError

VALUE = "cc-key-in-the-message"


def _failing(cause: Exception) -> Callable[[], str]:
    """Fail as Powertools does: AWS's own error is the cause and the context."""

    def fetch() -> str:
        error = GetParameterError(VALUE)
        error.__context__ = cause
        raise error from cause

    return fetch


def _client_error(code: str, status: int, message: str = VALUE) -> ClientError:
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetSecretValue")  # type: ignore[arg-type]


@pytest.mark.parametrize("stored", ["key", " key\n", "\ufeffkey", b"key\r\n", "\ufeff key".encode()])
def test_a_secret_is_text_without_what_an_editor_adds(stored: str | bytes) -> None:
    assert read_secret_text("cellcast", lambda: stored) == "key"


@pytest.mark.parametrize(
    "cause",
    [
        _client_error("ThrottlingException", 400),
        _client_error("InternalServiceError", 500),
        _client_error("Unknown", 503),
        EndpointConnectionError(endpoint_url="https://secretsmanager"),
    ],
)
def test_what_a_later_attempt_may_read_is_unavailable(cause: Exception) -> None:
    with pytest.raises(SecretUnavailableError):
        read_secret_text("cellcast", _failing(cause))


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_any_other_error_names_the_secret_and_the_code_and_no_value(code: str) -> None:
    with pytest.raises(SecretError) as raised:
        read_secret_text("cellcast", _failing(_client_error(code, 400)))

    assert not isinstance(raised.value, SecretUnavailableError)
    assert str(raised.value) == f"The secret cellcast could not be read: {code}."


@pytest.mark.parametrize(
    ("code", "message"), [("AccessDeniedException", "Access to KMS is not allowed"), ("DecryptionFailure", VALUE)]
)
def test_a_secret_whose_kms_key_may_not_be_used_names_the_parameter_for_it(code: str, message: str) -> None:
    with pytest.raises(SecretError) as raised:
        read_secret_text("cellcast", _failing(_client_error(code, 400, message)))

    assert str(raised.value).startswith(
        f"The secret cellcast could not be read: {code}. It is encrypted with a KMS key"
    )
    assert "SecretKeyArn" in str(raised.value)
    assert VALUE not in str(raised.value)
