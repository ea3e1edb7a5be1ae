"""Results on their way from the bucket into a folder."""

import json
import threading
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TextIO

from contact_import.aws import events
from contact_import.domain.object_keys import RESULTS, is_result_key
from contact_import.handlers import dependencies
from contact_import.reports.summary import summarize_result

_FILES = ("failed.csv", "accepted.csv", "report.html", "result.json")
_POLL_SECONDS = 0.2


class ResultsDownloader:
    """Writes what it hears of, one after the other, so that nobody who tells it waits."""

    def __init__(self, out: Path, stderr: TextIO) -> None:
        self._out, self._stderr = out, stderr
        self._keys: SimpleQueue[str] = SimpleQueue()

    def enqueue_result(self, key: str) -> None:
        """A key that was put; those that tell of no result are passed over."""
        if is_result_key(key):
            self._keys.put(key)

    def handle_event(self, event: Any) -> dict[str, Any]:
        """The same from what the deployed stack is told of a finished import."""
        for record in event["Records"]:
            for upload in events.parse_upload_message(record["body"]):
                self.enqueue_result(upload.key)
        return {"batchItemFailures": []}

    def run_until_stopped(self, stop: threading.Event) -> None:
        """Until it is told to stop and all that it heard of is written."""
        while True:
            is_last = stop.is_set()
            try:
                key = self._keys.get(timeout=_POLL_SECONDS)
            except Empty:
                if is_last:
                    return
            else:
                self._download(key.removesuffix("result.json"))

    def _download(self, prefix: str) -> None:
        bucket = dependencies.get_bucket(dependencies.get_settings().bucket)
        folder = join_inside(self._out, prefix.removeprefix(RESULTS))
        folder.mkdir(parents=True, exist_ok=True)
        for name in (*_FILES, "delivery.json"):
            # Only a delivery without a contact is kept beside its result.
            if (body := bucket.read(prefix + name)) is not None:
                (folder / name).write_bytes(body)
        result = json.loads((folder / "result.json").read_bytes())
        print(f"{folder}: {summarize_result(result)}", file=self._stderr, flush=True)


def join_inside(out: Path, name: str) -> Path:
    """Never outside of the folder, whatever somebody called a file."""
    return out.joinpath(*(part if part not in ("", ".", "..") else "_" for part in name.strip("/").split("/")))
