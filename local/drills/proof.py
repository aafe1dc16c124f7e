"""The proof that a trouble is over, by what lies in the stack and not by what a command said."""

import time
from collections.abc import Iterator
from contextlib import suppress

from local.drills.scene import DrillFailed, Scene


def prove(scene: Scene) -> list[str]:
    """Looks at all that must be well again, and shows it; what is not."""
    scene.told.title("Is it over?")
    with suppress(DrillFailed):
        # What is late is not missing; what is missing is told below.
        scene.await_receipts()
    left = []
    for what, is_well in _looked_at(scene):
        scene.told.found(what, is_well=is_well)
        if not is_well:
            left.append(what)
    return left


def _looked_at(scene: Scene) -> Iterator[tuple[str, bool]]:
    yield from _receipts(scene)
    verified = scene.run(f"desk verify --since 1h --prefix {scene.prefix}")
    yield "every file, recounted, agrees with its receipt", verified.code == 0
    count = scene.failed_events()
    yield f"failed events in the queue: {count}", count == 0
    yield from _alarm(scene, queue_is_empty=count == 0)


def _receipts(scene: Scene) -> Iterator[tuple[str, bool]]:
    files = scene.uploaded()
    yield f"files that were sent: {len(files)}", bool(files)
    without = scene.without_receipt()
    yield f"files without a receipt: {', '.join(without) or 'none'}", not without


def _alarm(scene: Scene, *, queue_is_empty: bool) -> Iterator[tuple[str, bool]]:
    """An alarm goes back to OK when its periods are over; what it measures is over before."""
    alarm = scene.alarm
    if alarm.is_of_a_gauge:
        is_over = queue_is_empty
    else:
        is_over = bool(scene.mended_at) and not alarm.breaching(scene.mended_at)
    state = alarm.described()["StateValue"]
    at = time.strftime("%H:%M:%S", time.localtime(alarm.quiet_at(scene.began_at)))
    until = f"; it is OK again by itself at {at}" if state == "ALARM" else ""
    said = "nothing since" if is_over else "still"
    yield f"what {alarm.name} rings for: {said} (now {state}{until})", is_over
