"""The SQS messages of webhooks in memory: moto takes about 7 ms for each, too slow for a busy hour."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Sequence


class MemoryQueue:
    """A queue of messages, each visible after its delay, in order."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._messages: list[tuple[float, int, str]] = []
        self._delays: dict[str, float] = {}
        self._sequence_numbers = itertools.count(1)
        self._changed = threading.Condition()

    def send(self, text: str, delay_seconds: float = 0) -> None:
        with self._changed:
            heapq.heappush(self._messages, (self._clock() + delay_seconds, next(self._sequence_numbers), text))
            self._changed.notify_all()

    def postpone(self, messages: Sequence[tuple[str, int]]) -> int:
        """Note the seconds until each receipt handle is received again, for `pop_delay`. Return 0: none was refused."""
        self._delays.update(messages)
        return 0

    def pop_delay(self, handle: str, default: float) -> float:
        """Return the seconds that a receipt handle was postponed by, else the default."""
        return self._delays.pop(handle, default)

    def receive(self, seconds: float) -> str | None:
        """Remove and return the next visible message; wait for one up to `seconds`, then return None."""
        deadline = self._clock() + seconds
        with self._changed:
            while True:
                now = self._clock()
                if self._messages and self._messages[0][0] <= now:
                    return heapq.heappop(self._messages)[2]
                if now >= deadline:
                    return None
                visible_at = self._messages[0][0] if self._messages else deadline
                self._changed.wait(min(deadline, visible_at) - now)

    def receive_all(self) -> list[str]:
        """Remove and return all messages, also those whose delay has not passed."""
        with self._changed:
            texts = [text for _, _, text in sorted(self._messages)]
            self._messages.clear()
            return texts

    def __len__(self) -> int:
        return len(self._messages)
