"""Classify the errors of S3 by code and status."""

from botocore.exceptions import BotoCoreError, ClientError

from contact_import.errors import SourceGoneError

# For `suppress`, around an object that nothing depends on.
AWS_ERRORS = (BotoCoreError, ClientError)

# 412 and 409 of a conditional write, and 404 when the object that `If-Match` names does not exist
# (docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
_CONDITION_FAILED_CODES = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409", "404")
_MISSING_CODES = ("NoSuchKey", "404")


def get_error_code(error: ClientError) -> str:
    """Return AWS's error code (`NoSuchKey`), or the HTTP status of a HEAD request, whose response has no body."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_missing(error: ClientError) -> bool:
    """Return whether the object does not exist."""
    return get_error_code(error) in _MISSING_CODES


def is_condition_failed(error: ClientError) -> bool:
    """Return whether a conditional write was rejected because another object is there."""
    return get_error_code(error) in _CONDITION_FAILED_CODES


def is_server_error(error: ClientError) -> bool:
    """Return whether S3 answered with 5xx: a write may have been done."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= 500


def translate_error(error: ClientError) -> Exception:
    """Return a SourceGoneError for an upload that was deleted or replaced, else the error itself."""
    code = get_error_code(error)
    if code in (*_MISSING_CODES, "NoSuchVersion"):
        return SourceGoneError("The file is not in the bucket any more; upload it again.")
    if code in ("PreconditionFailed", "412"):
        return SourceGoneError("The file was replaced before it was read; the new file is a separate import.")
    return error
