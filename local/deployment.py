"""Building and deploying the unchanged template by the real SAM CLI."""

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
import time
import tomllib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samcli.lib.bootstrap.bootstrap import SAM_CLI_STACK_NAME, _get_stack_template

from local import environment
from local.identities import Credentials, Profiles
from local.paths import BUILD, BUILD_LOCK, ROOT, SAM_CONFIGURATION, SOURCE, STATE, TEMPLATE
from local.supervisor import Emulator

#: Seconds between two looks at the stack; the SAM CLI's own default of 5 s is for a remote AWS.
POLL_DELAY_S = 0.2


class DeploymentError(Exception):
    """Raised when the SAM CLI fails; the message holds its output. The caller shows it."""


@dataclass(frozen=True)
class Stack:
    """A deployed stack and its outputs."""

    name: str
    outputs: dict[str, str]

    @property
    def function_name(self) -> str:
        """The processor's name."""
        return self.outputs["TransactionProcessorFunctionArn"].rpartition(":")[2]


def deploy_defaults() -> dict[str, Any]:
    """What samconfig.toml says of `sam deploy` in its default environment."""
    with SAM_CONFIGURATION.open("rb") as file:
        defaults: dict[str, Any] = tomllib.load(file)["default"]["deploy"]["parameters"]
    return defaults


def deploy_arguments(defaults: dict[str, Any]) -> list[str]:
    """The defaults as arguments, but for those that lead to an account.

    `sam deploy --guided` saves its region, profile and bucket in samconfig.toml. A run here must
    not follow them.
    """
    arguments = ["--stack-name", defaults["stack_name"], "--resolve-s3"]
    for name in ("capabilities", "parameter_overrides", "tags"):
        values = defaults.get(name)
        if values:
            arguments.append("--" + name.replace("_", "-"))
            arguments += _listed(name, values)
    return arguments


def _listed(name: str, values: str | list[str]) -> list[str]:
    if isinstance(values, list):
        return values
    # The SAM CLI itself takes apart a string of overrides or tags, which may hold quotes.
    return values.split() if name == "capabilities" else [values]


def build(into: Path) -> Path:
    """Run `sam build` unless the build is of these very sources; answer a copy of the template.

    The build directory is shared, as `sam build` and `sam local invoke` typed by hand use it too.
    Two runs at once take turns, and each deploys from its own copy (hard links, no bytes moved).
    """
    with _build_lock():
        stamp = BUILD / ".sources"
        sources = _fingerprint()
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != sources:
            _sam(["build"], environment.clean() | sam_home(into.parent / "sam"))
            stamp.write_text(sources, encoding="utf-8")
        shutil.copytree(BUILD, into, copy_function=_link)
    return into / "template.yaml"


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


@contextmanager
def _build_lock() -> Iterator[None]:
    STATE.mkdir(exist_ok=True)
    with BUILD_LOCK.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fingerprint() -> str:
    digest = hashlib.sha256(sys.version.encode())
    files = [TEMPLATE, SAM_CONFIGURATION]
    files += sorted(
        path for path in SOURCE.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def make_artifact_bucket(emulator: Emulator) -> None:
    """Make the stack with the bucket that `--resolve-s3` would make, from the SAM CLI's template.

    The SAM CLI finds it and uses it. Making it itself, it looks for the result every 15 seconds.
    """
    cloudformation = emulator.root("cloudformation")
    cloudformation.create_stack(
        StackName=SAM_CLI_STACK_NAME,
        TemplateBody=_get_stack_template(),
        Tags=[{"Key": "ManagedStackSource", "Value": "AwsSamCli"}],
        Capabilities=["CAPABILITY_AUTO_EXPAND"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=SAM_CLI_STACK_NAME, WaiterConfig={"Delay": 0.1, "MaxAttempts": 200})


def deploy(emulator: Emulator, profiles: Profiles, deployer: Credentials, template: Path) -> Stack:
    """Run `sam deploy` with the parameters of samconfig.toml, without questions.

    Raises:
        DeploymentError: the SAM CLI failed, or the stack did.
    """
    variables = (
        environment.clean()
        | sam_home(emulator.state / "sam")
        | profiles.variables()
        | deployer.variables()
        | {
            "AWS_ENDPOINT_URL": emulator.endpoint,
            "SAM_CLI_POLL_DELAY": str(POLL_DELAY_S),
        }
    )
    defaults = deploy_defaults()
    arguments = ["deploy", "--template-file", str(template), *deploy_arguments(defaults)]
    _sam([*arguments, "--no-confirm-changeset", "--no-progressbar"], variables)
    return described(emulator, defaults["stack_name"])


def described(emulator: Emulator, name: str) -> Stack:
    """A stack that is there, with its outputs."""
    stack = emulator.root("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    return Stack(name, outputs)


def sam_home(directory: Path) -> dict[str, str]:
    """A home for the SAM CLI in which it neither reports usage nor asks for a newer version."""
    directory.mkdir(parents=True, exist_ok=True)
    settings = {
        "installationId": str(uuid.UUID(int=0)),
        "telemetryEnabled": False,
        "lastVersionCheck": time.time(),
    }
    (directory / "metadata.json").write_text(json.dumps(settings), encoding="utf-8")
    return {"__SAM_CLI_APP_DIR": str(directory)}


def _sam(arguments: list[str], variables: dict[str, str]) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "samcli", *arguments],
        cwd=ROOT,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise DeploymentError(f"sam {' '.join(arguments)} failed:\n{finished.stdout}")
