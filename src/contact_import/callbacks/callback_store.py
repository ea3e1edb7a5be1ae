"""Save the address that a caller wants to be called back at after an import: `work/<import id>/callback.json`."""

from dataclasses import dataclass

from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import make_callback_key


@dataclass(frozen=True, slots=True)
class Callback:
    """The address to call, and the address of the API that the caller used, for links. The repr has no address."""

    url: str
    api_url: str

    def __repr__(self) -> str:
        return "Callback()"


def save_callback(bucket: Bucket, import_id: str, callback: Callback) -> None:
    """Save the callback of an import, before the import can be finished."""
    bucket.put_json(make_callback_key(import_id), {"url": callback.url, "api_url": callback.api_url})


def read_callback(bucket: Bucket, import_id: str) -> Callback | None:
    """Return the callback of an import, None for an import without one."""
    stored = bucket.read_json(make_callback_key(import_id))
    return Callback(stored["url"], stored["api_url"]) if stored else None
