"""A record's own time: what is read, to the millisecond, and what is refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processor.domain.reject import Reason
from processor.domain.timestamp import parse_timestamp_ms

LAST_MS = 4_102_444_799_999
"""2099-12-31T23:59:59.999Z."""


@pytest.mark.parametrize(
    ("text", "timestamp_ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-03-01T12:30:00Z", 1_772_368_200_000),
        ("2026-03-01T12:30:00.1Z", 1_772_368_200_100),
        ("2026-03-01T12:30:00.123Z", 1_772_368_200_123),
        ("2026-03-01T13:30:00.123+01:00", 1_772_368_200_123),
        ("2026-03-01T02:00:00-10:30", 1_772_368_200_000),
        ("2026-03-01t12:30:00z", 1_772_368_200_000),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ("2026-03-01T12:30:00-00:00", 1_772_368_200_000),
        ("2026-03-02T12:29:00+23:59", 1_772_368_200_000),
        ("2099-12-31T23:59:59.999Z", LAST_MS),
    ],
)
def test_rfc_3339_becomes_epoch_milliseconds(text: str, timestamp_ms: int) -> None:
    assert parse_timestamp_ms(text) == timestamp_ms


@pytest.mark.parametrize("fraction", [".123", ".1230", ".1239", ".123999", ".123999999"])
def test_digits_behind_the_millisecond_are_dropped_and_never_rounded(fraction: str) -> None:
    assert parse_timestamp_ms(f"2026-03-01T12:30:00{fraction}Z") == 1_772_368_200_123


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "1772368200", "20240101", "20240101T000000Z", "2024-W01-1", "2024-001"),
        *("2024-W01-1T00:00:00Z", "2024-01-01", "2024-01-01 00:00:00Z", "2024-01-01T00:00Z"),
        *("01.03.2026T12:00:00Z", "2026/03/01T12:00:00Z", "26-03-01T12:00:00Z"),
        *("2026-3-1T12:00:00Z", "2026-03-01T12:00:00,5Z", "2026-03-01T12:00:00.Z"),
        *("2026-03-01T12:00:00.1234567890Z", "2026-03-01T12:00:00 Z", "2026-03-01T12:00:00Z\n"),
        *(" 2026-03-01T12:00:00Z", "2026-03-01T12:00:00+0100", "2026-03-01T12:00:00+01"),
        *("2026-03-01T12:00:00+01:00:30", "2026-03-01T12:00:00UTC", "2026-03-01T12:00:00 +01:00"),
        *("2026-03-01T12:00:00\u221201:00", "+02026-03-01T12:00:00Z", "-2026-03-01T12:00:00Z"),
        *("\u0662026-03-01T12:00:00Z", "\uff12026-03-01T12:00:00Z", "2026-03-01T12:00:00ZZ"),
    ],
)
def test_what_is_not_rfc_3339_is_refused(text: str) -> None:
    assert parse_timestamp_ms(text) is Reason.TIMESTAMP_FORMAT


@pytest.mark.parametrize("text", ["2026-03-01T12:30:00", "2026-03-01T12:30:00.123456789"])
def test_a_time_without_zone_is_refused(text: str) -> None:
    assert parse_timestamp_ms(text) is Reason.TIMESTAMP_OFFSET


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2016-12-31T23:59:60Z", id="leap second"),
        pytest.param("2026-03-01T24:00:00Z", id="hour 24"),
        pytest.param("2026-03-01T25:00:00Z", id="hour 25"),
        pytest.param("2026-03-01T12:60:00Z", id="minute 60"),
        pytest.param("2026-02-29T12:00:00Z", id="no leap year"),
        pytest.param("2026-13-01T12:00:00Z", id="month 13"),
        pytest.param("2026-00-01T12:00:00Z", id="month 0"),
        pytest.param("2026-04-31T12:00:00Z", id="day 31 of April"),
        pytest.param("2026-03-01T12:00:00+24:00", id="offset of a day"),
        pytest.param("2026-03-01T12:00:00-24:00", id="offset of minus a day"),
        pytest.param("2026-03-01T12:00:00+01:60", id="offset minute 60"),
        pytest.param("2026-03-01T12:00:00+01:99", id="offset minute 99"),
        pytest.param("0000-01-01T00:00:00Z", id="year 0"),
        pytest.param("0001-01-01T00:00:00+12:00", id="before year 1 in UTC"),
        pytest.param("9999-12-31T23:59:59-12:00", id="after year 9999 in UTC"),
        pytest.param("1969-12-31T23:59:59Z", id="before 1970"),
        pytest.param("1969-12-31T23:59:59.999999Z", id="just before 1970"),
        pytest.param("1970-01-01T00:00:00+00:01", id="before 1970 in UTC"),
        pytest.param("2100-01-01T00:00:00Z", id="2100"),
        pytest.param("2099-12-31T23:59:59-00:01", id="2100 in UTC"),
    ],
)
def test_a_time_that_does_not_exist_or_is_far_off_is_refused(text: str) -> None:
    assert parse_timestamp_ms(text) is Reason.TIMESTAMP_RANGE


@pytest.mark.parametrize("text", ["9999-99-99T99:99:99", "1969-01-01T00:00:00"])
def test_a_missing_zone_is_named_before_an_impossible_time(text: str) -> None:
    assert parse_timestamp_ms(text) is Reason.TIMESTAMP_OFFSET


@given(st.integers(0, LAST_MS), st.integers(-23 * 60 - 59, 23 * 60 + 59))
@settings(max_examples=300, deadline=None)
def test_an_instant_is_read_the_same_in_every_zone(timestamp_ms: int, offset_min: int) -> None:
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=timestamp_ms)
    local = instant.astimezone(timezone(timedelta(minutes=offset_min)))

    assert parse_timestamp_ms(local.isoformat(timespec="milliseconds")) == timestamp_ms


@given(st.text(alphabet="0123456789-+:.TZtz ", max_size=40))
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_time_within_bounds_or_a_reason(text: str) -> None:
    parsed = parse_timestamp_ms(text)

    assert isinstance(parsed, Reason) or 0 <= parsed <= LAST_MS
