"""`up` and `down`: an embedded AWS that stays, for commands typed by hand."""

import shlex
from pathlib import Path

from local import docker_bridge, session, supervisor
from local.identities import DEPLOYER
from local.paths import CONTAINER_ENVIRONMENT, KEPT, ROOT, SAMPLE_FILE, SHELL_ENVIRONMENT
from local.progress import Progress
from local.sending import upload
from local.session import CONTAINER_ENVIRONMENT_VARIABLE, Session, write_container_environment
from local.supervisor import StartError

#: The key that events/s3_put.json names.
_SEEDED_KEY = "transactions.csv"


def up() -> None:
    """Start an embedded AWS that stays, put a file in it that was not processed yet, say what next.

    Raises:
        StartError: one is up already, or it does not start.
    """
    if supervisor.running(KEPT):
        raise StartError("an embedded AWS is up already; `make down` stops it")
    down()
    progress = Progress()
    bridge = docker_bridge.find()
    try:
        running = session.begin(KEPT, progress, kept=True, bridge=bridge)
        if SAMPLE_FILE.exists():
            progress.step(f"put {_SEEDED_KEY}, while S3 notifies nobody")
            _seed(running, SAMPLE_FILE)
        progress.end()
        _write_environments(running)
    except BaseException:
        down()
        raise
    _say_what_next(running, has_bridge=bridge is not None)


def down() -> None:
    """Stop the embedded AWS that stays, and remove its state. Safe when there is none."""
    supervisor.stop(KEPT)
    CONTAINER_ENVIRONMENT.unlink(missing_ok=True)
    SHELL_ENVIRONMENT.unlink(missing_ok=True)


def _seed(running: Session, file: Path) -> None:
    """Upload as if the notification got lost, so that `sam local invoke` finds work to do."""
    s3 = running.emulator.root("s3")
    bucket = running.stack.outputs["TransactionDataBucketName"]
    configuration = s3.get_bucket_notification_configuration(Bucket=bucket)
    configuration.pop("ResponseMetadata")
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    try:
        upload(running, file, _SEEDED_KEY)
    finally:
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration=configuration
        )


def _write_environments(running: Session) -> None:
    """Write what `sam local invoke` gives the container, and what a shell needs."""
    write_container_environment(running, CONTAINER_ENVIRONMENT)
    SHELL_ENVIRONMENT.touch(mode=0o600)
    SHELL_ENVIRONMENT.write_text("\n".join(_exports(running)) + "\n", encoding="utf-8")


def _exports(running: Session) -> list[str]:
    # A certificate bundle or a profile of the real AWS would get in the way.
    unset = "unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN AWS_CA_BUNDLE"
    variables = running.variables() | {
        CONTAINER_ENVIRONMENT_VARIABLE: str(CONTAINER_ENVIRONMENT),
        "SAM_CLI_TELEMETRY": "0",
    }
    return [
        unset,
        *(f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items())),
    ]


def _say_what_next(running: Session, *, has_bridge: bool) -> None:
    print(f"\nThe embedded AWS is up at {running.emulator.endpoint}, until `make down`.\n")
    show_not_emulated(running)
    print("\nIn this shell, or `. .local/environment.sh`:\n")
    for line in _exports(running):
        print(f"  {line}")
    python = "." + str(Path(ROOT / ".venv" / "bin")).removeprefix(str(ROOT))
    print("\nThen, for example:\n")
    print(f"  {python}/sam local invoke -e events/s3_put.json")
    print(f"  {python}/pytest tests/integration")
    print(f"  {python}/desk submit events/files/day --prefix in/    (after `make desk`)")
    print(f"\n{_SEEDED_KEY} has no receipt yet, on purpose: it is there for `sam local invoke`.")
    print(f"  {python}/sam deploy --guided --profile {DEPLOYER}")
    print("\nThe profiles deployer, sender, tester and function are identities with those rights;")
    print("the exported keys are the tester's.")
    if not has_bridge:
        print(
            "No Docker bridge was found: `sam local invoke` needs a Docker engine, and then a new"
        )
        print("`make down` and `make up`.")


def show_not_emulated(running: Session) -> None:
    """List what the template asks for and the emulator does not serve."""
    found = running.emulator.not_emulated()
    if not found:
        return
    print("Not emulated:")
    for (feature, why), resources in found.items():
        print(f"  {feature}: {why} ({', '.join(resources)})")
