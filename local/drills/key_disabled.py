"""Drill: somebody disables the stack's key while a file is processed and another one is sent."""

from typing import Final

from botocore.exceptions import ClientError

from local.drills import files
from local.drills.scene import Drill, DrillFailed, Scene

_COUNT: Final = 6000
"""Transactions that take the processor some seconds: time enough to disable the key meanwhile."""

WHO: Final = "rang key-disabled"
DOCTOR: Final = "desk doctor --problems"
LOOK: Final = (
    'aws kms describe-key --key-id "$(out EncryptionKeyId)"'
    " --query 'KeyMetadata.[KeyState, DeletionDate]'"
)
ENABLE: Final = 'aws kms enable-key --key-id "$(out EncryptionKeyId)"'
REDRIVE: Final = "desk redrive"
SWEEP: Final = "desk sweep --older-than-minutes MINUTES"
STATUS: Final = "desk status"


def play(scene: Scene) -> None:
    """See Drill."""
    kms, key = scene.deployer("kms"), scene.output("EncryptionKeyArn")
    scene.step("A sender uploads a file, and the processor begins with it.")
    before = _stored_count(scene)
    scene.send("large.csv", files.transactions("key", _COUNT))
    scene.wait("a stored transaction", lambda: _stored_count(scene) > before)
    scene.step("Somebody disables the key (kms DisableKey, as deployer).")
    scene.undo.callback(kms.enable_key, KeyId=key)
    kms.disable_key(KeyId=key)
    scene.step("Another upload is refused.")
    _upload_in_vain(scene)
    scene.step("The file under way fails, three times; not even its event can be kept.")
    scene.wait("an event that was given up", lambda: _given_up(scene))
    scene.rings()
    scene.step("The runbook: who was it, and is it this stack's key?")
    scene.types(WHO)
    scene.types(DOCTOR)
    scene.types(LOOK)
    scene.step("The runbook: enable it, and start what failed meanwhile.")
    scene.types(ENABLE)
    scene.mended()
    scene.types(REDRIVE)
    scene.types(SWEEP, {"MINUTES": "0"})
    scene.step("The sender sends again what was refused.")
    scene.send("refused.csv", files.transactions("refused", 3))
    scene.await_receipts()
    scene.types(STATUS)
    scene.types(LOOK)


def _upload_in_vain(scene: Scene) -> None:
    try:
        scene.send("refused.csv", files.transactions("refused", 3))
    except ClientError as error:
        scene.told.output(f"PutObject: {error.response['Error']['Code']}", 0)
        return
    raise DrillFailed("a disabled key let an upload through")


def _stored_count(scene: Scene) -> int:
    tables = scene.tester("dynamodb")
    table = tables.describe_table(TableName=scene.output("TransactionMetadataTableName"))
    count: int = table["Table"]["ItemCount"]
    return count


def _given_up(scene: Scene) -> bool:
    """Whether Lambda kept the event, or counted that it could not."""
    lost = scene.alarm_named("transaction-processor-dead-letter-errors")
    return scene.failed_events() > 0 or bool(lost.breaching(scene.began_at))


DRILL: Final = Drill(
    "key-disabled",
    "Somebody disables the stack's key: nothing can be read, stored or uploaded.",
    "key-disabled",
    (WHO, DOCTOR, LOOK, ENABLE, REDRIVE, SWEEP, STATUS),
    play,
)
