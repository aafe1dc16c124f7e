"""What people do to a stack that brings trouble: ordinary calls, each with what takes it back."""

import json
from typing import Any

from local.drills.scene import Scene

Configuration = dict[str, Any]


def change_notification(scene: Scene, output: str, changed: Configuration) -> None:
    """Gives a bucket another notification configuration, until the drill is over.

    Args:
        scene: The drill.
        output: The stack's output that names the bucket.
        changed: The new one; empty for none.
    """
    s3, bucket = scene.deployer("s3"), scene.output(output)
    found = notification(scene, output)
    scene.undo.callback(_put_notification, s3, bucket, found)
    _put_notification(s3, bucket, changed)


def notification(scene: Scene, output: str) -> Configuration:
    """A bucket's notification configuration."""
    s3 = scene.deployer("s3")
    found: Configuration = s3.get_bucket_notification_configuration(Bucket=scene.output(output))
    found.pop("ResponseMetadata")
    return found


def _put_notification(s3: Any, bucket: str, configuration: Configuration) -> None:
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)


def secret(scene: Scene) -> Configuration:
    """What the processor is told."""
    answer = scene.deployer("secretsmanager").get_secret_value(SecretId=_secret_id(scene))
    found: Configuration = json.loads(answer["SecretString"])
    return found


def change_secret(scene: Scene, changed: Configuration, put_back: Configuration) -> None:
    """Tells the processor something else, until the drill is over.

    A container goes on with what it read for up to five minutes. A change of the function's
    settings, as a deployment makes, starts new ones at once.

    Args:
        scene: The drill.
        changed: The secret.
        put_back: The secret behind the drill.
    """
    functions, name = scene.deployer("lambda"), scene.session.stack.function_name
    found = functions.get_function_configuration(FunctionName=name)
    settings = {"FunctionName": name, "Timeout": found["Timeout"]}
    before = {"Description": found.get("Description", "")}
    scene.undo.callback(_configure, functions, settings | before)
    scene.undo.callback(_put_secret, scene, put_back)
    _put_secret(scene, changed)
    _configure(functions, settings | {"Description": f"drill {scene.drill.name}"})


def _configure(functions: Any, settings: Configuration) -> None:
    """The embedded AWS starts new processes for some settings only, the time limit among them."""
    functions.update_function_configuration(**settings)
    functions.get_waiter("function_updated_v2").wait(
        FunctionName=settings["FunctionName"], WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


def _put_secret(scene: Scene, document: Configuration) -> None:
    scene.deployer("secretsmanager").put_secret_value(
        SecretId=_secret_id(scene), SecretString=json.dumps(document)
    )


def _secret_id(scene: Scene) -> str:
    return scene.output("SecretsManagerSecretArn")


def sweep(scene: Scene) -> None:
    """Has the processor sweep, as its schedule does when the files are an hour old."""
    scene.deployer("lambda").invoke(
        FunctionName=scene.session.stack.function_name,
        Payload=json.dumps({"sweep": {"olderThanMinutes": 0}}).encode(),
    )
