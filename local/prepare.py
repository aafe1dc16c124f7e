"""Make the project's virtual environment, and bring it up to date when the requirements change.

Runs before anything is installed, so it uses the standard library alone:
`local/with-python local/prepare.py`. Safe to run twice at once; quick when nothing changed.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / ".requirements"
LOCK = ROOT / ".local" / "setup.lock"
REQUIREMENTS = (ROOT / "requirements-dev.txt", ROOT / "src" / "requirements.txt")


def main() -> int:
    """Answers pip's exit code, 0 when there was nothing to do."""
    if _is_up_to_date():
        return 0
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Somebody else may have done it while this waited.
        return 0 if _is_up_to_date() else _install()


def _is_up_to_date() -> bool:
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == _digest()


def _digest() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for file in REQUIREMENTS:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _install() -> int:
    if not PYTHON.exists():
        print("making .venv ...", file=sys.stderr)
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        venv.EnvBuilder(with_pip=True, symlinks=True).create(ENVIRONMENT)
    print("installing requirements-dev.txt ...", file=sys.stderr)
    # `-m pip` would take another environment's settings from these.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    # Python compiles what it imports when it first does; compiling all of it takes twice as long
    # as the rest of the installation.
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--no-compile"]
    answer = subprocess.run(
        [*command, "-r", str(REQUIREMENTS[0])], cwd=ROOT, env=variables, check=False
    )
    if answer.returncode == 0:
        STAMP.write_text(_digest())
    return answer.returncode


if __name__ == "__main__":
    sys.exit(main())
