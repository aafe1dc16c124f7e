"""Times and durations are sorted into few bins, which begin where people would begin them."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from desk.page.bins import BINS_MAX, DURATION_NAMES, Bins, duration_bin_of
from tests.support.file_states import NOW

WEEK = Bins(NOW - timedelta(days=7), NOW)


@pytest.mark.parametrize(
    ("length", "step"),
    [
        (timedelta(minutes=20), timedelta(minutes=1)),
        (timedelta(hours=1), timedelta(minutes=5)),
        (timedelta(days=1), timedelta(hours=1)),
        (timedelta(days=7), timedelta(hours=6)),
        (timedelta(days=30), timedelta(days=1)),
        (timedelta(days=90), timedelta(weeks=1)),
        (timedelta(days=365), timedelta(weeks=2)),
        (timedelta(days=7300), timedelta(weeks=52)),
        (timedelta(days=36500), timedelta(weeks=208)),
    ],
)
def test_bins_are_chosen_by_the_period_and_never_more_than_fit(
    length: timedelta, step: timedelta
) -> None:
    bins = Bins(NOW - length, NOW)

    assert bins.step == step
    assert len(bins.begins) <= BINS_MAX
    assert bins.begins[0] <= bins.since < bins.begins[0] + step
    assert bins.begins[-1] < bins.until <= bins.begins[-1] + step
    assert {later - begin for begin, later in pairwise(bins.begins)} == {step}


def test_bins_begin_at_full_hours_and_mondays() -> None:
    hours = Bins(NOW - timedelta(days=1), NOW).begins
    weeks = Bins(NOW - timedelta(days=90), NOW).begins

    assert {(begin.minute, begin.second) for begin in hours} == {(0, 0)}
    assert {(begin.weekday(), begin.hour) for begin in weeks} == {(0, 0)}


def test_a_time_outside_of_the_period_is_counted_where_it_is_nearest() -> None:
    last = len(WEEK.begins) - 1

    assert WEEK.bin_of(NOW - timedelta(days=30)) == 0
    assert WEEK.bin_of(NOW + timedelta(days=30)) == last
    assert WEEK.bin_of(WEEK.begins[3]) == 3
    assert WEEK.bin_of(WEEK.begins[4] - timedelta(microseconds=1)) == 3


@pytest.mark.parametrize(
    ("since", "until", "name", "step"),
    [
        (NOW - timedelta(days=7), NOW, "2026-03-02 06:00", "6 hours"),
        (NOW - timedelta(days=30), NOW, "2026-02-07", "day"),
        (NOW, NOW + timedelta(seconds=1), "2026-03-09 09:20", "minute"),
    ],
)
def test_bins_are_named_by_where_they_begin(
    since: datetime, until: datetime, name: str, step: str
) -> None:
    bins = Bins(since, until)

    assert bins.name_of(bins.begins[0]) == name
    assert bins.step_shown == step


@pytest.mark.parametrize(
    ("seconds", "name"),
    [
        (0.0, "under 1 s"),
        (0.999, "under 1 s"),
        (1.0, "1 to 5 s"),
        (60.0, "1 to 5 min"),
        (3600.0, "1 h or more"),
        (1e9, "1 h or more"),
    ],
)
def test_durations_have_bins(seconds: float, name: str) -> None:
    assert DURATION_NAMES[duration_bin_of(seconds)] == name
