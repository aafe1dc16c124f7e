"""Destroy: in which order it removes, what it waits for, and what it never touches."""

from typing import Any

import pytest

from desk.destroy.calls import Left
from desk.destroy.plan import Planned
from desk.destroy.removals import GO_WITH, REMOVALS, Removal
from desk.destroy.run import Step, destroy
from tests.support.canned import REGION, Answers, error
from tests.support.removals import Aws, one, plan
from tests.support.template import stack as template

DELETE_STACK = ("cloudformation", "delete_stack")
DISABLE_RULE = ("events", "disable_rule")


def run(aws: Aws, *resources: Planned, wait_seconds: float = 0) -> list[Step]:
    return destroy(Removal(aws.calls(wait_seconds), plan(*resources)))


def left(steps: list[Step]) -> dict[str, str]:
    return {step.resource.kind: step.why_left for step in steps if step.why_left is not None}


KINDS = [
    *("AWS::KMS::Key", "AWS::KMS::Alias", "AWS::IAM::Role", "AWS::IAM::ManagedPolicy"),
    *("AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::SecurityGroup", "AWS::S3::Bucket"),
    *("AWS::Lambda::Function", "AWS::Events::Rule"),
]


def test_every_kind_of_the_template_can_be_removed_or_goes_with_another() -> None:
    kinds = {resource["Type"] for resource in template().resources.values()}

    assert kinds - REMOVALS.keys() - GO_WITH == set()


def test_writers_go_first_rights_behind_the_network_and_the_key_last() -> None:
    steps = run(Aws(), *(one(kind) for kind in KINDS))

    assert left(steps) == {}
    assert [step.resource.kind for step in steps] == [
        "AWS::CloudFormation::Stack",
        *("AWS::Events::Rule", "AWS::Lambda::Function", "AWS::S3::Bucket"),
        *("AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::EC2::VPC"),
        *("AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::KMS::Alias", "AWS::KMS::Key"),
    ]


def test_nothing_new_starts_before_the_stack_is_deleted() -> None:
    aws = Aws(
        {
            ("cloudformation", "describe_stacks"): {"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]},
            ("cloudformation", "delete_stack"): {},
            ("s3", "get_bucket_location"): {"LocationConstraint": REGION},
            ("s3", "put_bucket_notification_configuration"): {},
            ("events", "disable_rule"): {},
        }
    )

    run(aws, one("AWS::S3::Bucket"), one("AWS::Events::Rule"))

    order = aws.operations()
    assert order.index("disable_rule") < order.index("delete_stack")
    assert order.index("put_bucket_notification_configuration") < order.index("delete_stack")


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (
            {("cloudformation", "delete_stack"): error("AccessDenied", "DeleteStack")},
            "AccessDenied",
        ),
        ({DELETE_STACK: {}}, "still being deleted"),
        (
            {("events", "disable_rule"): error("AccessDeniedException", "DisableRule")},
            "DisableRule",
        ),
    ],
)
def test_nothing_is_removed_while_the_stack_stays(answers: Answers, why: str) -> None:
    living = {"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]}
    aws = Aws({("cloudformation", "describe_stacks"): living, **answers})

    steps = run(aws, *(one(kind) for kind in KINDS))

    assert [step.resource.kind for step in steps] == ["AWS::CloudFormation::Stack"]
    assert why in left(steps)["AWS::CloudFormation::Stack"]
    assert "delete_function" not in aws.operations()


def test_a_stack_whose_deletion_failed_is_told_with_its_reason() -> None:
    states = iter(["CREATE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_FAILED"])
    aws = Aws(
        {
            ("cloudformation", "describe_stacks"): lambda _: {
                "Stacks": [{"StackStatus": next(states), "StackStatusReason": "a log group"}]
            },
            ("cloudformation", "delete_stack"): {},
        }
    )

    steps = run(aws, wait_seconds=60)

    assert left(steps) == {"AWS::CloudFormation::Stack": "DELETE_FAILED: a log group"}


def test_what_fails_is_left_and_keeps_the_key_and_nothing_else() -> None:
    aws = Aws({("sns", "delete_topic"): error("AuthorizationError", "DeleteTopic")})

    steps = run(aws, one("AWS::SNS::Topic"), *(one(kind) for kind in KINDS))

    assert left(steps) == {
        "AWS::SNS::Topic": "DeleteTopic: AuthorizationError",
        "AWS::KMS::Alias": "what is left may be encrypted by the key",
        "AWS::KMS::Key": "what is left may be encrypted by the key",
    }


def test_a_kind_that_nobody_knows_is_left_and_keeps_the_key() -> None:
    steps = run(Aws(), one("AWS::KMS::Key"), one("AWS::Made::Up"))

    assert left(steps) == {
        "AWS::Made::Up": "this command does not know how to remove it",
        "AWS::KMS::Key": "what is left may be encrypted by the key",
    }


def test_what_may_be_another_stack_s_is_never_touched() -> None:
    aws = Aws()

    steps = run(aws, *(one(kind, is_doubtful=True) for kind in REMOVALS))

    assert len(left(steps)) == len(REMOVALS)
    assert aws.operations() == ["describe_stacks"]


def interface(**members: Any) -> dict[str, Any]:
    return {
        "NetworkInterfaceId": "eni-1",
        "Status": "available",
        "Description": "AWS Lambda VPC ENI-processor",
        "Groups": [{"GroupId": "sg-1"}],
        **members,
    }


NETWORK = (one("AWS::EC2::VPC"), one("AWS::EC2::SecurityGroup", "sg-1"), one("AWS::IAM::Role"))


def test_interfaces_that_lambda_has_detached_are_removed_and_the_rest_is_awaited() -> None:
    attached = {"NetworkInterfaces": [interface(Status="in-use")]}
    detached = {"NetworkInterfaces": [interface()]}
    answers = iter([attached, attached, detached, {"NetworkInterfaces": []}])
    aws = Aws({("ec2", "describe_network_interfaces"): lambda _: next(answers)})

    steps = run(aws, *NETWORK, wait_seconds=60)

    assert left(steps) == {}
    assert aws.operations().count("delete_network_interface") == 1
    assert aws.slept == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    "other",
    [
        {"Description": "somebody's"},
        {"Groups": [{"GroupId": "sg-other"}]},
        {"Status": "in-use"},
    ],
)
def test_interfaces_of_others_hold_the_network_and_the_rights_up(other: dict[str, Any]) -> None:
    held = {"NetworkInterfaces": [interface(**other)]}
    aws = Aws({("ec2", "describe_network_interfaces"): held})

    steps = run(aws, *NETWORK, wait_seconds=20)

    assert "delete_network_interface" not in aws.operations()
    assert sum(aws.slept) == 20
    assert left(steps) == {
        "AWS::EC2::SecurityGroup": "network interfaces are still in use: eni-1",
        "AWS::EC2::VPC": "something else of the network is left",
        "AWS::IAM::Role": "Lambda needs it until it has given its network interfaces back",
    }


