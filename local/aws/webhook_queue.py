"""The queue of what came in over HTTP, and what wakes its function: the event source mapping of the template.

docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from local.aws.memory_bucket import Line

URL = "http://127.0.0.1/deliveries"  # nobody asks there: a name
_WINDOW_SECONDS = 1.0  # deployed, it is five
_MOST = 1000
_LOOK_SECONDS = 0.2
_FAILED_AGAIN_SECONDS = 2.0
_TRIES = 5


class Deliveries:
    """Gathers messages for a second and hands them to the function; those that fail come again, five times."""

    def __init__(self, function: Callable[[Any], Any], on_failure: Callable[[str], None]) -> None:
        self._function, self._on_failure = function, on_failure
        self.line = Line()
        self._failures: dict[str, int] = {}
        self._names = itertools.count(1)

    def pump(self, stop: threading.Event) -> None:
        """Until it is told to stop; then whatever waits has one try more, whatever it waits for."""
        while not stop.is_set():
            if texts := self._gathered():
                self._hand_over(texts)
        if texts := self.line.take_all():
            self._hand_over(texts)

    def _gathered(self) -> list[str]:
        """All messages of a window, which begins with the first of them."""
        first = self.line.take(_LOOK_SECONDS)
        if first is None:
            return []
        texts = [first]
        until = time.monotonic() + _WINDOW_SECONDS
        while len(texts) < _MOST and (left := until - time.monotonic()) > 0:
            if text := self.line.take(left):
                texts.append(text)
        return texts

    def _hand_over(self, texts: Sequence[str]) -> None:
        named = {f"message-{next(self._names)}": text for text in texts}
        records = [{"messageId": name, "body": text, "eventSource": "aws:sqs"} for name, text in named.items()]
        try:
            failed = [one["itemIdentifier"] for one in self._function({"Records": records})["batchItemFailures"]]
        except Exception:  # noqa: BLE001  the function has logged it; the mapping lets all of them come again
            failed = list(named)
        for text in (named[name] for name in failed):
            self._failures[text] = self._failures.get(text, 0) + 1
            if self._failures[text] < _TRIES:
                self.line.put(text, _FAILED_AGAIN_SECONDS)
            else:
                self._on_failure("QueueFunction")
