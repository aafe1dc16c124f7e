"""The doctor: what it says of a stack that is well, and of whatever is broken."""

from datetime import UTC, datetime
from typing import Any

import pytest

from desk import cli
from desk.commands.doctor import answer
from desk.doctor import rights
from desk.doctor.checks import CHECKS, Named, examine
from desk.doctor.findings import Finding, Status
from desk.doctor.look import Resource, resources_of, right_of
from processor.errors import ServiceRefused
from tests.support import canned
from tests.support.breaking import but, raising
from tests.support.broken import BROKEN
from tests.support.canned import error, healthy, look, some_of


def findings(found: list[Named], check: str) -> list[Finding]:
    return [one.finding for one in found if one.check == check]


def test_a_stack_that_is_well_is_ok_in_every_check() -> None:
    found = examine(look(healthy()))

    assert [one for one in found if one.finding.status is not Status.OK] == []
    assert [one.check for one in found] == [name for name, _ in CHECKS]


@pytest.mark.parametrize("name", BROKEN)
def test_whatever_is_broken_is_found_with_its_remedy_and_nothing_else_is(name: str) -> None:
    break_it, check, status, said, remedy = BROKEN[name]
    answers = healthy()
    break_it(answers)

    found = examine(look(answers))

    worst = max(findings(found, check), key=lambda one: [*Status].index(one.status))
    assert (worst.status, worst.remedy != "") == (status, True)
    assert said in " / ".join(one.found for one in findings(found, check))
    assert remedy in " / ".join(one.remedy for one in findings(found, check))
    # A broken check never says that all is well besides.
    assert Status.OK not in {one.status for one in findings(found, check)}
    elsewhere = {one.check for one in found if one.finding.status is Status.FAILED} - {check}
    assert elsewhere == set()
    assert "NeverToBeShown" not in str(found)


@pytest.mark.parametrize(
    ("status", "expected", "said"),
    [
        ("UPDATE_COMPLETE", Status.OK, "UPDATE_COMPLETE"),
        ("UPDATE_IN_PROGRESS", Status.WARNING, "UPDATE_IN_PROGRESS"),
        ("UPDATE_ROLLBACK_COMPLETE", Status.WARNING, "what ran before runs"),
        ("UPDATE_ROLLBACK_FAILED", Status.FAILED, "UPDATE_ROLLBACK_FAILED"),
        ("ROLLBACK_COMPLETE", Status.FAILED, "ROLLBACK_COMPLETE: no quota"),
        ("CREATE_FAILED", Status.FAILED, "CREATE_FAILED"),
    ],
)
def test_the_last_deployment_is_told(status: str, expected: Status, said: str) -> None:
    reason = "no quota" if status == "ROLLBACK_COMPLETE" else None

    found = examine(look(healthy(), StackStatus=status, StackStatusReason=reason))

    (finding,) = findings(found, "stack")
    assert (finding.status, said in finding.found) == (expected, True)


def test_a_resource_whose_change_failed_is_named_with_its_reason() -> None:
    looked = look(healthy())
    assert isinstance(looked.resources, dict)
    looked.resources["FlowLog"] = Resource(
        "FlowLog", "AWS::EC2::FlowLog", "fl-1", "UPDATE_FAILED", "no such role"
    )

    found = examine(looked)

    assert [one.found for one in findings(found, "stack")] == [
        "CREATE_COMPLETE",
        "FlowLog: UPDATE_FAILED no such role",
    ]


