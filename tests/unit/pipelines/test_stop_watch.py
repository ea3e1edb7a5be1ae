"""A person stops a running import: it looks for the mark every few seconds."""

from typing import Any, cast

from contact_import.pipelines.stop_watch import StopWatch


class _Client:
    def __init__(self) -> None:
        self.now, self.stop_reason, self.is_failure = 100.0, "", False

    def clock(self) -> float:
        return self.now

    def stop(self, reason: str, *, is_failure: bool) -> None:
        self.stop_reason, self.is_failure = reason, is_failure


class _Ledger:
    def __init__(self) -> None:
        self.reason, self.reads = "", 0

    @property
    def stop_reason(self) -> str:
        self.reads += 1
        return self.reason


def test_the_mark_stops_the_import_within_five_seconds_and_costs_one_read_in_them() -> None:
    client, ledger, settled = _Client(), _Ledger(), list[int]()
    watch = StopWatch(cast("Any", ledger), cast("Any", client), settled.append)

    for second in range(12):
        client.now = 100.0 + second
        ledger.reason = "Stopped by Front desk" if second >= 6 else ""
        watch.check(second)

    assert (client.stop_reason, client.is_failure) == ("Stopped by Front desk", True)
    assert settled == list(range(12))
    assert ledger.reads == 2


def test_a_short_import_costs_no_read() -> None:
    client, ledger = _Client(), _Ledger()
    watch = StopWatch(cast("Any", ledger), cast("Any", client), lambda _rows: None)

    for _ in range(50):
        watch.check(1)

    assert ledger.reads == 0
