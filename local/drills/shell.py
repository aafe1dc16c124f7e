"""The shell of a drill: an operator's, with the AWS CLI, the desk and the runbook's functions."""

import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local import environment
from local.identities import DEPLOYER
from local.paths import ROOT, SOURCE
from local.prepare import Environment
from local.session import Session

#: The AWS CLI, which pins a botocore of its own.
CLI: Final = Environment(ROOT / ".venv-drill", (Path(__file__).with_name("requirements.txt"),))

_LIMIT_S: Final = 180


class ShellError(Exception):
    """Raised when the AWS CLI cannot be installed, or a command runs for too long."""


@dataclass(frozen=True)
class Typed:
    """What a shell has of a command.

    Args:
        code: Its exit code.
        output: What it printed, on both ways.
    """

    code: int
    output: str


@dataclass(frozen=True)
class Shell:
    """Runs commands, each in a shell of its own, in one folder.

    Args:
        folder: Where files are left, such as an export.
        variables: The environment.
        functions: The file of the runbook's functions.
    """

    folder: Path
    variables: dict[str, str]
    functions: Path

    def run(self, command: str) -> Typed:
        """Runs a command as somebody who typed it would see it."""
        script = f". {shlex.quote(str(self.functions))}; {command}"
        try:
            done = subprocess.run(
                ["bash", "-c", script],
                cwd=self.folder,
                env=self.variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ShellError(f"{command} ran for more than {_LIMIT_S} s") from error
        return Typed(done.returncode, done.stdout)


def install() -> None:
    """Has the AWS CLI at hand.

    Raises:
        ShellError: pip failed, and has said why.
    """
    if CLI.prepare():
        raise ShellError("the AWS CLI could not be installed")


def open_shell(session: Session, functions: str) -> Shell:
    """A shell for a deployed stack, of somebody who may mend it.

    Args:
        session: The embedded AWS. The folder lies in its state, and goes with it.
        functions: The functions of the runbook.
    """
    folder = session.emulator.state / "drill"
    programs = folder / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    _write_program(programs / "aws", f"exec {shlex.quote(str(CLI.python.with_name('aws')))}")
    paths = shlex.quote(f"{ROOT}:{SOURCE}")
    python = shlex.quote(sys.executable)
    _write_program(programs / "desk", f"PYTHONPATH={paths} exec {python} -m desk")
    file = folder / "functions.sh"
    file.write_text(functions, encoding="utf-8")
    clean = environment.clean()
    variables = {
        **clean,
        **session.profiles.variables(),
        "PATH": f"{programs}:{clean['PATH']}",
        "AWS_PROFILE": DEPLOYER,
        "AWS_ENDPOINT_URL": session.emulator.endpoint,
        "AWS_SAM_STACK_NAME": session.stack.name,
        "SUFFIX": _suffix(session),
        "AWS_PAGER": "",
    }
    return Shell(folder, variables, file)


def _suffix(session: Session) -> str:
    stacks = session.client("cloudformation", session.tester)
    (stack,) = stacks.describe_stacks(StackName=session.stack.name)["Stacks"]
    parameters = {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}
    suffix: str = parameters["EnvironmentSuffix"]
    return suffix


def _write_program(file: Path, command: str) -> None:
    file.write_text(f'#!/bin/sh\n{command} "$@"\n', encoding="utf-8")
    file.chmod(0o755)
