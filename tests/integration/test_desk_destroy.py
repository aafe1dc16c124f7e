"""Removing a stack: in an embedded AWS of its own, as the one under test is still needed."""

import configparser
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local import deployment, environment
from local.identities import DEPLOYER, Credentials
from local.paths import SAMPLE_FILE
from local.progress import Progress
from local.sending import await_receipt, upload
from local.session import Session, temporary
from tests.integration.deployed import Json

pytestmark = pytest.mark.usefixtures("embedded")

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = "3"
NEIGHBOURS = "neighbour-of-dev"
"""Begins names of what belongs to somebody else, in the same account."""

NEIGHBOURS_COUNT = 9


@dataclass
class Account:
    """An account with the stack in it, and the one who removes it."""

    session: Session
    deployer: Credentials
    folder: Path

    def client(self, service: str) -> Any:
        return self.session.client(service, self.deployer)

    def desk(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command of the desk as the deployer, in a folder of its own."""
        variables = {**environment.clean(), **self.session.variables()}
        variables |= {**self.deployer.variables(), "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
        return subprocess.run(
            [sys.executable, "-m", "desk", command, *arguments],
            cwd=self.folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def destroy(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        name = self.session.stack.name
        return self.desk(
            "destroy", "--yes-i-mean", name, "--wait-seconds", WAIT_SECONDS, *arguments
        )

    def everything(self) -> set[str]:
        """Names of all that is in the account, as far as a stack could have made it."""
        ec2, kms, secrets = map(self.client, ("ec2", "kms", "secretsmanager"))
        keys = [
            kms.describe_key(KeyId=one["KeyId"])["KeyMetadata"] for one in kms.list_keys()["Keys"]
        ]
        stacks = self.client("cloudformation").describe_stacks()["Stacks"]
        listed = (
            (self.client("s3").list_buckets()["Buckets"], "Name"),
            (self.client("lambda").list_functions()["Functions"], "FunctionName"),
            (self.client("iam").list_roles()["Roles"], "RoleName"),
            (self.client("iam").list_policies(Scope="Local")["Policies"], "Arn"),
            (secrets.list_secrets(IncludePlannedDeletion=True)["SecretList"], "ARN"),
            (self.client("sns").list_topics()["Topics"], "TopicArn"),
            (self.client("cloudwatch").describe_alarms()["MetricAlarms"], "AlarmArn"),
            (self.client("cloudtrail").describe_trails()["trailList"], "TrailARN"),
            (self.client("events").list_rules()["Rules"], "Arn"),
            (self.client("logs").describe_log_groups()["logGroups"], "logGroupName"),
            (self.client("logs").describe_metric_filters()["metricFilters"], "filterName"),
            (ec2.describe_vpcs()["Vpcs"], "VpcId"),
            (ec2.describe_subnets()["Subnets"], "SubnetId"),
            (ec2.describe_vpc_endpoints()["VpcEndpoints"], "VpcEndpointId"),
            (ec2.describe_security_groups()["SecurityGroups"], "GroupId"),
            (ec2.describe_route_tables()["RouteTables"], "RouteTableId"),
            (ec2.describe_flow_logs()["FlowLogs"], "FlowLogId"),
            (kms.list_aliases()["Aliases"], "AliasName"),
            ([one for one in keys if one["KeyState"] != "PendingDeletion"], "KeyId"),
            ([one for one in stacks if one["StackStatus"] != "DELETE_COMPLETE"], "StackName"),
        )
        return {
            *(one[name] for found, name in listed for one in found),
            *self.client("dynamodb").list_tables()["TableNames"],
            *self.client("sqs").list_queues().get("QueueUrls", []),
        }


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account with the stack, a file processed, and things of somebody else."""
    with temporary(Progress()) as session:
        file = configparser.ConfigParser()
        file.read(session.profiles.variables()["AWS_SHARED_CREDENTIALS_FILE"])
        keys = file[DEPLOYER]
        deployer = Credentials(keys["aws_access_key_id"], keys["aws_secret_access_key"])
        account = Account(session, deployer, tmp_path_factory.mktemp("desk"))
        await_receipt(session, upload(session, SAMPLE_FILE, "in/sample.csv"), Progress())
        make_neighbours(account)
        yield account


def make_neighbours(account: Account) -> None:
    account.client("s3").create_bucket(Bucket=f"{NEIGHBOURS}-bucket")
    account.client("sqs").create_queue(QueueName=f"{NEIGHBOURS}-queue")
    account.client("sns").create_topic(Name=f"{NEIGHBOURS}-topic")
    account.client("logs").create_log_group(logGroupName=f"{NEIGHBOURS}-log")
    account.client("secretsmanager").create_secret(Name=f"{NEIGHBOURS}-secret", SecretString="s")
    account.client("events").put_rule(Name=f"{NEIGHBOURS}-rule", ScheduleExpression="rate(1 day)")
    trust = {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}
    account.client("iam").create_role(
        RoleName=f"{NEIGHBOURS}-role",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    account.client("dynamodb").create_table(
        TableName=f"{NEIGHBOURS}-table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )
    account.client("kms").create_alias(
        AliasName=f"alias/{NEIGHBOURS}",
        TargetKeyId=account.client("kms").create_key()["KeyMetadata"]["KeyId"],
    )


@dataclass
class Story:
    """What was seen, in the order in which it happened."""

    own: set[str]
    before: set[str]
    refused: subprocess.CompletedProcess[str]
    misnamed: subprocess.CompletedProcess[str]
    looked: Json
    untouched: set[str]
    held_up: subprocess.CompletedProcess[str]
    between: set[str]
    plan_kept: bool
    finished: subprocess.CompletedProcess[str]
    after: set[str]
    plan_left: bool
    once_more: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def story(account: Account) -> Story:
    """Refused, looked at, begun, held up by something in the network, finished by another run."""
    session, cloudformation = account.session, account.client("cloudformation")
    name = session.stack.name
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    own = {one["PhysicalResourceId"] for page in pages for one in page["StackResourceSummaries"]}
    before = account.everything()
    protect = cloudformation.update_termination_protection
    protect(StackName=name, EnableTerminationProtection=True)
    refused = account.destroy()
    protect(StackName=name, EnableTerminationProtection=False)
    misnamed = account.desk("destroy", "--yes-i-mean", "transaction-processing")
    looked = json.loads(account.desk("destroy", "--dry-run", "--json").stdout)
    untouched = account.everything()
    subnet = next(one["name"] for one in looked["resources"] if one["kind"].endswith("Subnet"))
    interface = account.client("ec2").create_network_interface(SubnetId=subnet)
    held_up = account.destroy()
    between, plan = account.everything(), account.folder / f".desk-destroy-{name}.json"
    plan_kept = plan.exists()
    account.client("ec2").delete_network_interface(
        NetworkInterfaceId=interface["NetworkInterface"]["NetworkInterfaceId"]
    )
    finished = account.destroy()
    after, plan_left = account.everything(), plan.exists()
    return Story(
        own,
        before,
        refused,
        misnamed,
        looked,
        untouched,
        held_up,
        between,
        plan_kept,
        finished,
        after,
        plan_left,
        account.destroy(),
    )


def test_what_is_protected_or_misnamed_or_only_looked_at_stays_as_it_is(story: Story) -> None:
    assert (story.refused.returncode, story.refused.stdout) == (2, "")
    assert "its termination protection is on" in story.refused.stderr
    assert (story.misnamed.returncode, story.misnamed.stdout) == (2, "")
    assert "nothing was touched" in story.misnamed.stderr
    assert story.untouched == story.before


def test_what_would_be_lost_is_counted_before(story: Story, account: Account) -> None:
    holds = {one["name"]: one["holds"] for one in story.looked["resources"]}
    outputs = account.session.stack.outputs

    assert holds[outputs["TransactionDataBucketName"]] == "1 versions and delete markers"
    assert holds[outputs["TransactionMetadataTableName"]] == "about 9,719 items"
    assert holds[outputs["FailedEventsQueueUrl"]] == "0 failed events"


def test_what_is_held_up_is_told_and_keeps_what_needs_it(story: Story, account: Account) -> None:
    assert story.held_up.returncode == 1, story.held_up.stderr
    assert "network interfaces are still in use: eni-" in story.held_up.stdout
    assert "Lambda needs it" in story.held_up.stdout
    assert "may be encrypted by the key" in story.held_up.stdout
    outputs = account.session.stack.outputs
    assert outputs["VPCId"] in story.between
    assert outputs["EncryptionKeyId"] in story.between
    assert outputs["TransactionMetadataTableName"] not in story.between
    assert account.session.stack.name not in story.between
    assert story.plan_kept


def test_a_second_run_finishes_although_the_stack_is_gone(story: Story) -> None:
    assert story.finished.returncode == 0, story.finished.stdout + story.finished.stderr
    assert not story.plan_left
    assert story.once_more.returncode == 2
    assert "no plan of its removal" in story.once_more.stderr


def last_name(one: str) -> str:
    return one.rpartition(":")[2].rpartition("/")[2]


def test_nothing_of_the_stack_is_left_and_nothing_else_is_gone(
    story: Story, account: Account
) -> None:
    stack_name = account.session.stack.name
    assert story.own
    assert not story.own & story.after
    # What a VPC is made with goes with it: its main route table, its default group.
    gone = {one for one in story.before - story.after if not one.startswith(("sg-", "rtb-"))}
    assert {last_name(one) for one in gone} <= {last_name(one) for one in story.own} | {stack_name}
    assert len([one for one in story.after if NEIGHBOURS in one]) == NEIGHBOURS_COUNT


def test_it_can_be_deployed_again_under_the_same_suffix(story: Story, account: Account) -> None:
    assert story.finished.returncode == 0
    session = account.session

    deployment.deploy(
        session.emulator,
        session.profiles,
        account.deployer,
        session.emulator.state / "build" / "template.yaml",
    )

    answer = account.desk("doctor", "--json")
    assert answer.returncode == 0, answer.stdout
    failed = json.loads(answer.stdout)["counts"]["failed"]
    assert failed == 0
    assert os.environ["AWS_ENDPOINT_URL"] != session.emulator.endpoint
