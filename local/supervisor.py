"""Starting and stopping an emulator process, and the state it leaves while it runs."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import aws, environment
from local.paths import ROOT, STATE

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 5.0

_MEMORY = Path("/dev/shm")  # noqa: S108  # nosec B108  # Only ever a fresh directory within it.
_MEMORY_BYTES_MIN = 2 * 1024**3

#: A socket that does not exist: the emulator must not look at the machine's containers.
_NO_DOCKER = "unix:///nonexistent/docker.sock"


class StartError(Exception):
    """Raised when the emulator does not come up; the caller shows the message and gives up."""


@dataclass(frozen=True)
class Emulator:
    """A running emulator, as its state directory describes it."""

    state: Path
    pid: int
    port: int
    root_access_key: str
    root_secret_key: str
    #: Address and port of the door for containers, None where there is no Docker bridge.
    bridge: tuple[str, int] | None

    @property
    def endpoint(self) -> str:
        """Where this machine reaches it."""
        return f"http://127.0.0.1:{self.port}"

    def root(self, service: str) -> Any:
        """A client that signs as root. For making identities only: root passes every Deny."""
        keys = (self.root_access_key, self.root_secret_key)
        return aws.client(service, self.endpoint, environment.REGION, keys)

    def not_emulated(self) -> dict[tuple[str, str], list[str]]:
        """What the deployed template asks for in vain: (feature, why) to the resources."""
        file = self.state / "completions.json"
        found: dict[tuple[str, str], list[str]] = {}
        if file.exists():
            for entry in json.loads(file.read_text(encoding="utf-8"))["notEmulated"]:
                feature = f"{entry['type'].rpartition('::')[2]} {entry['feature']}"
                found.setdefault((feature, entry["why"]), []).append(entry["resource"])
        return found


def start(state: Path, *, kept: bool, bridge: tuple[str, str] | None = None) -> Emulator:
    """Start an emulator and wait until it answers.

    Args:
        state: A directory of its own; made here, removed by `stop`.
        kept: True to leave it running when this process ends. Otherwise it dies with this
            process, however that ends.
        bridge: Gateway address and network of the Docker bridge to listen on as well.

    Raises:
        StartError: it did not come up within START_TIMEOUT_S.
    """
    state.mkdir(parents=True, mode=0o700)
    _make_work_directory(state / "tmp")
    key, secret = f"ROOT{secrets.token_hex(8).upper()}", secrets.token_hex(20)
    variables = environment.clean() | {
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "DOCKER_HOST": _NO_DOCKER,
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": environment.ACCOUNT_ID,
        "MINISTACK_REGION": environment.REGION,
        "SFTP_ENABLED": "0",
        "TMPDIR": str(state / "tmp"),
    }
    if not kept:
        variables["LOCAL_STOP_AT_END_OF_INPUT"] = "1"
    with (state / "emulator.log").open("wb") as output:
        # In a process group of its own: the functions' processes are stopped with it.
        process = subprocess.Popen(
            [sys.executable, "-m", "local.emulator", str(state), *(bridge or ())],
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL if kept else subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    emulator = _await_start(process, state, key, secret)
    file = state / "root.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps({"key": key, "secret": secret}), encoding="utf-8")
    return emulator


def _await_start(
    process: "subprocess.Popen[bytes]", state: Path, key: str, secret: str
) -> Emulator:
    announcement = state / "emulator.json"
    deadline = time.monotonic() + START_TIMEOUT_S
    while not announcement.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            log = (state / "emulator.log").read_text(encoding="utf-8", errors="replace")
            process.kill()
            _remove(state)
            raise StartError(f"the emulator did not start:\n{log[-4000:]}")
        time.sleep(0.02)
    # Hold the pipe for as long as this process lives: its end is the emulator's signal to stop.
    _held_pipes.append(process)
    return _read(state, key, secret)


_held_pipes: list["subprocess.Popen[bytes]"] = []


def _read(state: Path, key: str, secret: str) -> Emulator:
    found = json.loads((state / "emulator.json").read_text(encoding="utf-8"))
    bridge = (found["bridgeAddress"], found["bridgePort"]) if found["bridgePort"] else None
    return Emulator(state, found["pid"], found["port"], key, secret, bridge)


def running(state: Path) -> Emulator | None:
    """The emulator of a state directory, None when there is none or it has died."""
    root, announcement = state / "root.json", state / "emulator.json"
    if not root.exists() or not announcement.exists():
        return None
    credentials = json.loads(root.read_text(encoding="utf-8"))
    emulator = _read(state, credentials["key"], credentials["secret"])
    return emulator if _is_alive(emulator.pid) else None


def stop(state: Path) -> None:
    """Stop the emulator of a state directory, with its functions, and remove the directory.

    Safe to call twice, and when it has died already.
    """
    announcement = state / "emulator.json"
    if announcement.exists():
        pid = json.loads(announcement.read_text(encoding="utf-8"))["pid"]
        if _is_alive(pid):
            os.kill(pid, signal.SIGTERM)
            if not _has_ended(pid, STOP_TIMEOUT_S):
                os.killpg(pid, signal.SIGKILL)
                _has_ended(pid, STOP_TIMEOUT_S)
    _remove(state)


def _make_work_directory(path: Path) -> None:
    """Make the directory into which functions are unpacked, some thousand files each time.

    In memory where the machine has a file system there: a disk that discards freed blocks takes
    longer to delete the files than the functions took to run.
    """
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _MEMORY_BYTES_MIN:
        path.symlink_to(tempfile.mkdtemp(prefix="embedded-aws-", dir=_MEMORY))
    else:
        path.mkdir()


def _remove(state: Path) -> None:
    shutil.rmtree((state / "tmp").resolve(), ignore_errors=True)
    shutil.rmtree(state, ignore_errors=True)


def _has_ended(pid: int, timeout_s: float) -> bool:
    """Wait for the end of an emulator; False when it is still there after the time limit."""
    own = next((process for process in _held_pipes if process.pid == pid), None)
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        ended = own.poll() is not None if own else not _is_alive(pid)
        if ended:
            return True
        time.sleep(0.02)
    return False


def _is_alive(pid: int) -> bool:
    """Whether the process is there and is an emulator of ours: process ids are used again."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    arguments = Path(f"/proc/{pid}/cmdline")
    if arguments.exists():
        return b"local.emulator" in arguments.read_bytes()
    shown = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "local.emulator" in shown.stdout


def new_run_directory() -> Path:
    """A state directory's path for an emulator that ends with this process."""
    return STATE / f"run-{os.getpid()}-{secrets.token_hex(3)}"


def remove_stale_runs() -> None:
    """Remove what runs left behind that were killed together with their emulator."""
    for state in STATE.glob("run-*"):
        launcher = int(state.name.split("-")[1])
        try:
            os.kill(launcher, 0)
        except ProcessLookupError:
            stop(state)
        except PermissionError:
            # Another user's process has that id by now; the next run looks again.
            continue
