"""Ctrl-C and SIGTERM: the first one asks `serve` to finish, the next one ends it."""

import os
import signal
import sys
import time
from types import FrameType

_POLL_SECONDS = 0.1
_INTERRUPTED = 130


def wait_for_stop_signal() -> None:
    """Return after SIGINT (Ctrl-C) or SIGTERM, which a service manager sends. The next one ends the process."""
    received: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        signal.signal(number, lambda number, _frame: received.append(number))
    # Polled: a handler that set an Event could find its lock held by the thread that the signal interrupts.
    while not received:
        time.sleep(_POLL_SECONDS)
    for number in numbers:
        signal.signal(number, _exit_process)


def _exit_process(_number: int, _frame: FrameType | None) -> None:
    # Not by an exception: joining the threads would wait for an import that waits for Cellcast.
    os.write(sys.stderr.fileno(), b"Stopped. The next start continues the imports in progress.\n")
    os._exit(_INTERRUPTED)
