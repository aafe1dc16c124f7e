"""Times as people write them, and options that every command shares."""

from datetime import UTC, datetime, timedelta

import click
import pytest

from desk.options import Since


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T09:30", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("2026-03-01T09:30:00Z", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("2026-03-01T09:30+02:00", datetime(2026, 3, 1, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_time_without_an_offset_is_utc(text: str, meant: datetime) -> None:
    assert Since().convert(text, None, None) == meant


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("90m", timedelta(minutes=90)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(weeks=2)),
        ("0m", timedelta()),
    ],
)
def test_how_long_ago_is_counted_from_now(text: str, ago: timedelta) -> None:
    before = datetime.now(UTC) - ago

    meant = Since().convert(text, None, None)

    assert before <= meant <= datetime.now(UTC) - ago


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "7", "-7d", "7y", "1.5h", "\u0667d", "2026-13-01", "9999999999d", "h"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Since().convert(text, None, None)
