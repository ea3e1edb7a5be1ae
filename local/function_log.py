"""Write what the functions log into a file: they log to stdout, as in Lambda, where a person expects results only."""

from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from logging import StreamHandler
from typing import TextIO

from contact_import.handlers.runtime import logger


@contextmanager
def redirect_function_output(log: TextIO) -> Iterator[None]:
    """Send the lines of the logger and the metrics, which are printed, to `log` until the end of the block."""
    handler = logger.registered_handler
    assert isinstance(handler, StreamHandler)  # noqa: S101  Powertools' own
    # The handler keeps the stdout of its creation, which may be before this: redirecting stdout alone misses it.
    previous = handler.stream
    handler.setStream(log)
    try:
        with redirect_stdout(log):
            yield
    finally:
        handler.setStream(previous)
