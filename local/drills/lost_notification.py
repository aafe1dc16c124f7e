"""Drill: the data bucket notifies nobody, and files that are uploaded are never begun."""

import time
from typing import Final

from local.drills import changes, files
from local.drills.scene import Drill, DrillFailed, Scene

_NOTHING_HAPPENS_S: Final = 3.0

STATUS: Final = "desk status"
LOGGED: Final = 'logged "file without receipt"'
DOCTOR: Final = "desk doctor --problems"
LOOK: Final = (
    'aws s3api get-bucket-notification-configuration --bucket "$(out TransactionDataBucketName)"'
)
NOTIFY: Final = "notify"
SWEEP: Final = "desk sweep --older-than-minutes MINUTES"


def play(scene: Scene) -> None:
    """See Drill."""
    scene.step("Somebody takes the data bucket's notification away (as deployer).")
    changes.change_notification(scene, "TransactionDataBucketName", {})
    scene.step("A sender uploads two files, and nothing happens.")
    for name in ("first", "second"):
        scene.send(f"{name}.csv", files.transactions(name, 10))
    time.sleep(_NOTHING_HAPPENS_S)
    if len(scene.without_receipt()) < len(scene.uploaded()):
        raise DrillFailed("a bucket without a notification started the processor")
    scene.step("An hour later the sweep finds them, and starts them (here: at once).")
    changes.sweep(scene)
    scene.rings()
    scene.step("A third file comes, and waits again.")
    scene.send("third.csv", files.transactions("third", 10))
    scene.step("The runbook: which files wait, why did the sweep take them, who is notified?")
    scene.types(STATUS)
    scene.types(LOGGED)
    scene.types(DOCTOR)
    scene.types(LOOK)
    scene.step("The runbook: put the notification back, and do not wait for the next sweep.")
    scene.types(NOTIFY)
    scene.types(LOOK)
    scene.types(SWEEP, {"MINUTES": "0"})
    scene.await_receipts()
    scene.mended()
    scene.step("A fourth file is processed at once, and a sweep finds nothing more.")
    scene.send("fourth.csv", files.transactions("fourth", 10))
    scene.await_receipts()
    scene.types(SWEEP, {"MINUTES": "0"})
    scene.types(STATUS)


DRILL: Final = Drill(
    "lost-notification",
    "The data bucket notifies nobody: files are uploaded, and never begun.",
    "transaction-files-without-receipt",
    (STATUS, LOGGED, DOCTOR, LOOK, NOTIFY, SWEEP),
    play,
)
