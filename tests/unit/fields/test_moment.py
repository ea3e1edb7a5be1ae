"""Compare moments in different notations."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.fields.moment import Moment, read_moment


def _read(text: str) -> Moment:
    moment = read_moment(text, is_serial_allowed=True)
    assert moment is not None, text
    return moment


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ("2025-03-03", "2025-03-01"),
        ("2025-03-01 09:00:00", "2025-02-28 10:00:00"),
        ("2025-03-01T09:00:00", "2025-03-01T08:59:00"),
        ("2025-03-01T09:00:00Z", "2025-03-01T09:30:00+10:00"),
        ("1740819600", "2025-03-01T08:59:00Z"),
        ("45719", "1 March 2025"),
        ("2025-03-03", "2025-03-01T09:00:00Z"),
        ("2025-03-03T00:00:00Z", "2025-03-01"),
    ],
)
def test_a_certainly_later_moment_is_after(later: str, earlier: str) -> None:
    assert _read(later).is_after(_read(earlier))
    assert not _read(earlier).is_after(_read(later))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3/1/2025", "2/1/2025"),  # January or March, January or February
        ("2025-03-01", "2025-02-28T23:30:00Z"),  # the same day in Sydney
        ("2025-03-01T09:00:00", "2025-03-01T02:00:00Z"),  # 22:00 of the day before in UTC, as Sydney writes it
        ("2025-03-01T02:00:00Z", "2025-02-28T20:00:00"),
        ("1740819600", "2025-02-28"),  # 1 March, 9:00 in UTC
    ],
)
def test_moments_that_may_be_in_either_order_are_not_after_one_another(one: str, other: str) -> None:
    assert not _read(one).is_after(_read(other))
    assert not _read(other).is_after(_read(one))


_OFFSETS = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


@given(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)), st.integers(0, 50), _OFFSETS)  # noqa: DTZ001
def test_a_local_time_is_never_after_a_later_one_in_utc(moment: datetime, hours: int, zone: timezone) -> None:
    first, second = moment.replace(tzinfo=UTC), moment.replace(tzinfo=UTC) + timedelta(hours=hours)
    local_first, local_second = (one.astimezone(zone).replace(tzinfo=None) for one in (first, second))

    assert not _read(local_first.isoformat()).is_after(_read(second.isoformat()))
    assert not _read(first.isoformat()).is_after(_read(local_second.isoformat()))
