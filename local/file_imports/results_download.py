"""Copy results from the bucket into a folder."""

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

from contact_import.aws import events
from contact_import.domain.object_keys import RESULTS, is_result_key
from contact_import.handlers import dependencies
from contact_import.pipelines.history import save_history

# A delivery without a contact has delivery.json alone; of the others it has at least one.
COPIED_FILES = ("failed.csv", "accepted.csv", "report.html", "delivery.json")
_POLL_SECONDS = 0.2
_RETRY_SECONDS = 10.0


class ResultsDownloader:
    """Copies results in its own thread, so that a function that wrote one does not wait.

    `on_result` gets the content of each result.json and its folder; `on_error` gets why one could not be written,
    which is tried again. `enqueue_callback` gets the content too.
    """

    def __init__(
        self, out: Path, on_result: Callable[[dict[str, Any], Path], None], on_error: Callable[[OSError], None]
    ) -> None:
        self._out, self._on_result, self._on_error = out, on_result, on_error
        self._keys: SimpleQueue[str] = SimpleQueue()
        self.enqueue_callback: Callable[[dict[str, Any]], None] = lambda _result: None

    def enqueue_result(self, key: str) -> None:
        """Queue the result of this key; ignore a key that is no result."""
        if is_result_key(key):
            self._keys.put(key)

    def find_copy(self, key: str) -> Path:
        """Return where the result with this key is copied to."""
        return join_inside(self._out, key.removeprefix(RESULTS))

    def handle_event(self, event: Any) -> dict[str, Any]:
        """Queue the results of an event for NotifyFunction, in place of that function."""
        for record in event["Records"]:
            for upload in events.parse_upload_message(record["body"]):
                self.enqueue_result(upload.key)
        return {"batchItemFailures": []}

    def run_until_stopped(self, stop: threading.Event) -> None:
        """Copy queued results until `stop` is set and none is left."""
        while True:
            is_last = stop.is_set()
            try:
                key = self._keys.get(timeout=_POLL_SECONDS)
            except Empty:
                if is_last:
                    return
            else:
                try:
                    result, folder = self._download(key.removesuffix("result.json"))
                except OSError as error:  # the disk is full, say
                    self._on_error(error)
                    if not stop.wait(_RETRY_SECONDS):
                        self._keys.put(key)
                else:
                    self._on_result(result, folder)

    def _download(self, prefix: str) -> tuple[dict[str, Any], Path]:
        bucket = dependencies.get_bucket(dependencies.get_settings().bucket)
        folder = self.find_copy(prefix)
        folder.mkdir(parents=True, exist_ok=True)
        for name in (*COPIED_FILES, "result.json"):  # which comes last: who waits for it finds the others
            if bucket.has_object(prefix + name):
                with bucket.open(prefix + name) as body:
                    _write_whole(folder / name, body)
        result = json.loads((folder / "result.json").read_bytes())
        save_history(bucket, result)
        self.enqueue_callback(result)
        for name in COPIED_FILES:  # who asks for them gets the copy
            bucket.delete(prefix + name)
        return result, folder


def _write_whole(path: Path, body: IO[bytes]) -> None:
    """Write a file so that a program that polls for it never reads half of it."""
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        shutil.copyfileobj(body, file)
    part.replace(path)


def join_inside(out: Path, name: str) -> Path:
    """Join a key to the folder, with "_" for each part that would lead out of it."""
    return out.joinpath(*(part if part not in ("", ".", "..") else "_" for part in name.strip("/").split("/")))
