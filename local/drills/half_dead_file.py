"""Drill: of a large file one part is done; the tasks of the others start nobody."""

import re
from typing import Final

from local.drills import changes, files
from local.drills.scene import Drill, DrillFailed, Scene

_PART_BYTES: Final = 64 * 1024
_WIDE: Final = "Drill " * 150
_COUNT: Final = 300
_ONE_IS_DONE: Final = re.compile(r"parts done: 1 of ([2-9]|\d\d)")

STATUS: Final = "desk status"
STATUS_OF: Final = "desk status KEY"
LOOK: Final = (
    'aws s3api get-bucket-notification-configuration --bucket "$(out TransactionResultsBucketName)"'
)
NOTIFY: Final = "notify"
SWEEP: Final = "desk sweep --older-than-minutes MINUTES"

_RESULTS: Final = "TransactionResultsBucketName"


def play(scene: Scene) -> None:
    """See Drill."""
    scene.step("The stack is set to small parts (part_bytes in the secret), to have several.")
    found = changes.secret(scene)
    changes.change_secret(scene, found | {"part_bytes": _PART_BYTES}, put_back=found)
    scene.step("Somebody narrows the results bucket's notification to the first task of a file.")
    changes.change_notification(scene, _RESULTS, _narrowed(changes.notification(scene, _RESULTS)))
    scene.step("A sender uploads a file of several parts; only the first one is done.")
    key = scene.send("large.csv", files.transactions("large", _COUNT, description=_WIDE))
    scene.wait(
        "the first part", lambda: _is_half_done(scene.shell.run(f"desk status {key}").output)
    )
    scene.step("An hour later the sweep finds it, and starts it in vain (here: at once).")
    changes.sweep(scene)
    scene.rings()
    scene.step("The runbook: what does the file wait for, and who is notified of its tasks?")
    scene.types(STATUS)
    waits = scene.types(STATUS_OF, {"KEY": key})
    if not _is_half_done(waits.output):
        raise DrillFailed("the file is not half done")
    scene.types(LOOK)
    scene.step("The runbook: put the notification back, and do not wait for the next sweep.")
    scene.types(NOTIFY)
    scene.types(SWEEP, {"MINUTES": "0"})
    scene.await_receipts()
    scene.mended()
    scene.step("A sweep finds nothing more.")
    scene.types(SWEEP, {"MINUTES": "0"})
    scene.types(STATUS_OF, {"KEY": key})


def _narrowed(configuration: changes.Configuration) -> changes.Configuration:
    (one,) = configuration["LambdaFunctionConfigurations"]
    rules = [*one["Filter"]["Key"]["FilterRules"], {"Name": "suffix", "Value": "part-00001.json"}]
    return {"LambdaFunctionConfigurations": [one | {"Filter": {"Key": {"FilterRules": rules}}}]}


def _is_half_done(printed: str) -> bool:
    return _ONE_IS_DONE.search(printed) is not None


DRILL: Final = Drill(
    "half-dead-file",
    "Of a large file one part is done; the tasks of the others start nobody.",
    "transaction-files-without-receipt",
    (STATUS, STATUS_OF, LOOK, NOTIFY, SWEEP),
    play,
)
