"""Ctrl-C and SIGTERM: the first one asks `serve` to finish, the next one ends it."""

import os
import signal
import sys
import time
from types import FrameType

_POLL_SECONDS = 0.1
_INTERRUPTED = 130
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """SIGINT (Ctrl-C), and SIGTERM, which a service manager sends.

    Create it before anything starts that must end in order: until then a signal is an exception at any line.
    """

    def __init__(self) -> None:
        self._received: list[int] = []
        for number in _SIGNALS:
            signal.signal(number, lambda number, _frame: self._received.append(number))

    def wait(self) -> None:
        """Return after the first signal. The next one ends the process."""
        # Polled: a handler that set an Event could find its lock held by the thread that the signal interrupts.
        while not self._received:
            time.sleep(_POLL_SECONDS)
        for number in _SIGNALS:
            signal.signal(number, _exit_process)


def _exit_process(_number: int, _frame: FrameType | None) -> None:
    # Not by an exception: joining the threads would wait for an import that waits for Cellcast.
    os.write(sys.stderr.fileno(), b"Stopped. The next start continues the imports in progress.\n")
    os._exit(_INTERRUPTED)