@pytest.mark.parametrize(
    ("service", "operation", "code", "check", "right"),
    [
        ("s3", "get_bucket_encryption", "AccessDenied", "buckets", "s3:GetEncryptionConfiguration"),
        ("kms", "describe_key", "AccessDeniedException", "key", "kms:DescribeKey"),
        ("sns", "list_subscriptions_by_topic", "AuthorizationError", "who is told", "sns:List"),
        ("ec2", "describe_flow_logs", "UnauthorizedOperation", "flow log", "ec2:DescribeFlowLogs"),
        (
            *("secretsmanager", "get_secret_value", "AccessDeniedException"),
            *("configuration", "secretsmanager:GetSecretValue"),
        ),
        ("iam", "simulate_principal_policy", "AccessDenied", "your rights", "iam:Simulate"),
    ],
)
def test_what_may_not_be_looked_at_names_the_right_and_is_never_ok(
    service: str, operation: str, code: str, check: str, right: str
) -> None:
    answers = healthy()
    raising(service, operation, code, 403)(answers)
    looked = look(answers)

    found = examine(looked)

    (finding,) = findings(found, check)
    assert finding.status is Status.NOT_LOOKED_AT
    assert f"you lack {right}" in finding.found
    assert [one for one in looked.refused if one.startswith(right)]
    assert "NeverToBeShown" not in str(found)


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("InvalidAction", 400, "not served here"),
        ("Whatever", 501, "not served here"),
        ("ThrottlingException", 400, "ThrottlingException"),
        ("InternalFailure", 500, "InternalFailure"),
    ],
)
def test_what_cannot_be_looked_at_is_not_looked_at(code: str, status: int, said: str) -> None:
    answers = healthy()
    raising("ec2", "describe_flow_logs", code, status)(answers)

    (finding,) = findings(examine(look(answers)), "flow log")

    assert (finding.status, said in finding.found) == (Status.NOT_LOOKED_AT, True)


def test_what_is_gone_has_failed() -> None:
    answers = healthy()
    raising("dynamodb", "describe_table", "ResourceNotFoundException")(answers)

    (finding,) = findings(examine(look(answers)), "tables")

    assert finding.status is Status.FAILED
    assert finding.found == "DescribeTable: ResourceNotFoundException"


def test_what_was_never_made_has_failed() -> None:
    looked = look(healthy())
    assert isinstance(looked.resources, dict)
    del looked.resources["FlowLog"]

    (finding,) = findings(examine(looked), "flow log")

    assert (finding.status, finding.found) == (Status.FAILED, "the stack has no FlowLog")


def test_what_one_bucket_lacks_is_told_even_if_the_next_may_not_be_looked_at() -> None:
    answers = healthy()
    answers["s3", "get_bucket_versioning"] = lambda asked: (
        {} if asked["Bucket"] == "data-dev" else error("AccessDenied", "GetBucketVersioning", 403)
    )

    found = findings(examine(look(answers)), "buckets")

    assert [one.status for one in found] == [Status.FAILED, Status.NOT_LOOKED_AT]


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId"])
def test_credentials_that_are_no_good_end_the_look(code: str) -> None:
    answers = healthy()
    raising("sts", "get_caller_identity", code, 403)(answers)
    looked = look(answers)

    with pytest.raises(ServiceRefused, match=code):
        examine(looked)


def test_a_notification_of_some_uploads_only_is_none_of_the_others() -> None:
    answers = healthy()
    answers["s3", "get_bucket_notification_configuration"] = {
        "LambdaFunctionConfigurations": [some_of("work/")]
    }

    (finding,) = findings(examine(look(answers)), "notifications")

    assert (finding.status, "data-dev" in finding.found) == (Status.FAILED, True)


def test_how_long_the_oldest_failed_event_waits_is_told_where_it_is_known() -> None:
    answers = healthy()
    but("sqs", "get_queue_attributes", Attributes={"ApproximateNumberOfMessages": "1"})(answers)
    point = {"Timestamp": datetime.now(UTC), "Maximum": 7200.0}
    answers["cloudwatch", "get_metric_statistics"] = {"Datapoints": [point]}

    (finding,) = findings(examine(look(answers)), "failed events")

    assert "the oldest for 2 hours" in finding.found


