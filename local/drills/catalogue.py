"""All drills."""

from typing import Final

from local.drills import (
    half_dead_file,
    key_disabled,
    lost_notification,
    poison_file,
    table_throttled,
    wrong_currency_feed,
)
from local.drills.scene import Drill

DRILLS: Final[dict[str, Drill]] = {
    one.name: one
    for one in (
        key_disabled.DRILL,
        table_throttled.DRILL,
        poison_file.DRILL,
        lost_notification.DRILL,
        half_dead_file.DRILL,
        wrong_currency_feed.DRILL,
    )
}
"""By name, in the order in which they are listed and played."""
