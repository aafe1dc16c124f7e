"""The runbook: each alarm leads to its section, each section helps, and its shell works."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from desk.cli import desk
from tests.support.template import source, stack

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PARTS = ["Meaning", "First look", "Remedy", "Escalate"]
DESCRIPTION_CHARACTERS_MAX = 1024
STACK_NAME_CHARACTERS_MAX = 128
# What the desk will have besides the commands that it has.
COMMANDS = {*desk.commands, "destroy", "doctor", "report"}

# Heading of the third level -> what stands below it. Such a heading is an alarm's.
SECTIONS = dict(re.findall(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", TEXT, re.DOTALL | re.MULTILINE))

EVENT = {
    "eventTime": "2026-03-01T12:00:00Z",
    "eventName": "DisableKey",
    "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/a/b"},
    "sourceIPAddress": "192.0.2.1",
    "requestParameters": {"keyId": "k"},
}
# Stands in for the AWS CLI: notes how it was called, and answers as it would.
AWS = """#!/bin/bash
printf '%s\\n' "$*" >> calls
case "$2" in
  describe-stacks) echo value ;;
  describe-metric-filters) echo '{($.eventName=DisableKey)}' ;;
  filter-log-events) cat events ;;
  detect-stack-drift) echo drift-1 ;;
  describe-stack-drift-detection-status) echo DETECTION_COMPLETE ;;
  describe-stack-resource-drifts) printf 'EncryptionKey\\tMODIFIED\\n' ;;
esac
"""


def alarms() -> dict[str, str]:
    """The name of each alarm without its environment -> its description, as it is written."""
    found = {}
    for resource in source()["Resources"].values():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            name = resource["Properties"]["AlarmName"]["Fn::Sub"]
            description = resource["Properties"]["AlarmDescription"]["Fn::Sub"]
            found[name.removesuffix("-${EnvironmentSuffix}")] = description
    return found


def test_every_alarm_has_its_section_in_the_runbook_and_every_section_its_alarm() -> None:
    assert sorted(SECTIONS) == sorted(alarms())


def test_every_alarm_ends_with_the_link_to_its_section() -> None:
    url = "https://git.example.com/docs/operations.md"

    for alarm in stack(RunbookUrl=url).of_type("AWS::CloudWatch::Alarm").values():
        name = alarm["AlarmName"].removesuffix("-dev")
        assert alarm["AlarmDescription"].endswith(f". Runbook: {url}#{name}"), name


def test_every_description_fits_with_the_longest_names() -> None:
    longest = {
        "${RunbookUrl}": source()["Parameters"]["RunbookUrl"]["MaxLength"],
        "${AWS::StackName}": STACK_NAME_CHARACTERS_MAX,
        "${EnvironmentSuffix}": 16,
        "${RejectRatePercent}": 3,
    }

    for name, description in alarms().items():
        written = re.findall(r"\$\{[^}]+\}", description)
        length = len(description) + sum(longest[one] - len(one) for one in written)
        assert length <= DESCRIPTION_CHARACTERS_MAX, name


@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_says_what_it_means_where_to_look_how_to_mend_and_whom_to_call(
    name: str,
) -> None:
    parts = re.split(r"^\*\*([\w ]+)\.\*\*\s", SECTIONS[name], flags=re.MULTILINE)[1:]
    heads, bodies = parts[::2], parts[1::2]

    assert heads == PARTS
    assert all(len(body.strip()) > 10 for body in bodies)
    assert re.search(r"\b(sender|platform team|security|AWS Support)\b", bodies[-1])


def test_every_alarm_on_the_trail_is_looked_up_by_its_own_filter() -> None:
    filters = stack().of_type("AWS::Logs::MetricFilter").values()

    for properties in filters:
        name = properties["FilterName"].removesuffix("-dev")
        assert re.search(rf"^    rang {name}( \d+)?$", SECTIONS[name], re.MULTILINE), name


def test_every_command_of_the_desk_that_is_named_is_one() -> None:
    described = " ".join(alarms().values())
    written = re.findall(r"(?:`|^ {4})desk (\w+)", TEXT, re.MULTILINE)

    named = {*written, *re.findall(r"\bdesk ([a-z]+)", described)}

    assert {"redrive", "status", "rejects", "sweep", "verify", "doctor"} <= named <= COMMANDS


@pytest.fixture
def shell(tmp_path: Path) -> Path:
    """A folder with an AWS CLI that is none, and the runbook's functions."""
    (tmp_path / "aws").write_text(AWS)
    (tmp_path / "aws").chmod(0o755)
    (tmp_path / "events").write_text(json.dumps([json.dumps(EVENT)]))
    [functions] = re.findall(r"^```bash\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    (tmp_path / "functions").write_text(functions)
    return tmp_path


def told(shell: Path, command: str) -> tuple[str, str]:
    """What a command prints, and the calls of the AWS CLI that it makes."""
    done = subprocess.run(
        ["/bin/bash", "-euc", f". ./functions; {command}"],
        cwd=shell,
        env={
            "PATH": f"{shell}:/usr/local/bin:/usr/bin:/bin",
            "AWS_SAM_STACK_NAME": "pay",
            "SUFFIX": "dev",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout, (shell / "calls").read_text()


def test_rang_tells_who_did_what_by_the_alarm_s_own_filter(shell: Path) -> None:
    printed, calls = told(shell, "rang key-disabled 24")

    assert printed == (
        "2026-03-01T12:00:00Z DisableKey arn:aws:sts::123456789012:assumed-role/a/b "
        '192.0.2.1  {"keyId": "k"}\n'
    )
    assert "--filter-name-prefix key-disabled-dev" in calls
    assert "--filter-pattern {($.eventName=DisableKey)} --start-time" in calls
    assert "/aws/cloudtrail/transaction-data-trail-dev" in calls


def test_logged_out_and_drift_ask_for_this_stack(shell: Path) -> None:
    printed, calls = told(shell, "out VPCId; drift; logged OutOfTime > lines")

    assert printed == "value\nEncryptionKey\tMODIFIED\n"
    assert "--stack-name pay --output text --query Stacks[0].Outputs[?OutputKey=='VPCId']" in calls
    assert "--stack-drift-detection-id drift-1" in calls
    assert "/aws/lambda/transaction-processor-dev --start-time" in calls
    assert '--filter-pattern "OutOfTime"' in calls


def test_the_functions_name_the_logs_of_the_stack() -> None:
    for name in ("LambdaLogGroup", "TrailLogGroup"):
        group = stack().properties(name)["LogGroupName"].removesuffix("-dev")
        assert f'"{group}-$SUFFIX"' in TEXT


def test_every_output_that_is_asked_for_is_one() -> None:
    asked = set(re.findall(r"\bout (\w+)[)`]", TEXT))

    assert len(asked) > 4
    assert asked <= stack().outputs.keys()
