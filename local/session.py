"""One code path for all who use the embedded AWS: start, deploy, hand out identities, stop."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from local import aws, deployment, environment, identities, supervisor
from local.deployment import Stack
from local.identities import Credentials, Profiles
from local.progress import Progress
from local.supervisor import Emulator

#: Names the file that `sam local invoke --env-vars` needs, for tests that run it.
CONTAINER_ENVIRONMENT_VARIABLE = "EMBEDDED_AWS_CONTAINER_ENVIRONMENT"

#: Names the file in which the emulator records the calls of the function's role, for tests.
CALLS_VARIABLE = "EMBEDDED_AWS_CALLS"

_FUNCTION_LOGICAL_ID = "TransactionProcessorFunction"


@dataclass(frozen=True)
class Session:
    """A running emulator with the stack deployed, and the identities that may use it."""

    emulator: Emulator
    stack: Stack
    profiles: Profiles
    sender: Credentials
    tester: Credentials

    def client(self, service: str, identity: Credentials) -> Any:
        """A client of the embedded AWS that signs as one of the identities."""
        keys = (identity.access_key, identity.secret_key)
        endpoint = self.emulator.endpoint
        return aws.client(service, endpoint, environment.REGION, keys, identity.session_token)

    def variables(self) -> dict[str, str]:
        """What a program needs to use this stack as the tester; the profiles have the others."""
        return {
            "AWS_ENDPOINT_URL": self.emulator.endpoint,
            "AWS_REGION": environment.REGION,
            "AWS_DEFAULT_REGION": environment.REGION,
            "AWS_SAM_STACK_NAME": self.stack.name,
            CALLS_VARIABLE: str(self.emulator.state / "calls.jsonl"),
            **self.tester.variables(),
            **self.profiles.variables(),
        }


def begin(
    state: Path, progress: Progress, *, kept: bool, bridge: tuple[str, str] | None = None
) -> Session:
    """Start an emulator in `state`, deploy to it, make the identities.

    Raises:
        StartError: the emulator does not come up.
        DeploymentError: the SAM CLI fails.
    """
    progress.step("start the embedded AWS")
    emulator = supervisor.start(state, kept=kept, bridge=bridge)
    profiles = Profiles(emulator)
    deployer = identities.make_deployer(emulator)
    profiles.add(identities.DEPLOYER, deployer)
    deployment.make_artifact_bucket(emulator)
    progress.step("sam build")
    template = deployment.build(state / "build")
    progress.step("sam deploy")
    stack = deployment.deploy(emulator, profiles, deployer, template)
    session = Session(
        emulator,
        stack,
        profiles,
        sender=identities.make_sender(emulator, stack.outputs),
        tester=identities.make_tester(emulator, stack.outputs),
    )
    profiles.add(identities.SENDER, session.sender)
    profiles.add(identities.TESTER, session.tester)
    for profile, holder in identities.FUNCTION_HOLDERS.items():
        function = identities.function_session(emulator, stack.function_name, holder=holder)
        profiles.add(profile, function)
    progress.end()
    return session


def write_container_environment(session: Session, file: Path) -> None:
    """Write what `sam local invoke --env-vars FILE` gives the function in its container.

    Its variables as deployed, since intrinsic functions are not resolved there, and the address at
    which a container reaches this machine.
    """
    function = session.emulator.root("lambda").get_function_configuration(
        FunctionName=session.stack.function_name
    )
    bridge = session.emulator.bridge
    port = bridge[1] if bridge else session.emulator.port
    variables = {
        **function["Environment"]["Variables"],
        "AWS_ENDPOINT_URL": f"http://host.docker.internal:{port}",
    }
    document = json.dumps({_FUNCTION_LOGICAL_ID: variables}, indent=2)
    file.write_text(document + "\n", encoding="utf-8")


@contextmanager
def temporary(progress: Progress, bridge: tuple[str, str] | None = None) -> Iterator[Session]:
    """A session that ends with the block, and in any case with this process.

    Args:
        progress: Where its steps are shown.
        bridge: Gateway address and network of the Docker bridge, to let containers in as well.
    """
    supervisor.remove_stale_runs()
    state = supervisor.new_run_directory()
    with _termination_as_interrupt():
        try:
            yield begin(state, progress, kept=False, bridge=bridge)
        finally:
            progress.step("stop")
            supervisor.stop(state)
            progress.end()


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the block as Ctrl-C does, so that it cleans up."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
