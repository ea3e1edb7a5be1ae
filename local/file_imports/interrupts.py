"""Handle Ctrl-C: the first finishes the requests in flight and writes the results, the second ends the process."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED_STATUS = 130  # of a program that Ctrl-C ended
_FIRST = "\nStopping after the requests in progress… (Ctrl-C again to stop now)\n"
_SECOND = "\nStopped. What was imported is recorded: run the same command to continue.\n"
# A terminal that is closed and a service manager mean the same.
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interrupts:
    """Counts the interrupts of this process while `watch` lasts."""

    def __init__(self) -> None:
        self._count = 0

    @property
    def is_requested(self) -> bool:
        return self._count > 0

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Handle the signals here: an exception could meet a line that must not be interrupted."""
        # What is ignored stays so: `nohup` and a shell's `&` ask for it.
        numbers = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        previous = [signal.signal(number, self._handle) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, previous, strict=True):
                signal.signal(number, handler)

    def _handle(self, _signal: int, _frame: FrameType | None) -> None:
        self._count += 1
        _write_now(_FIRST if self._count == 1 else _SECOND)
        if self._count > 1:
            os._exit(INTERRUPTED_STATUS)  # joining the threads would wait for their requests


def _write_now(text: str) -> None:
    """Write to stderr without its buffer, whose lock the interrupted line may hold."""
    try:
        os.write(sys.stderr.fileno(), text.encode(sys.stderr.encoding or "utf-8", "replace"))
    except (OSError, ValueError):  # a closed terminal
        return
