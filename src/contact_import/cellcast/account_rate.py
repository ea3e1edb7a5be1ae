"""Share the call rate of a Cellcast account between all functions, by one small record.

Cellcast limits an account (15 calls a second, developer.cellcast.com), not an invocation. Every function reserves the
times of its next calls in the same record, so that a lone import may use the whole rate, and several share it. The
functions here are pure: they take the record and the time, and return the record that replaces it.
`shared_rate_limiter` stores it.

With 12.5 calls a second, the times are 80 ms apart. If one function reserves four at 0.00 s, they are 0.00, 0.08, 0.16
and 0.24, and the record has `next_call_at=0.32`, where the next function begins.
"""

import json
from dataclasses import asdict, dataclass, replace

# Steady calls use 12.5 of every 14 calls of the limit. They leave at even intervals, but arrive some milliseconds early
# or late: a second that begins with a late call has one more, and an interactive call may come on top.
_STEADY_SHARE = 12.5 / 14
# At 1.8 a second, no second has more than two interactive calls. At exactly two, a third one would fit in.
_INTERACTIVE_SHARE = 1.8 / 14
# A 429 slows all functions down by 30 %, and the rate recovers by 10 % every five seconds: additive increase,
# multiplicative decrease, as TCP does (https://www.rfc-editor.org/rfc/rfc5681#section-3.1).
_DECREASE, _INCREASE, _MIN_FACTOR = 0.7, 0.1, 0.1
_DECREASE_INTERVAL_SECONDS = 1.0  # several calls of one second are rejected for one reason: slow down once
_INCREASE_INTERVAL_SECONDS = 5.0
_MAX_AHEAD_SECONDS = 900.0  # the longest invocation. A time beyond it was written by a wrong clock


@dataclass(frozen=True, slots=True)
class RateRecord:
    """The shared record. All times are seconds since the epoch.

    `next_call_at` is the first time that is not reserved, `next_interactive_at` the first one of the interactive share.
    `factor` is the part of the rate that is used, from 0.1 to 1; it changed last at `changed_at`.
    """

    next_call_at: float = 0.0
    next_interactive_at: float = 0.0
    factor: float = 1.0
    changed_at: float = 0.0


def encode_rate_record(record: RateRecord) -> str:
    """Return the record as JSON."""
    return json.dumps(asdict(record))


def decode_rate_record(text: str) -> RateRecord:
    """Parse the text that `encode_rate_record` returned. Return an empty record for any other text."""
    try:
        return RateRecord(**{name: float(value) for name, value in json.loads(text).items()})
    except (ValueError, TypeError, AttributeError):
        return RateRecord()


def reserve_calls(
    record: RateRecord, now: float, count: int, *, calls_per_second: float, is_interactive: bool
) -> tuple[RateRecord, list[float]]:
    """Reserve the times of the next `count` calls. Return the new record and the times.

    `calls_per_second` is the limit of the account: no second has more calls. An interactive call does not wait behind
    reserved calls: up to two in a second leave immediately, and times that are not reserved yet move back for them.
    """
    record = _recover(_limit_ahead(record, now), now)
    interval = 1 / (calls_per_second * _STEADY_SHARE * record.factor)
    times = []
    for _ in range(count):
        time = max(now, record.next_call_at)
        if is_interactive and (own_time := max(now, record.next_interactive_at)) < time:
            # It takes a turn of the interactive share, and the steady calls after it wait one interval more.
            own_interval = 1 / (calls_per_second * _INTERACTIVE_SHARE * record.factor)
            record = replace(
                record, next_call_at=record.next_call_at + interval, next_interactive_at=own_time + own_interval
            )
            time = own_time
        else:
            record = replace(record, next_call_at=time + interval)
        times.append(time)
    return record, times


def slow_down(record: RateRecord, now: float, pause_seconds: float) -> RateRecord:
    """Return the record after a 429: no call for `pause_seconds`, and a lower rate after them."""
    record = _limit_ahead(record, now)
    resume_at = now + pause_seconds
    paused = replace(
        record,
        next_call_at=max(record.next_call_at, resume_at),
        next_interactive_at=max(record.next_interactive_at, resume_at),
    )
    if now - record.changed_at < _DECREASE_INTERVAL_SECONDS:
        return paused  # slowed down already, for another 429 of the same second
    return replace(paused, factor=max(_MIN_FACTOR, record.factor * _DECREASE), changed_at=now)


def _recover(record: RateRecord, now: float) -> RateRecord:
    if record.factor < 1 and now - record.changed_at >= _INCREASE_INTERVAL_SECONDS:
        return replace(record, factor=min(1.0, record.factor + _INCREASE), changed_at=now)
    return record


def _limit_ahead(record: RateRecord, now: float) -> RateRecord:
    # A clock that was wrong once must not stop all functions until its time has come.
    latest = now + _MAX_AHEAD_SECONDS
    return replace(
        record,
        next_call_at=min(record.next_call_at, latest),
        next_interactive_at=min(record.next_interactive_at, latest),
        changed_at=min(record.changed_at, now),
    )
