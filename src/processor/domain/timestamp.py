"""A record's own time: RFC 3339 text to epoch milliseconds."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from processor.domain.reject import Reason

_PATTERN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII | re.IGNORECASE,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_END_MS: Final = (datetime(2100, 1, 1, tzinfo=UTC) - _EPOCH) // _MILLISECOND
"""First instant that is out of range. A fixed bound, since a verdict must not depend on the clock:
run again next year, the same record must be judged the same."""


def parse_timestamp_ms(text: str) -> int | Reason:
    """Reads an RFC 3339 date-time with its offset as milliseconds since 1970-01-01T00:00:00Z.

    Digits behind the millisecond are dropped here, and only here: the text as sent is part of the
    content, so that two times which differ there are a conflict, not silently one.

    Args:
        text: `2026-03-01T12:30:00.123+01:00`; `T` and `Z` in either case, up to nine digits of a
            second. A leap second (`:60`) and `24:00` are out of range: no epoch value is theirs.

    Returns:
        Milliseconds from 0 up to the year 2100, or the first of TIMESTAMP_FORMAT, TIMESTAMP_OFFSET
        and TIMESTAMP_RANGE that applies.

    Source: RFC 3339 section 5.6.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        return Reason.TIMESTAMP_FORMAT
    if match[1] is None:
        return Reason.TIMESTAMP_OFFSET
    # Python reads +01:99 as +02:39; and whether it reads hour 24 depends on its release.
    if text[11:13] > "23" or match[1][4:] > "59":
        return Reason.TIMESTAMP_RANGE
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return Reason.TIMESTAMP_RANGE
    # A difference never overflows, where moving 9999-12-31T23:59:59-12:00 to UTC would.
    timestamp_ms = (moment - _EPOCH) // _MILLISECOND
    return timestamp_ms if 0 <= timestamp_ms < _END_MS else Reason.TIMESTAMP_RANGE
