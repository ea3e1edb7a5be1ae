"""The callbacks of `serve`: their queue, and which of them a restart continues."""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from contact_import.callbacks.callback_message import CallbackMessage
from contact_import.domain.object_keys import WORK, make_callback_key
from contact_import.pipelines.callbacks import build_callback
from contact_import.webhooks.intake import SubmissionStore
from local.aws.batching_queue import BatchingQueue
from local.aws.disk_bucket import DiskBucket
from local.aws.memory_queue import MemoryQueue
from local.aws.served_bucket import ServedBucket

QUEUE_URL = "http://127.0.0.1/callbacks"  # only a name: no request goes there


class Callbacks:
    """Calls the deployed function with each message, after the delays that it asks for.

    The callback.json of an import is deleted when its callback is delivered or given up. `submissions` has them all.
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        bucket: ServedBucket,
        submissions: DiskBucket,
        on_failure: Callable[[str], None],
        max_receives: int,
    ) -> None:
        self._function, self._bucket, self._submissions = function, bucket, submissions
        self._on_failure = on_failure
        self._queue = BatchingQueue(self._invoke, self._give_up, max_receives, batching_window=0)

    @property
    def messages(self) -> MemoryQueue:
        """Return the queue."""
        return self._queue.messages

    def enqueue(self, result: Mapping[str, Any]) -> None:
        """Enqueue the callback of a finished import, if its caller asked for one."""
        if message := build_callback(self._bucket, result):
            self.messages.send(message.to_text())

    def resume(self) -> None:
        """Enqueue what an earlier process did not deliver; a running import enqueues its own."""
        store = SubmissionStore(self._bucket, lambda _text, _delay: None)
        for path in sorted(self._submissions.find_path(WORK.rstrip("/")).glob("*/callback.json")):
            status = store.get_status(path.parent.name)
            if status is None:
                path.unlink(missing_ok=True)
            elif status.result:
                self.enqueue(json.loads(status.result))

    def run_until_stopped(self, stop: threading.Event) -> None:
        """Call back until `stop` is set; then once more each that failed."""
        self.resume()
        self._queue.run_until_stopped(stop)

    def _invoke(self, event: Any) -> Any:
        response = self._function(event)
        failed = {one["itemIdentifier"] for one in response["batchItemFailures"]}
        for record in event["Records"]:
            if record["messageId"] not in failed:
                self._forget(record["body"])
        return response

    def _give_up(self, text: str) -> None:
        self._forget(text)
        self._on_failure("CallbackFunction")

    def _forget(self, text: str) -> None:
        self._bucket.delete(make_callback_key(CallbackMessage.from_text(text).import_id))
