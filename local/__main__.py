"""Command line of the embedded AWS: `python -m local run | up | down | exec | drill`."""

import argparse
import subprocess
import sys
from pathlib import Path

from local import docker_bridge, environment, kept, report, session
from local.deployment import DeploymentError
from local.drills import play
from local.drills.catalogue import DRILLS
from local.drills.shell import ShellError
from local.drills.told import Told
from local.paths import SAMPLE_FILE
from local.progress import Progress
from local.sending import NoReceiptError, await_receipt, upload
from local.supervisor import StartError


def main() -> int:
    """Run one command; answers the exit code."""
    arguments = _parser().parse_args()
    try:
        if arguments.command == "run":
            return _run(arguments.file)
        if arguments.command == "exec":
            return _exec(arguments.program)
        if arguments.command == "drill":
            return _drill(arguments.names, play_all=arguments.all)
        if arguments.command == "up":
            kept.up()
        else:
            kept.down()
    except (StartError, DeploymentError, NoReceiptError, ShellError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="deploy, process one file, show its receipt, stop")
    run.add_argument("file", nargs="?", type=Path, default=SAMPLE_FILE)
    commands.add_parser("up", help="deploy, and keep running until `down`")
    commands.add_parser("down", help="stop what `up` started")
    execute = commands.add_parser("exec", help="deploy, run a program against it, stop")
    execute.add_argument("program", nargs=argparse.REMAINDER, help="-- program arguments ...")
    drill = commands.add_parser("drill", help="deploy, play trouble by the runbook, stop; or list")
    drill.add_argument("names", nargs="*", metavar="NAME", help="which; none lists them")
    drill.add_argument("--all", action="store_true", help="every one, on one stack")
    return parser


def _run(file: Path) -> int:
    if not file.is_file():
        print(f"no such file: {file}", file=sys.stderr)
        return 2
    progress = Progress()
    with session.temporary(progress) as running:
        progress.step(f"upload {file.name}")
        sent = upload(running, file, file.name)
        progress.step("wait for the receipt")
        receipt = await_receipt(running, sent, progress)
        progress.end()
        report.show(running, sent, receipt)
        kept.show_not_emulated(running)
    return 0


def _exec(program: list[str]) -> int:
    command = program[1:] if program[:1] == ["--"] else program
    if not command:
        print("exec: no program given", file=sys.stderr)
        return 2
    with session.temporary(Progress(), docker_bridge.find()) as running:
        container_environment = running.emulator.state / "env.json"
        session.write_container_environment(running, container_environment)
        variables = environment.clean() | running.variables()
        # For a program that itself runs `sam local invoke --env-vars ...`.
        variables[session.CONTAINER_ENVIRONMENT_VARIABLE] = str(container_environment)
        finished = subprocess.run(command, env=variables, check=False)
    return finished.returncode


def _drill(names: list[str], *, play_all: bool) -> int:
    told = Told()
    unknown = [name for name in names if name not in DRILLS]
    if unknown:
        print(f"no such drill: {', '.join(unknown)}", file=sys.stderr)
        return 2
    drills = list(DRILLS.values()) if play_all else [DRILLS[name] for name in dict.fromkeys(names)]
    if not drills:
        play.show_list(told)
        return 0
    return 1 if play.play_all(drills, told) else 0


if __name__ == "__main__":
    sys.exit(main())
