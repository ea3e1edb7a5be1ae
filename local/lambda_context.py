"""Call a handler as Lambda does: with an event and a context."""

import gc
import importlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.aws.template import Function

_LONGEST_TIMEOUT = 900  # of a Lambda function; on a machine of the user's, such a function has all the time it needs
_NO_TIMEOUT = 10**8


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The second argument of a handler."""

    function_name: str
    deadline: float
    memory_limit_in_mb: int = 1769
    invoked_function_arn: str = "arn:aws:lambda:ap-southeast-2:000000000000:function:local"
    aws_request_id: str = ""

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time.monotonic()) * 1000))


def make_handler(function: Function) -> Callable[[Any], Any]:
    """Return a callable that invokes the function with an event."""
    module, _, name = function.handler.rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    seconds = function.timeout_seconds if function.timeout_seconds < _LONGEST_TIMEOUT else _NO_TIMEOUT

    def invoke(event: Any) -> Any:
        deadline = time.monotonic() + seconds
        try:
            return handler(event, LambdaContext(function.name, deadline, aws_request_id=str(uuid.uuid4())))
        finally:
            # On AWS nothing else needs the memory. Here the 20,000 rows of a unit would wait for the collector.
            if function.timeout_seconds >= _LONGEST_TIMEOUT:
                gc.collect()

    return invoke
