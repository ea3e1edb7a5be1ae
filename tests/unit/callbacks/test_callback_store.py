"""The callback of an import in the bucket."""

import json
from typing import Any

from contact_import.callbacks.callback_store import Callback, read_callback, save_callback


class _Bucket:
    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}

    def put_json(self, key: str, value: Any) -> None:
        self.objects[key] = json.dumps(value)

    def read_json(self, key: str) -> Any:
        return json.loads(self.objects.get(key, "null"))


def test_a_callback_is_read_as_it_was_saved_and_shows_no_address() -> None:
    bucket: Any = _Bucket()
    callback = Callback("https://example.com/?token=t", "https://api.example.com")

    save_callback(bucket, "1", callback)

    assert read_callback(bucket, "1") == callback
    assert read_callback(bucket, "2") is None
    assert list(bucket.objects) == ["work/1/callback.json"]
    assert "example" not in repr(callback)
