"""Share the call rate of a Cellcast account between all functions, by one small record.

Cellcast limits an account (15 calls a second, developer.cellcast.com), not an invocation. Every function reserves the
times of its next calls in the same record, so that a lone import may use the whole rate, and several share it. The
functions here are pure: they take the record and the time, and return the record that replaces it.
`shared_rate_limiter` stores it.

With 12.5 calls a second, the times are 80 ms apart. If one function reserves four at 0.00 s, they are 0.00, 0.08, 0.16
and 0.24, and the record has `next_call_at=0.32`, where the next function begins.

Calls leave at these times and arrive up to J later, since threads wake up late and networks vary. So n calls at
intervals of d can meet in one second only if (n - 1) * d < 1 s + J. The endpoint allows 15:

    files alone                       every 80 ms: 14 can meet, and 15 from J = 120 ms
    the first interactive call        14 and 1: two such calls are 1.12 s apart, so 16 can meet from J = 120 ms
    a stream of interactive calls     every 87 ms and every 556 ms: 13 and 2, and 16 from J = 111 ms
    the first seconds of a stream     of the 13, up to five at intervals of 80 ms: 16 from J = 96 ms

In the last case the times were reserved before the stream began. They reach less than a second ahead, since a function
reserves several only if they are near (`_MAX_HELD_SECONDS`). As scheduled, no second has more than 14 calls.
"""

import json
from dataclasses import asdict, dataclass, replace

# Of every 14 calls of the limit. The arithmetic is at the top.
_STEADY_SHARE, _STEADY_SHARE_BESIDE_STREAM = 12.5 / 14, 11.5 / 14
_INTERACTIVE_SHARE, _FIRST_INTERACTIVE_SHARE = 1.8 / 14, 0.89 / 14
# A stream of interactive calls has ended this long after its next turn. Then the last two of its calls, which may be
# close together, are in no second with a steady call that is reserved from now on.
_STREAM_END_SECONDS = 1.0
_MAX_HELD_SECONDS = 0.25  # from the reservation to the last of its times, if it has several
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
    """Reserve the times of the next calls, `count` at most. Return the new record and the times, at least one.

    `calls_per_second` is the limit of the account: no second has more calls. Steady calls have even intervals. An
    interactive call does not wait behind reserved ones: one leaves immediately, and then 1.8 a second while a stream of
    them lasts, for which the intervals of the steady calls are longer. Others wait for the next steady time.
    """
    record = _recover(_limit_ahead(record, now), now)
    rate = calls_per_second * record.factor
    times: list[float] = []
    for _ in range(count):
        has_stream = now < record.next_interactive_at + _STREAM_END_SECONDS
        time = max(now, record.next_call_at)
        if times and time > now + _MAX_HELD_SECONDS:
            break  # other functions may take it
        if is_interactive and (own_time := max(now, record.next_interactive_at)) < time:
            own_share = _INTERACTIVE_SHARE if has_stream else _FIRST_INTERACTIVE_SHARE
            record = replace(record, next_interactive_at=own_time + 1 / (rate * own_share))
            time = own_time
        else:
            share = _STEADY_SHARE_BESIDE_STREAM if has_stream else _STEADY_SHARE
            record = replace(record, next_call_at=time + 1 / (rate * share))
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
