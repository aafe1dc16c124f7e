"""Alarms: each one rings for what it says, reaches the topic, and says what to do first."""

import pytest

from tests.support.policy import statements
from tests.support.template import ACCOUNT, KEY_ID, REGION, stack

KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:transaction-alarms-dev"
# Security Hub compares the first and the last three as text.
PATTERNS = {
    "KeyDisabled": "{($.eventSource=kms.amazonaws.com) && (($.eventName=DisableKey) || "
    "($.eventName=ScheduleKeyDeletion))}",
    "KeyPolicyChange": "{($.eventSource=kms.amazonaws.com) && ($.eventName=PutKeyPolicy)}",
    "BucketPolicyChange": "{($.eventSource=s3.amazonaws.com) && (($.eventName=PutBucketAcl) || "
    "($.eventName=PutBucketPolicy) || ($.eventName=PutBucketCors) || "
    "($.eventName=PutBucketLifecycle) || ($.eventName=PutBucketReplication) || "
    "($.eventName=DeleteBucketPolicy) || ($.eventName=DeleteBucketCors) || "
    "($.eventName=DeleteBucketLifecycle) || ($.eventName=DeleteBucketReplication))}",
    "RefusedCalls": '{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}',
    "RootUse": '{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && '
    '$.eventType !="AwsServiceEvent"}',
}


def test_every_alarm_reaches_the_topic_and_says_what_to_do_first() -> None:
    alarms = stack().of_type("AWS::CloudWatch::Alarm")

    assert len(alarms) == 10
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [TOPIC], name
        assert alarm["TreatMissingData"] == "notBreaching", name
        assert "First: " in alarm["AlarmDescription"], name
        assert len(alarm["AlarmDescription"]) <= 1024, name
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (
            1,
            "GreaterThanOrEqualToThreshold",
        ), name


@pytest.mark.parametrize("name", PATTERNS)
def test_filter_counts_its_events_for_its_alarm(name: str) -> None:
    metric_filter = stack().properties(f"{name}Filter")
    alarm = stack().properties(f"{name}Alarm")

    [metric] = metric_filter["MetricTransformations"]

    assert metric_filter["FilterPattern"] == PATTERNS[name]
    assert metric_filter["LogGroupName"] == "/aws/cloudtrail/transaction-data-trail-dev"
    assert (metric["MetricNamespace"], metric["MetricName"]) == (
        alarm["Namespace"],
        alarm["MetricName"],
    )


def test_every_filter_has_a_pattern_under_test() -> None:
    filters = stack().of_type("AWS::Logs::MetricFilter")

    assert filters.keys() == {f"{name}Filter" for name in PATTERNS}


def test_alarms_can_publish_to_the_encrypted_topic() -> None:
    [publish] = [one for one in statements(stack(), "AlarmTopicPolicy") if one["Effect"] == "Allow"]
    [use] = [one for one in statements(stack(), "EncryptionKey") if "Alarms" in one["Sid"]]

    assert stack().properties("AlarmTopic")["KmsMasterKeyId"] == KEY_ARN
    assert publish["Principal"] == use["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert publish["Resource"] == TOPIC
    assert publish["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    assert use["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_somebody_is_told_only_when_an_address_is_given() -> None:
    told = stack(AlarmEmail="ops@example.com").of_type("AWS::SNS::Subscription")

    assert stack().of_type("AWS::SNS::Subscription") == {}
    [subscription] = told.values()
    assert subscription == {
        "TopicArn": TOPIC,
        "Protocol": "email",
        "Endpoint": "ops@example.com",
    }


@pytest.mark.parametrize("policy", ["AlarmTopicPolicy", "FailedEventsQueuePolicy"])
def test_queue_and_topic_refuse_plain_http(policy: str) -> None:
    [refuse] = [one for one in statements(stack(), policy) if one["Effect"] == "Deny"]

    assert refuse["Principal"] == "*"
    assert refuse["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_queue_is_encrypted_with_the_key() -> None:
    assert stack().properties("FailedEventsQueue")["KmsMasterKeyId"] == KEY_ARN
