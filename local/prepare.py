"""Make the project's virtual environments, and bring them up to date when requirements change.

Runs before anything is installed, so it uses the standard library alone:
`local/with-python local/prepare.py` makes `.venv`. Safe to run twice at once; quick when nothing
changed.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".local"


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until no other process or thread prepares what has this name, and keep them waiting."""
    STATE.mkdir(exist_ok=True)
    with (STATE / f"setup-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Environment:
    """One virtual environment.

    `requirements` are all files that decide what is in it; the first is the one that pip is given,
    and names the others.
    """

    folder: Path
    requirements: tuple[Path, ...]

    @property
    def python(self) -> Path:
        """The interpreter, which may not exist yet."""
        return self.folder / "bin" / "python"

    def prepare(self) -> int:
        """Answers pip's exit code, 0 when there was nothing to do."""
        if self._is_up_to_date():
            return 0
        with alone(self.folder.name):
            # Somebody else may have done it while this waited.
            return 0 if self._is_up_to_date() else self._install()

    @property
    def _stamp(self) -> Path:
        return self.folder / ".requirements"

    def _is_up_to_date(self) -> bool:
        return (
            self.python.exists()
            and self._stamp.exists()
            and self._stamp.read_text() == self._digest()
        )

    def _digest(self) -> str:
        digest = hashlib.sha256(sys.version.encode())
        for file in self.requirements:
            digest.update(file.read_bytes())
        return digest.hexdigest()

    def _install(self) -> int:
        if not self.python.exists():
            print(f"making {self.folder.relative_to(ROOT)} ...", file=sys.stderr)
            shutil.rmtree(self.folder, ignore_errors=True)
            venv.EnvBuilder(with_pip=True, symlinks=True).create(self.folder)
        print(f"installing {self.requirements[0].relative_to(ROOT)} ...", file=sys.stderr)
        # `-m pip` would take another environment's settings from these.
        variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        # Python compiles what it imports when it first does; compiling all of it takes twice as
        # long as the rest of the installation.
        command = [str(self.python), "-m", "pip", "install", "-qq", "--no-compile"]
        answer = subprocess.run(
            [*command, "-r", str(self.requirements[0])], cwd=ROOT, env=variables, check=False
        )
        if answer.returncode == 0:
            self._stamp.write_text(self._digest())
        return answer.returncode


PROJECT = Environment(
    ROOT / ".venv",
    (
        ROOT / "requirements-dev.txt",
        ROOT / "desk" / "requirements.txt",
        ROOT / "src" / "requirements.txt",
    ),
)


if __name__ == "__main__":
    sys.exit(PROJECT.prepare())
