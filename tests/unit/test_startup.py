"""The start of the function, in a process of its own: no garbage is looked for until it is over."""

import os
import subprocess
import sys

from local.paths import SOURCE

PROGRAM = """
import gc
import processor.startup
assert not gc.isenabled()
told = []
gc.callbacks.append(lambda phase, told_of: told.append(phase))
import processor.app
assert gc.isenabled()
assert not told, "garbage was looked for while modules were imported"
imported = gc.get_freeze_count()
assert imported > 10_000
app = processor.app
made = app.container()
assert not told, "garbage was looked for while clients were made"
assert gc.isenabled()
assert gc.get_freeze_count() > imported
assert app.container() is made
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PYTHONPATH": str(SOURCE),
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_garbage_is_looked_for_until_modules_and_clients_are_there() -> None:
    done = run(PROGRAM)

    assert done.returncode == 0, done.stderr


def test_a_process_without_collector_keeps_it_so() -> None:
    done = run("import gc; gc.disable()\nimport processor.app\nassert not gc.isenabled()")

    assert done.returncode == 0, done.stderr


def test_an_invocation_without_metrics_says_nothing() -> None:
    done = run("import processor.app as app\napp.metrics.flush_metrics()")

    assert (done.returncode, done.stderr) == (0, "")