def test_groups_that_name_each_other_lose_their_rules_before_any_of_them_goes() -> None:
    rules = [{"IpProtocol": "tcp", "UserIdGroupPairs": [{"GroupId": "sg-2"}]}]
    groups = {"SecurityGroups": [{"IpPermissions": rules, "IpPermissionsEgress": rules}]}
    aws = Aws({("ec2", "describe_security_groups"): groups})

    run(aws, one("AWS::EC2::SecurityGroup", "sg-1"), one("AWS::EC2::SecurityGroup", "sg-2"))

    relevant = [name for name in aws.operations() if name.startswith(("revoke", "delete"))]
    assert [name.split("_")[0] for name in relevant] == ["revoke"] * 4 + ["delete"] * 2


@pytest.mark.parametrize("kind", ["AWS::EC2::VPCEndpoint", "AWS::EC2::FlowLog"])
def test_what_ec2_did_not_do_is_read_from_its_answer(kind: str) -> None:
    operation = "delete_vpc_endpoints" if "Endpoint" in kind else "delete_flow_logs"
    refused = {"Unsuccessful": [{"Error": {"Code": "Unauthorized"}}]}
    gone = {"Unsuccessful": [{"Error": {"Code": "InvalidFlowLogId.NotFound"}}]}

    assert left(run(Aws({("ec2", operation): refused}), one(kind))) == {kind: "Unauthorized"}
    assert left(run(Aws({("ec2", operation): gone}), one(kind))) == {}


@pytest.mark.parametrize(
    ("error_code", "gone"), [("NoSuchBucket", True), ("AccessDenied", False), ("SlowDown", False)]
)
def test_what_is_gone_is_told_from_what_stays(error_code: str, gone: bool) -> None:
    calls = Aws({("s3", "delete_bucket"): error(error_code, "DeleteBucket")}).calls()

    if gone:
        assert calls.unless_gone("s3", "delete_bucket", Bucket="b") is None
        return
    with pytest.raises(Left, match=f"DeleteBucket: {error_code}"):
        calls.unless_gone("s3", "delete_bucket", Bucket="b")