def test_a_sweep_that_is_meant_to_be_off_is_switched_on_by_a_deployment() -> None:
    answers = healthy()
    but("events", "describe_rule", State="DISABLED")(answers)
    off = [{"ParameterKey": "SweepSchedule", "ParameterValue": "off"}]

    (finding,) = findings(examine(look(answers, Parameters=off)), "sweep")

    assert "deploy with SweepSchedule" in finding.remedy


def test_the_rights_of_every_command_are_known() -> None:
    commands = {one.name for one in cli.COMMANDS} - {"doctor", "destroy"}

    assert set(rights.COMMANDS) == commands


def test_rights_are_judged_with_the_service_through_which_the_key_is_used() -> None:
    looked = look(healthy())

    examine(looked)

    stack: Any = looked.stack
    simulated = [given for _, operation, given in stack.asked if operation.startswith("simulate")]
    of_key = [one for one in simulated if one["ActionNames"][0].startswith("kms:")]
    assert {one["PolicySourceArn"] for one in simulated} == {
        "arn:aws:iam::123456789012:role/path/operator"
    }
    assert {one["ResourceArns"][0] for one in of_key} == {canned.KEY_ARN}
    assert all(
        one["ContextEntries"][0]["ContextKeyValues"][0].endswith(".eu-central-1.amazonaws.com")
        for one in of_key
    )


def test_rights_of_nobody_that_iam_knows_are_not_looked_at() -> None:
    answers = healthy()
    raising("iam", "simulate_principal_policy", "NoSuchEntity", 404)(answers)

    (finding,) = findings(examine(look(answers)), "your rights")

    assert finding.status is Status.NOT_LOOKED_AT


def test_a_page_is_followed_by_the_next() -> None:
    answers = healthy()
    answers["iam", "list_attached_role_policies"] = lambda asked: (
        {"AttachedPolicies": [{"PolicyArn": canned.POLICY_ARN}]}
        if asked.get("Marker") == "2"
        else {"AttachedPolicies": [], "Marker": "2", "IsTruncated": True}
    )

    assert [one.status for one in findings(examine(look(answers)), "function's role")] == ["ok"]


def test_resources_are_read_from_cloudformation_s_list() -> None:
    listed = {
        "LogicalResourceId": "A",
        "ResourceType": "AWS::S3::Bucket",
        "ResourceStatus": "CREATE_FAILED",
        "ResourceStatusReason": "two\nlines",
    }

    found = resources_of([listed])

    assert found == {"A": Resource("A", "AWS::S3::Bucket", "", "CREATE_FAILED", "two lines")}
    assert right_of("logs", "DescribeLogGroups") == "logs:DescribeLogGroups"


def shown(*statuses: Status, strict: bool = False, problems: bool = False) -> Any:
    found = [Named(f"c{number}", Finding(one, "f", "r")) for number, one in enumerate(statuses)]
    return answer("s", found, [], strict=strict, problems=problems)


@pytest.mark.parametrize(
    ("statuses", "code", "strict_code"),
    [
        ([Status.OK], 0, 0),
        ([Status.OK, Status.WARNING], 0, 1),
        ([Status.OK, Status.NOT_LOOKED_AT], 0, 1),
        ([Status.OK, Status.FAILED], 1, 1),
    ],
)
def test_the_exit_code_says_whether_anything_failed(
    statuses: list[Status], code: int, strict_code: int
) -> None:
    assert (shown(*statuses).code, shown(*statuses, strict=True).code) == (code, strict_code)


def test_the_document_counts_what_was_not_looked_at_apart() -> None:
    document = shown(Status.OK, Status.NOT_LOOKED_AT, Status.WARNING).document

    assert document["counts"] == {"ok": 1, "not looked at": 1, "warning": 1, "failed": 0}
    assert document["findings"][1] == {
        "check": "c1",
        "status": "not looked at",
        "found": "f",
        "remedy": "r",
    }


def test_problems_alone_are_shown_on_demand() -> None:
    assert shown(Status.OK, Status.FAILED).shown[0].row_count == 2
    assert shown(Status.OK, Status.FAILED, problems=True).shown[0].row_count == 1
