"""Drill: a file fails at each try, since the secret has lost the key that its cards need."""

import secrets
from typing import Final

from local.drills import changes, files
from local.drills.scene import Drill, DrillFailed, Scene

_COUNT: Final = 20
_TRIES_MAX: Final = 4
"""Three redrives, and one that says poison."""

STATUS: Final = "desk status --outcome no-receipt"
STATUS_OF: Final = "desk status KEY"
LOGGED: Final = "logged KEY 24"
REDRIVE: Final = "desk redrive"
RECALL: Final = "recall_keys"
REDRIVE_POISON: Final = "desk redrive --poison"


def play(scene: Scene) -> None:
    """See Drill."""
    scene.step("A sender uploads payments by card; all is well.")
    scene.send("march.csv", files.card_payments("card", _COUNT))
    scene.await_receipts()
    scene.step(
        "Somebody replaces the tokenisation key and forgets to keep the one before "
        "(secretsmanager PutSecretValue, as deployer); a change of the function follows."
    )
    _forget_key(scene)
    scene.step("The sender uploads the payments again, with some new ones.")
    key = scene.send("march-again.csv", files.card_payments("card", _COUNT + 5))
    scene.rings()
    scene.step("The runbook: which file is it, and why?")
    scene.types(STATUS)
    scene.types(STATUS_OF, {"KEY": key})
    logged = scene.types(LOGGED, {"KEY": key})
    if "holds no tokenisation key" not in logged.output:
        raise DrillFailed("the log does not name the error")
    scene.step(
        "Somebody in a hurry sends the event again before its cause is mended: it is poison."
    )
    _redrive_in_vain(scene)
    scene.step("The runbook: put the key back, then send the poison, too.")
    scene.types(RECALL)
    scene.mended()
    scene.types(REDRIVE_POISON)
    scene.await_receipts()
    scene.types(STATUS_OF, {"KEY": key})


def _redrive_in_vain(scene: Scene) -> None:
    """One run sends an event again as often as it is back in the queue before the run is over."""
    for _ in range(_TRIES_MAX):
        if "poison: 1" in scene.types(REDRIVE).output:
            return
        scene.wait("the event in the queue", lambda: scene.failed_events() > 0)
    raise DrillFailed("the event is no poison")


def _forget_key(scene: Scene) -> None:
    """Behind the drill the key before is current again, and the new one kept: a file names it."""
    before = changes.secret(scene)
    new_id, new_key = f"k{secrets.token_hex(4)}", secrets.token_urlsafe(48)
    changed = before | {"tokenization_key_id": new_id, "tokenization_key": new_key}
    name = "previous_tokenization_keys"
    changes.change_secret(
        scene, changed, put_back=before | {name: before.get(name, {}) | {new_id: new_key}}
    )


DRILL: Final = Drill(
    "poison-file",
    "A file fails at each try: the secret lost the tokenisation key that its cards need.",
    "failed-events",
    (STATUS, STATUS_OF, LOGGED, REDRIVE, RECALL, REDRIVE_POISON),
    play,
)
