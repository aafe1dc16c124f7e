"""Every drill ends with its trouble over, by what the runbook says: all of them, on one stack.

Each leaves the stack as it found it, or one behind it would fail. The runbook's example is compared
by its steps and commands: what they print is another each time.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from local.drills import runbook
from local.drills.catalogue import DRILLS
from local.drills.scene import Drill

ROOT: Final = Path(__file__).resolve().parents[2]
SECONDS_MAX: Final = 900
EXAMPLE: Final = re.compile(r"^```text\n(Drill .*?)^```$", re.DOTALL | re.MULTILINE)
#: It rings after a quarter of an hour: the drill shows its condition, and says so.
RINGS_LATER: Final = "table-throttled"

pytestmark = pytest.mark.usefixtures("embedded")


@pytest.fixture(scope="module")
def printed() -> dict[str, str]:
    """What each drill printed, by its name; fails if one of them did not end well."""
    done = subprocess.run(
        [sys.executable, "-m", "local", "drill", "--all"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    parts = re.split(r"^Drill ([\w-]+): ", done.stdout, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def steps(text: str) -> list[str]:
    """What is done, in order: sentences and commands."""
    return re.findall(r"^(?:==>|\$) .+$", text, re.MULTILINE)


@pytest.mark.parametrize("drill", DRILLS.values(), ids=DRILLS)
def test_a_drill_shows_its_alarm_and_ends_the_trouble_by_the_runbook(
    printed: dict[str, str], drill: Drill
) -> None:
    text = printed[drill.name]

    state = "OK" if drill.name == RINGS_LATER else "ALARM"
    assert re.search(rf"^{drill.alarm}-\w+: {state}$", text, re.MULTILINE)
    assert f"#{drill.alarm}\n" in text
    for command in drill.commands:
        pattern = re.escape(command).replace("KEY", r"\S+").replace("MINUTES", r"\d+")
        assert re.search(rf"^\$ {pattern}$", text, re.MULTILINE), command
    assert re.search(rf"^{drill.name}: over after \d+ s$", text, re.MULTILINE)
    assert "LEFT" not in text


def test_the_runbook_s_example_is_what_the_drill_does(printed: dict[str, str]) -> None:
    (example,) = EXAMPLE.findall(runbook.read().text)
    (name,) = re.findall(r"\ADrill ([\w-]+): ", example)

    assert steps(example) == steps(printed[name])


@pytest.mark.parametrize(("names", "code"), [([], 0), (["no-such-drill"], 2)])
def test_drills_are_listed_and_an_unknown_one_is_refused(names: list[str], code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local", "drill", *names],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == code
    assert all(name in done.stdout for name in ([] if names else DRILLS))
    assert all(name in done.stderr for name in names)
