"""A run of mutants as a person starts it, on a small template with tests of its own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.mutation.__main__ import tell
from checks.mutation.mutants import Mutant
from checks.mutation.running import Outcome

ROOT = Path(__file__).parents[2]
TEMPLATE = """
Parameters: {}
Conditions: {}
Outputs: {}
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: a-topic
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Ref Topic
      SqsManagedSseEnabled: true
      VisibilityTimeout: 30
  Subscription:
    Type: AWS::SNS::Subscription
    Properties:
      Protocol: sqs
      TopicArn: !Ref Topic
"""
TESTED = """
import os

from tests.support.template import stack

def test_first_stumbles():
    resources = stack().resources

    assert "Queue" not in resources or resources["Queue"]["Properties"]["SqsManagedSseEnabled"] in {
        True,
        False,
    }

def test_queue_is_encrypted():
    queue = stack().resources.get("Queue") or os._exit(3)

    assert queue["Properties"].get("SqsManagedSseEnabled") is True
"""


@dataclass(frozen=True)
class Run:
    code: int
    said: str


class Runner:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, tests: str) -> Run:
        files = {"template.yaml": TEMPLATE, "test_small.py": tests, "survivors.toml": ""}
        for name, text in files.items():
            (self._folder / name).write_text(text)
        command = [sys.executable, "-m", "checks.mutation", "--patient"]
        command += ["--template", str(self._folder / "template.yaml")]
        command += ["--explanations", str(self._folder / "survivors.toml")]
        command += ["--tests", str(self._folder / "test_small.py")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return Run(done.returncode, done.stdout + done.stderr)


@pytest.fixture
def run(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_each_mutant_is_told_by_what_became_of_it(run: Runner) -> None:
    ran = run(TESTED)

    # Nobody tests how long a message stays hidden.
    assert "ALIVE: property removed: Queue.VisibilityTimeout" in ran.said
    # Somebody tests whether it is encrypted, and is named; not who stumbles over it before.
    assert "ALIVE: property removed: Queue.SqsManagedSseEnabled" not in ran.said
    assert "killed by tests (2 by an assertion):" in ran.said
    assert "test_small.py::test_queue_is_encrypted" in ran.said
    assert "test_small.py::test_first_stumbles" not in ran.said
    # Its name comes from the topic, so that no test is needed.
    assert "property removed: Topic.TopicName  (builtins.KeyError" in ran.said
    # No test looks at the subscription, but without a protocol it is none.
    assert "property removed: Subscription.Protocol  (cfn-lint E3003)" in ran.said
    # And a run that breaks is neither dead nor alive.
    assert "NOT JUDGED: resource removed: Queue: process ended with status" in ran.said
    assert ran.code == 2


def test_tests_that_fail_without_a_mutant_judge_nothing(run: Runner) -> None:
    ran = run(TESTED.replace("is True", "is False"))

    assert (ran.code, "fails without a mutant: " in ran.said) == (2, True)


def test_tests_that_look_at_the_template_too_early_judge_nothing(run: Runner) -> None:
    ran = run(TESTED.replace("import stack\n", "import stack\n\nEARLY = stack()\n"))

    assert (ran.code, "looks at the template when it is imported" in ran.said) == (2, True)


def test_tests_that_cannot_be_collected_judge_nothing(run: Runner) -> None:
    ran = run("import nothing_of_this_name")

    assert (ran.code, "cannot be collected" in ran.said) == (2, True)


def outcome(name: str, verdict: str) -> Outcome:
    return Outcome(
        Mutant("part removed", name, lambda _: None), verdict, "a_test", "AssertionError"
    )


KILLED, ALIVE = outcome("Killed", "killed"), outcome("Alive", "survived")
REASON = {"part removed: Alive": "Nobody would miss it."}


@pytest.mark.parametrize(
    ("outcomes", "reasons", "code", "line"),
    [
        ([KILLED], {}, 0, "1 of 1 mutants noticed, 0 explained, 0 alive"),
        ([KILLED, ALIVE], {}, 1, "ALIVE: part removed: Alive"),
        ([KILLED, ALIVE], REASON, 0, "1 of 2 mutants noticed, 1 explained, 0 alive"),
        ([KILLED], {"part removed: Killed": "x"}, 1, "EXPLAINS NOTHING: part removed: Killed"),
        ([KILLED, outcome("B", "error")], {}, 2, "NOT JUDGED: part removed: B"),
    ],
    ids=["all noticed", "one alive", "one explained", "empty explanation", "one not judged"],
)
def test_run_ends_well_only_when_every_mutant_is_noticed_or_explained(
    outcomes: list[Outcome],
    reasons: dict[str, str],
    code: int,
    line: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended = tell(outcomes, reasons, {*reasons})

    assert ended == code
    assert line in capsys.readouterr().out


def test_explanation_of_a_mutant_that_was_not_run_is_left_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended = tell([KILLED], REASON, {"part removed: Killed"})

    assert (ended, "EXPLAINS NOTHING" in capsys.readouterr().out) == (0, False)
