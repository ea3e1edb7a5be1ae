"""A queue of messages in memory and its event source mapping, which invokes the function with batches.

docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from local.aws.memory_queue import MemoryQueue

_BATCHING_WINDOW_SECONDS = 1.0  # deployed, it is five
_MAX_BATCH_SIZE = 1000
_POLL_SECONDS = 0.2
_RETRY_DELAY_SECONDS = 2.0


class BatchingQueue:
    """Collects messages for some seconds and invokes the function with them, with each at most `max_receives` times.

    `on_failure` gets each message that failed the last time.
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        on_failure: Callable[[str], None],
        max_receives: int = 400,
        *,
        batching_window: float = _BATCHING_WINDOW_SECONDS,
    ) -> None:
        self._function, self._on_failure, self._max_receives = function, on_failure, max_receives
        self._batching_window = batching_window
        self.messages = MemoryQueue()
        self._receive_counts: dict[str, int] = {}
        self._message_numbers = itertools.count(1)

    def run_until_stopped(self, stop: threading.Event) -> None:
        """Invoke the function until `stop` is set; then once more with all that is left, whatever its delay."""
        while not stop.is_set():
            if texts := self._receive_batch():
                self._invoke_function(texts)
        if texts := self.messages.receive_all():
            self._invoke_function(texts)

    def _receive_batch(self) -> list[str]:
        """Return the messages of one batching window, which begins with the first of them; [] when none came."""
        first = self.messages.receive(_POLL_SECONDS)
        if first is None:
            return []
        texts = [first]
        deadline = time.monotonic() + self._batching_window
        while len(texts) < _MAX_BATCH_SIZE and (remaining := deadline - time.monotonic()) > 0:
            if text := self.messages.receive(remaining):
                texts.append(text)
        return texts

    def _invoke_function(self, texts: Sequence[str]) -> None:
        text_by_id = {f"message-{next(self._message_numbers)}": text for text in texts}
        records = [self._make_record(name, text) for name, text in text_by_id.items()]
        try:
            failed = [one["itemIdentifier"] for one in self._function({"Records": records})["batchItemFailures"]]
        except Exception:  # noqa: BLE001  the function logged it; as in Lambda, the whole batch is received again
            failed = list(text_by_id)
        for name in failed:
            text = text_by_id[name]
            self._receive_counts[text] = self._receive_counts.get(text, 0) + 1
            if self._receive_counts[text] < self._max_receives:
                self.messages.send(text, self.messages.pop_delay(name, _RETRY_DELAY_SECONDS))
            else:
                self._on_failure(text)

    def _make_record(self, name: str, text: str) -> dict[str, Any]:
        receive_count = self._receive_counts.get(text, 0) + 1
        return {
            "messageId": name,
            "receiptHandle": name,
            "body": text,
            "attributes": {"ApproximateReceiveCount": str(receive_count)},
            "eventSource": "aws:sqs",
        }
