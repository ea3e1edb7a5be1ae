"""Results on their way from the bucket into a folder."""

import json
import threading
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TextIO

from contact_import.aws import events
from contact_import.domain.object_keys import RESULTS, tells_result
from contact_import.handlers import dependencies
from contact_import.reports.html_page import verdict

_FILES = ("failed.csv", "accepted.csv", "report.html", "result.json")
_LOOK_SECONDS = 0.2


class Outbox:
    """Writes what it hears of, one after the other, so that nobody who tells it waits."""

    def __init__(self, out: Path, told: TextIO) -> None:
        self._out, self._told = out, told
        self._keys: SimpleQueue[str] = SimpleQueue()

    def hear(self, key: str) -> None:
        """A key that was put; those that tell of no result are passed over."""
        if tells_result(key):
            self._keys.put(key)

    def hear_event(self, event: Any) -> dict[str, Any]:
        """The same from what the deployed stack is told of a finished import."""
        for record in event["Records"]:
            for upload in events.from_message(record["body"]):
                self.hear(upload.key)
        return {"batchItemFailures": []}

    def pump(self, stop: threading.Event) -> None:
        """Until it is told to stop and all that it heard of is written."""
        while True:
            is_last = stop.is_set()
            try:
                key = self._keys.get(timeout=_LOOK_SECONDS)
            except Empty:
                if is_last:
                    return
            else:
                self._write(key.removesuffix("result.json"))

    def _write(self, prefix: str) -> None:
        bucket = dependencies.bucket(dependencies.settings().bucket)
        where = below(self._out, prefix.removeprefix(RESULTS))
        where.mkdir(parents=True, exist_ok=True)
        for name in (*_FILES, "delivery.json"):
            # Only a delivery without a contact is kept beside its result.
            if (body := bucket.read(prefix + name)) is not None:
                (where / name).write_bytes(body)
        result = json.loads((where / "result.json").read_bytes())
        print(f"{where}: {verdict(result)}", file=self._told, flush=True)


def below(out: Path, name: str) -> Path:
    """Never outside of the folder, whatever somebody called a file."""
    return out.joinpath(*(part if part not in ("", ".", "..") else "_" for part in name.strip("/").split("/")))
