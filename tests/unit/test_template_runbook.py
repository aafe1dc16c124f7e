"""The runbook: each alarm leads to its section, each section helps, and its shell works."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from desk.cli import desk
from tests.support.template import source, stack

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PARTS = ["Meaning", "First look", "Remedy", "Escalate"]
DESCRIPTION_CHARACTERS_MAX = 1024
STACK_NAME_CHARACTERS_MAX = 128
COMMANDS = set(desk.commands)

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
  describe-metric-filters)
    case "$*" in
      *filterName*) printf 'access-change-dev\\taccess-change-network-dev\\n' ;;
      *) cat pattern ;;
    esac ;;
  filter-log-events) cat events ;;
  detect-stack-drift) echo drift-1 ;;
  describe-stack-drift-detection-status) echo DETECTION_COMPLETE ;;
  describe-stack-resource-drifts) printf 'EncryptionKey\\tMODIFIED\\n' ;;
  get-secret-value) case "$*" in *AWSPREVIOUS*) cat previous ;; *) cat current ;; esac ;;
  put-secret-value) cat > put; echo version ;;
  put-bucket-notification-configuration) printf '%s\\n' "${@: -1}" >> configurations ;;
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
    names = {
        alarm["MetricName"]: alarm["AlarmName"].removesuffix("-dev")
        for alarm in stack().of_type("AWS::CloudWatch::Alarm").values()
    }

    for properties in stack().of_type("AWS::Logs::MetricFilter").values():
        [metric] = properties["MetricTransformations"]
        name = names[metric["MetricName"]]
        # As `rang` finds the filters of an alarm, and those of no other.
        assert properties["FilterName"].startswith(f"{name}-")
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
    (tmp_path / "pattern").write_text("{($.eventName=DisableKey)}\n")
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


def test_rang_tells_who_did_what_by_the_alarm_s_own_filters(shell: Path) -> None:
    printed, calls = told(shell, "rang access-change 24")

    assert printed == 2 * (
        "2026-03-01T12:00:00Z DisableKey arn:aws:sts::123456789012:assumed-role/a/b "
        '192.0.2.1  {"keyId": "k"}\n'
    )
    for prefix in ("access-change-", "access-change-dev", "access-change-network-dev"):
        assert f"--filter-name-prefix {prefix} --query" in calls
    assert "--filter-pattern {($.eventName=DisableKey)} --start-time" in calls
    assert "/aws/cloudtrail/transaction-data-trail-dev" in calls


def test_logged_out_and_drift_ask_for_this_stack(shell: Path) -> None:
    printed, calls = told(shell, "out VPCId; drift; logged OutOfTime > lines")

    assert printed == "value\nEncryptionKey\tMODIFIED\n"
    assert "--stack-name pay --output text --query Stacks[0].Outputs[?OutputKey=='VPCId']" in calls
    assert "--stack-drift-detection-id drift-1" in calls
    assert "/aws/lambda/transaction-processor-dev --start-time" in calls
    assert '--filter-pattern "OutOfTime"' in calls


def write_secret(file: Path, secret: Mapping[str, object]) -> None:
    """As the AWS CLI prints it: a text of JSON within a text of JSON."""
    file.write_text(json.dumps(json.dumps(secret, indent=2)) + "\n")


def test_recall_keys_keeps_all_of_the_secret_and_puts_the_keys_before_among_its_previous(
    shell: Path,
) -> None:
    previous = "previous_tokenization_keys"
    before = {"tokenization_key_id": "k2", "tokenization_key": "two", previous: {"k1": "one"}}
    now = {"tokenization_key_id": "k3", "tokenization_key": "three", "part_bytes": 65536}
    write_secret(shell / "previous", before)
    write_secret(shell / "current", now)

    printed, calls = told(shell, "recall_keys")

    assert json.loads((shell / "put").read_text()) == now | {previous: {"k1": "one", "k2": "two"}}
    assert printed == "version\n"
    # What the command line holds, other users of the machine see.
    assert not re.search(r"\b(one|two|three)\b", calls)


def test_recall_keys_changes_nothing_where_no_key_is_missing(shell: Path) -> None:
    previous = "previous_tokenization_keys"
    now = {"tokenization_key_id": "k2", "tokenization_key": "two", previous: {"k1": "one"}}
    write_secret(shell / "previous", now | {previous: {}})
    write_secret(shell / "current", now)

    told(shell, "recall_keys")

    assert json.loads((shell / "put").read_text()) == now


def test_notify_gives_both_buckets_what_the_template_says(shell: Path) -> None:
    told(shell, "notify")

    lines = (shell / "configurations").read_text().splitlines()
    written = [json.loads(line)["LambdaFunctionConfigurations"] for line in lines]
    events = source()["Resources"]["TransactionProcessorFunction"]["Properties"]["Events"]
    expected = [
        [
            {
                "LambdaFunctionArn": "value",
                "Events": [events[name]["Properties"]["Events"]],
                **_key_filter(events[name]["Properties"]),
            }
        ]
        for name in ("FileUploaded", "TaskWritten")
    ]
    assert written == expected


def _key_filter(properties: dict[str, Any]) -> dict[str, Any]:
    """The filter of an event of the template, as S3's API has it."""
    if "Filter" not in properties:
        return {}
    rules = properties["Filter"]["S3Key"]["Rules"]
    return {
        "Filter": {
            "Key": {"FilterRules": [{"Name": one["Name"], "Value": one["Value"]} for one in rules]}
        }
    }


def test_the_functions_name_the_logs_of_the_stack() -> None:
    for name in ("LambdaLogGroup", "TrailLogGroup"):
        group = stack().properties(name)["LogGroupName"].removesuffix("-dev")
        assert f'"{group}-$SUFFIX"' in TEXT


def test_every_output_that_is_asked_for_is_one() -> None:
    asked = set(re.findall(r"\bout (\w+)[)`]", TEXT))

    assert len(asked) > 4
    assert asked <= stack().outputs.keys()
