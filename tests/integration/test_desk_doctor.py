"""The doctor, at a deployed stack: all is well, and then one thing after the other is broken."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from desk.doctor.checks import CHECKS, Named, examine
from desk.doctor.findings import Finding, Status
from desk.doctor.look import look_at
from desk.stack import Stack as DeskStack
from desk.stack import find
from tests.integration.deployed import STACK_NAME, Stack, client

ROOT = Path(__file__).parents[2]
RINGS_SECONDS_MAX = 60

type Change = Callable[[Stack], object]


def doctor(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "desk", "doctor", "--stack", os.environ[STACK_NAME], *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def looked(check: str, deployed: DeskStack | None = None) -> list[Finding]:
    """What one check finds now."""
    named = [one for one in CHECKS if one[0] == check]
    look = look_at(deployed or find(os.environ[STACK_NAME]))
    return [one.finding for one in examine(look, checks=named)]


def test_a_fresh_stack_is_well_but_that_nobody_is_told_of_alarms(stack: Stack) -> None:
    answer = doctor("--json")

    assert (answer.returncode, answer.stderr) == (0, "")
    found = json.loads(answer.stdout)["findings"]
    assert {one["check"] for one in found} == {name for name, _ in CHECKS}
    assert {one["status"] for one in found} <= {"ok", "warning"}
    # Alarms that other tests had ring, and events that they had fail, may still be told.
    odd = {one["check"] for one in found if one["status"] != "ok"}
    assert odd - {"alarms", "failed events"} <= {"who is told"}


def test_the_table_is_for_people(stack: Stack) -> None:
    answer = doctor()

    assert answer.stdout.splitlines()[0].split() == ["check", "status", "found"]
    assert answer.stdout.splitlines()[-1].startswith("ok: ")


def test_a_stack_that_is_not_there_cannot_be_looked_at() -> None:
    answer = doctor("--stack", "no-such-stack")

    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("there is no stack no-such-stack in ")


def test_who_may_not_even_ask_cloudformation_is_told_so(embedded: None) -> None:
    answer = doctor("--profile", "sender")

    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("DescribeStacks: ")


def by_deployer(service: str) -> Any:
    return client(service, "deployer")


def attachment(stack: Stack) -> dict[str, str]:
    policy = stack.resources["TransactionProcessorPolicy"]
    return {"RoleName": stack.resources["LambdaExecutionRole"], "PolicyArn": policy}


def named(stack: Stack) -> dict[str, str]:
    return {"FunctionName": stack.outputs["TransactionProcessorFunctionName"]}


def secret(stack: Stack) -> dict[str, str]:
    return {"SecretId": stack.outputs["SecretsManagerSecretArn"]}


def key(stack: Stack) -> dict[str, str]:
    return {"KeyId": stack.outputs["EncryptionKeyId"]}


def conflicts_alarm(stack: Stack) -> dict[str, list[str]]:
    return {"AlarmNames": [stack.resources["ConflictsAlarm"]]}


def set_versions(stack: Stack, status: str) -> None:
    by_deployer("s3").put_bucket_versioning(
        Bucket=stack.outputs["TransactionResultsBucketName"],
        VersioningConfiguration={"Status": status},
    )


def protect(stack: Stack, *, is_protected: bool) -> None:
    by_deployer("dynamodb").update_table(
        TableName=stack.outputs["FileLedgerTableName"], DeletionProtectionEnabled=is_protected
    )


def set_recovery(stack: Stack, *, is_on: bool) -> None:
    by_deployer("dynamodb").update_continuous_backups(
        TableName=stack.outputs["TransactionMetadataTableName"],
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": is_on},
    )


def set_retention(stack: Stack, days: int) -> None:
    by_deployer("logs").put_retention_policy(
        logGroupName=stack.outputs["LambdaLogGroupName"], retentionInDays=days
    )


BREAKS: dict[str, tuple[str, Status, Change, Change]] = {
    "key": (
        *("key", Status.FAILED),
        lambda s: by_deployer("kms").disable_key(**key(s)),
        lambda s: by_deployer("kms").enable_key(**key(s)),
    ),
    "rotation": (
        *("key", Status.FAILED),
        lambda s: by_deployer("kms").disable_key_rotation(**key(s)),
        lambda s: by_deployer("kms").enable_key_rotation(**key(s)),
    ),
    "trail": (
        *("trail", Status.FAILED),
        lambda s: by_deployer("cloudtrail").stop_logging(Name=s.outputs["CloudTrailName"]),
        lambda s: by_deployer("cloudtrail").start_logging(Name=s.outputs["CloudTrailName"]),
    ),
    "versions": (
        *("buckets", Status.FAILED),
        lambda s: set_versions(s, "Suspended"),
        lambda s: set_versions(s, "Enabled"),
    ),
    "protection": (
        *("tables", Status.FAILED),
        lambda s: protect(s, is_protected=False),
        lambda s: protect(s, is_protected=True),
    ),
    "recovery": (
        *("tables", Status.FAILED),
        lambda s: set_recovery(s, is_on=False),
        lambda s: set_recovery(s, is_on=True),
    ),
    "sweep": (
        *("sweep", Status.WARNING),
        lambda s: by_deployer("events").disable_rule(Name=s.resources["SweepRule"]),
        lambda s: by_deployer("events").enable_rule(Name=s.resources["SweepRule"]),
    ),
    "alarm actions": (
        *("alarms", Status.FAILED),
        lambda s: by_deployer("cloudwatch").disable_alarm_actions(**conflicts_alarm(s)),
        lambda s: by_deployer("cloudwatch").enable_alarm_actions(**conflicts_alarm(s)),
    ),
    "policy": (
        *("function's role", Status.FAILED),
        lambda s: by_deployer("iam").detach_role_policy(**attachment(s)),
        lambda s: by_deployer("iam").attach_role_policy(**attachment(s)),
    ),
    "concurrency": (
        *("concurrency", Status.FAILED),
        lambda s: by_deployer("lambda").put_function_concurrency(
            **named(s), ReservedConcurrentExecutions=0
        ),
        lambda s: by_deployer("lambda").delete_function_concurrency(**named(s)),
    ),
    "retention": (
        *("logs", Status.WARNING),
        lambda s: set_retention(s, 3653),
        lambda s: set_retention(s, int(s.parameters["LogRetentionDays"])),
    ),
    "secret": (
        *("secret", Status.FAILED),
        lambda s: by_deployer("secretsmanager").delete_secret(**secret(s)),
        lambda s: by_deployer("secretsmanager").restore_secret(**secret(s)),
    ),
}
"""Name -> the check that sees it, how it is judged, how it is broken and mended."""


@contextmanager
def broken(stack: Stack, name: str) -> Iterator[tuple[str, Status]]:
    check, status, do, undo = BREAKS[name]
    do(stack)
    try:
        yield check, status
    finally:
        undo(stack)


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_found_and_what_is_mended_is_well_again(
    embedded: None, stack: Stack, name: str
) -> None:
    with broken(stack, name) as (check, status):
        found = looked(check)
    afterwards = looked(check)

    new = [one for one in found if one not in afterwards and not one.found.startswith("rings: ")]
    assert {one.status for one in new} == {status}
    assert all(one.remedy for one in new)
    # What was broken before may have had an alarm ring.
    assert {one.status for one in afterwards} <= {Status.OK, Status.WARNING}


def test_an_alarm_that_rings_is_told_with_its_section_of_the_runbook(
    embedded: None, stack: Stack
) -> None:
    with broken(stack, "key"):
        name, deadline = stack.resources["KeyDisabledAlarm"], time.monotonic() + RINGS_SECONDS_MAX
        ringing: list[Finding] = []
        while not ringing and time.monotonic() < deadline:
            ringing = [one for one in looked("alarms") if one.found == f"rings: {name}"]

    assert [one.status for one in ringing] == [Status.WARNING]
    assert "#key-disabled" in ringing[0].remedy


def test_a_notification_that_is_lost_is_found(
    embedded: None, stack: Stack, notifications_lost: None
) -> None:
    found = looked("notifications")

    assert [one.status for one in found] == [Status.FAILED, Status.FAILED]
    assert stack.outputs["TransactionDataBucketName"] in found[0].found
    assert "desk sweep" in found[0].remedy


def test_nobody_is_told_once_the_last_one_has_unsubscribed(embedded: None, stack: Stack) -> None:
    subscribed = by_deployer("sns").subscribe(
        TopicArn=stack.outputs["AlarmTopicArn"], Protocol="email", Endpoint="a@example.com"
    )["SubscriptionArn"]

    (before,) = looked("who is told")
    by_deployer("sns").unsubscribe(SubscriptionArn=subscribed)
    (afterwards,) = looked("who is told")

    assert (before.status, before.found) == (Status.OK, "1 confirmed")
    assert (afterwards.status, "sns subscribe" in afterwards.remedy) == (Status.WARNING, True)


def test_failed_events_that_wait_are_counted(embedded: None, stack: Stack) -> None:
    queue = {"QueueUrl": stack.outputs["FailedEventsQueueUrl"]}
    by_deployer("sqs").send_message(**queue, MessageBody="{}")

    (found,) = looked("failed events")
    client("sqs").purge_queue(**queue)

    assert (found.status, "desk redrive" in found.remedy) == (Status.WARNING, True)


@pytest.fixture
def visitor(embedded: None, stack: Stack) -> Iterator[DeskStack]:
    """Who may ask CloudFormation about the stack, and nothing else."""
    iam, user = by_deployer("iam"), {"UserName": "visitor"}
    iam.create_user(**user)
    statement = {"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(**user, PolicyName="look", PolicyDocument=policy)
    made = iam.create_access_key(**user)["AccessKey"]
    session = boto3.Session(made["AccessKeyId"], made["SecretAccessKey"], None, stack.region)
    yield DeskStack(stack.name, session, stack.outputs)
    iam.delete_access_key(**user, AccessKeyId=made["AccessKeyId"])
    iam.delete_user_policy(**user, PolicyName="look")
    iam.delete_user(**user)


def test_what_a_visitor_may_not_look_at_is_not_looked_at_and_names_the_right(
    visitor: DeskStack,
) -> None:
    found: list[Named] = examine(look_at(visitor))

    statuses = {one.check: one.finding.status for one in found}
    assert statuses.pop("caller") is Status.OK
    assert statuses.pop("stack") is Status.OK
    assert set(statuses.values()) == {Status.NOT_LOOKED_AT}
    lacking = {one.check: one.finding.found for one in found}
    assert lacking["key"] == "you lack kms:DescribeKey"
    assert lacking["buckets"] == "you lack s3:GetBucketVersioning"
    assert lacking["your rights"] == "you lack iam:SimulatePrincipalPolicy"
