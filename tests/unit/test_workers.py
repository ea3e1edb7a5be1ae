"""The last rule of the protocol: an owner whose lease is nearly over sends nothing any more."""

from collections.abc import Callable
from typing import Any

import pytest

from contact_import.claims import Left, Sealed
from contact_import.records import Part
from contact_import.workers import SENDING_SECONDS, Workers
from tests.unit.test_deliveries import YES, Endpoint, _batch


class SlowLedger:
    """A bucket that takes so many seconds over the first claim, and none over those after it."""

    def __init__(self, endpoint: Endpoint, seconds: float) -> None:
        self.endpoint, self.seconds = endpoint, seconds
        self.sent: list[int] = []  # requests under each claim

    def settle(self, _number: int, send: Callable[[int, Part | None], Part]) -> Sealed:
        self.endpoint.now += self.seconds
        self.seconds = 0.0
        before = len(self.endpoint.seen)
        part = send(1, None)
        self.sent.append(len(self.endpoint.seen) - before)
        return Sealed("me", part, is_open=bool(part.delivery.again))


@pytest.mark.parametrize(
    ("seconds", "sent"), [(0.0, [1]), (SENDING_SECONDS - 2, [1]), (SENDING_SECONDS, [0, 1]), (300.0, [0, 1])]
)
def test_nobody_sends_when_the_lease_may_be_over_before_the_answer(seconds: float, sent: list[int]) -> None:
    endpoint = Endpoint(YES)
    ledger: Any = SlowLedger(endpoint, seconds)
    workers = Workers(ledger, endpoint.line(), 1, closes=lambda: False)

    assert workers.deliver([_batch(3)])
    assert ledger.sent == sent


def test_a_batch_that_another_run_is_at_is_waited_for_and_not_sent() -> None:
    endpoint = Endpoint(YES)
    answers = [Left.BUSY, Left.BUSY, Left.SEALED]
    ledger: Any = SlowLedger(endpoint, 0.0)
    ledger.settle = lambda _number, _send: answers.pop(0)
    began = endpoint.now

    assert Workers(ledger, endpoint.line(), 1, closes=lambda: False).deliver([_batch(3)])
    assert endpoint.now - began == 2.0
    assert endpoint.seen == []
