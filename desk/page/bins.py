"""Times and durations sorted into bins, few enough for a chart on a telephone."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final

BINS_MAX: Final = 32
"""Bars that can be told apart on a screen of 360 points."""

_MONDAY: Final = datetime(1970, 1, 5, tzinfo=UTC)
"""From which all bins are counted: so they begin at full hours, midnights and Mondays."""

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_WEEK: Final = 7 * _DAY
_STEPS: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        *(_MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE),
        *(_HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR),
        *(_DAY, _WEEK, 2 * _WEEK, 4 * _WEEK, 13 * _WEEK, 52 * _WEEK),
    )
)

DURATION_BOUNDS_SECONDS: Final = (1, 5, 15, _MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR)
DURATION_NAMES: Final = (
    *("under 1 s", "1 to 5 s", "5 to 15 s", "15 s to 1 min"),
    *("1 to 5 min", "5 to 15 min", "15 min to 1 h", "1 h or more"),
)


@dataclass(frozen=True)
class Bins:
    """A time, cut into bins.

    Args:
        since: Its first instant. UTC.
        until: The instant behind its last. UTC.
    """

    since: datetime
    until: datetime

    @cached_property
    def step(self) -> timedelta:
        """The length of a bin: the shortest usual one that gives no more than BINS_MAX."""
        for step in _STEPS:
            if self._count(step) <= BINS_MAX:
                return step
        years = _STEPS[-1]
        factor = 2
        while self._count(years * factor) > BINS_MAX:
            factor *= 2
        return years * factor

    @cached_property
    def begins(self) -> tuple[datetime, ...]:
        """Where each begins; the first may begin before the period, the last end behind it."""
        count = self._count(self.step)
        return tuple(_MONDAY + (self._first(self.step) + at) * self.step for at in range(count))

    def bin_of(self, time: datetime) -> int:
        """Number of the bin that a time lies in; the nearest one for what lies in none."""
        at = (time - _MONDAY) // self.step - self._first(self.step)
        return min(max(at, 0), len(self.begins) - 1)

    def name_of(self, begin: datetime) -> str:
        """A bin's name in tables and under charts."""
        if self.step >= timedelta(days=1):
            return f"{begin:%Y-%m-%d}"
        return f"{begin:%Y-%m-%d %H:%M}"

    @property
    def step_shown(self) -> str:
        """The length of a bin in words."""
        units = ((_WEEK, "week"), (_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute"))
        seconds = int(self.step.total_seconds())
        unit, name = next(one for one in units if seconds % one[0] == 0)
        count = seconds // unit
        return name if count == 1 else f"{count:,} {name}s"

    def _first(self, step: timedelta) -> int:
        return (self.since - _MONDAY) // step

    def _count(self, step: timedelta) -> int:
        # Rounded up: the bin in which the period ends is its last one.
        behind = -((_MONDAY - self.until) // step)
        return max(behind - self._first(step), 1)


def duration_bin_of(seconds: float) -> int:
    """Number of the bin of DURATION_NAMES that a duration lies in."""
    return bisect_right(DURATION_BOUNDS_SECONDS, seconds)
