"""The programs behind the gates: where they are, how they get there, how they are run."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from checks import environment
from checks.outcome import ToolFailed
from local.paths import ROOT
from local.prepare import Environment, alone

_HERE: Final = Path(__file__).parent

CHECKOV: Final = Environment(ROOT / ".venv-checkov", (_HERE / "requirements-checkov.txt",))
TOOLS: Final = Environment(ROOT / ".venv-tools", (_HERE / "requirements-tools.txt",))
PROJECT_PYTHON: Final = ROOT / ".venv" / "bin" / "python"

NAG: Final = _HERE / "nag"
MODULES: Final = NAG / "node_modules"

#: A gate that takes longer hangs.
_LIMIT_S: Final = 300


@dataclass(frozen=True)
class Done:
    """What a program left behind."""

    command: tuple[str, ...]
    code: int
    output: str
    errors: str

    def json(self, kind: type[dict[str, Any]] | type[list[Any]]) -> Any:
        """Its standard output as JSON.

        Raises:
            ToolFailed: it printed something else, for example a traceback, or JSON that is not of
                this kind: an empty object where a list is due would look like a list of nothing.
        """
        try:
            report = json.loads(self.output)
        except ValueError as error:
            raise self.failed("printed no report") from error
        if not isinstance(report, kind):
            raise self.failed(f"printed no report: a {type(report).__name__}")
        return report

    def failed(self, what: str) -> ToolFailed:
        """An error that names the program and shows the end of what it said."""
        said = (self.errors.strip() or self.output.strip())[-600:]
        return ToolFailed(f"{Path(self.command[0]).name} {what} (exit code {self.code}): {said}")


def run(*command: str | Path, expected: tuple[int, ...] = (0,)) -> Done:
    """Run one program that judges, at the root of the project, without a shell.

    Of the environment it sees what `checks.environment` lets through, and a home of its own.

    Raises:
        ToolFailed: its exit code is none of those that mean that it did its work.
    """
    with TemporaryDirectory() as home:
        variables = environment.of_a_gate(os.environ, Path(home))
        return _run(command, variables, expected)


def _run(
    command: Sequence[str | Path], variables: Mapping[str, str], expected: tuple[int, ...]
) -> Done:
    words = tuple(map(str, command))
    try:
        done = subprocess.run(
            words,
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
    except FileNotFoundError as error:
        raise ToolFailed(f"{words[0]} is not installed") from error
    except OSError as error:
        raise ToolFailed(f"{words[0]} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise ToolFailed(f"{words[0]} did not end within {_LIMIT_S} s") from error
    answer = Done(words, done.returncode, done.stdout, done.stderr)
    if done.returncode not in expected:
        raise answer.failed("failed")
    return answer


def prepare_python(environment: Environment) -> None:
    """Make an environment of Python tools, or bring it up to date.

    Raises:
        ToolFailed: pip could not install it.
    """
    if environment.prepare() != 0:
        raise ToolFailed(f"pip could not install {environment.requirements[0].name}")


def prepare_node() -> None:
    """Install the npm packages if `package.json` changed since the last time.

    No lock file is written: it would name the registry of whoever ran this. `package.json` gives
    exact versions instead, of these packages and of everything that they ask for.

    Raises:
        ToolFailed: node or npm is missing, or npm could not install.
    """
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        raise ToolFailed(
            f"{' and '.join(missing)} not found: install Node.js 20 or later, "
            "for example with `apt-get install nodejs npm` or `brew install node`"
        )
    wanted = hashlib.sha256((NAG / "package.json").read_bytes()).hexdigest()
    stamp = MODULES / ".package-digest"
    # Several gates ask for it at the same time.
    with alone("node_modules"):
        if stamp.exists() and stamp.read_text() == wanted:
            return
        print("installing checks/nag/package.json ...", file=sys.stderr)
        options = ("--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")
        # It judges nothing, and must know the registry that the user's own settings name.
        _run(("npm", "install", "--prefix", NAG, *options), os.environ, (0,))
        stamp.write_text(wanted)


def guard_binary() -> Path:
    """The cfn-guard program that the npm package ships for this machine.

    Raises:
        ToolFailed: the package has none for it.
    """
    system = {"Darwin": "macos", "Linux": "ubuntu"}.get(platform.system(), "")
    machine = {"arm64": "aarch64", "amd64": "x86_64"}.get(platform.machine(), platform.machine())
    package = MODULES / "@cdklabs" / "cdk-validator-cfnguard"
    binary = package / "bin" / system / machine / "cfn-guard"
    if not system or not binary.exists():
        raise ToolFailed(f"cfn-guard is not shipped for {platform.system()} {machine}")
    return binary
