"""Build the callback of a finished import, for the program that asked for one."""

from collections.abc import Mapping
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.callbacks.callback_message import CallbackMessage
from contact_import.callbacks.callback_store import read_callback
from contact_import.reports.notifications import build_callback_body

_HOOKS = "hooks/"  # a delivery cannot ask for one, and a busy form has many: it costs no read


def build_callback(bucket: Bucket, result: Mapping[str, Any]) -> CallbackMessage | None:
    """Return the message of a finished import to its caller, None if the caller asked for none."""
    if result["source"]["key"].startswith(_HOOKS):
        return None
    import_id = result["import_id"]
    callback = read_callback(bucket, import_id)
    return CallbackMessage(import_id, callback.url, build_callback_body(result, callback.api_url)) if callback else None
