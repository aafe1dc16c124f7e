"""Who gets at the failed events, the alarms and the processor's secret."""

from tests.support.policy import (
    ANONYMOUS,
    OTHER_ACCOUNT,
    Request,
    administrator,
    allowed,
    not_allowed,
    refused,
    role,
    service,
)
from tests.support.policy.table import PROCESSOR, QUEUE, SECRET, TOPIC, Row, table
from tests.support.template import ACCOUNT, REGION

PLAIN_HTTP = {"aws:SecureTransport": "false"}
STRANGER = administrator(account=OTHER_ACCOUNT)
SOME_SERVICE = service("events.amazonaws.com")
NOBODY_LETS = not_allowed("resource")


def perimeter(policy: str, resource: str, *actions: str) -> list[Row]:
    """This account and AWS's services, by TLS; for each of the actions."""
    http, others = f"{policy}/RefusePlainHttp", f"{policy}/RefuseOtherAccounts"
    return [
        row
        for one in actions
        for row in (
            Row(
                f"an administrator asks for {one}",
                Request(administrator(), one, resource),
                allowed(),
            ),
            Row(
                f"an administrator asks for {one} by plain HTTP",
                Request(administrator(), one, resource, PLAIN_HTTP),
                refused(http),
            ),
            Row(
                f"an administrator of another account asks for {one}",
                Request(STRANGER, one, resource),
                refused(others),
            ),
            Row(
                f"somebody without a signature asks for {one}",
                Request(ANONYMOUS, one, resource),
                refused(others),
            ),
            Row(
                f"somebody without a signature asks for {one} by plain HTTP",
                Request(ANONYMOUS, one, resource, PLAIN_HTTP),
                refused(http, others),
            ),
            # Not refused by the perimeter: a service must only be let in by its own statement.
            Row(
                f"a service of AWS that nobody let in asks for {one}",
                Request(SOME_SERVICE, one, resource),
                NOBODY_LETS,
            ),
        )
    ]


ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:failed-events-dev"
CLOUDWATCH = "cloudwatch.amazonaws.com"
RINGS = allowed("AlarmTopicPolicy/LetAlarmsOfThisAccountPublish")
TOPIC_ACTIONS = [
    "AddPermission", "DeleteTopic", "GetTopicAttributes", "ListSubscriptionsByTopic",
    "RemovePermission", "SetTopicAttributes", "Subscribe",
]  # fmt: skip


def alarm(action: str = "sns:Publish", source: str = ALARM, account: str = ACCOUNT) -> Request:
    caller = service(CLOUDWATCH, source_arn=source, source_account=account)
    return Request(caller, action, TOPIC)


TOPIC_ROWS = [
    *perimeter("AlarmTopicPolicy", TOPIC, "sns:Publish"),
    *(
        Row(
            f"an administrator of another account asks for sns:{one}",
            Request(STRANGER, f"sns:{one}", TOPIC),
            refused("AlarmTopicPolicy/RefuseOtherAccounts"),
        )
        for one in TOPIC_ACTIONS
    ),
    Row("an alarm of this account rings", alarm(), RINGS),
    Row("an alarm of another account rings", alarm(account=OTHER_ACCOUNT), NOBODY_LETS),
    Row(
        "something of this account that is no alarm rings",
        alarm(source=ALARM.replace(":alarm:", ":dashboard/")),
        NOBODY_LETS,
    ),
    Row("an alarm subscribes somebody", alarm("sns:Subscribe"), NOBODY_LETS),
    Row(
        "another service rings for an alarm",
        Request(service("events.amazonaws.com", source_arn=ALARM), "sns:Publish", TOPIC),
        NOBODY_LETS,
    ),
]

CUSTODIAN = role("key-custodian", is_administrator=True)
NAMED = {"KeyCustodianArn": CUSTODIAN.name}
KEPT = "LambdaConfigSecretPolicy/RefuseAllButProcessorAndCustodian"
OTHERS = "LambdaConfigSecretPolicy/RefuseOtherAccounts"
READS = allowed(
    "SecretsManagerVPCEndpoint/ReadTheConfiguration",
    "TransactionProcessorPolicy/ReadTheConfiguration",
)
READ_BY_PROCESSOR = Request(PROCESSOR, "secretsmanager:GetSecretValue", SECRET, from_subnet=True)
SECRET_ACTIONS = [
    f"secretsmanager:{one}"
    for one in (
        *("GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage", "UpdateSecret"),
        *("DeleteSecret", "ReplicateSecretToRegions", "RotateSecret"),
    )
]
CUSTODY_ROWS = [
    Row(row.sentence, row.request, row.answer, NAMED)
    for row in [
        *(
            Row(
                f"an administrator asks for {one}",
                Request(administrator(), one, SECRET),
                refused(KEPT),
            )
            for one in SECRET_ACTIONS
        ),
        *(
            Row(f"the custodian asks for {one}", Request(CUSTODIAN, one, SECRET), allowed())
            for one in SECRET_ACTIONS
        ),
        Row("the processor reads the secret", READ_BY_PROCESSOR, READS),
        Row(
            "an administrator looks at the secret without its value",
            Request(administrator(), "secretsmanager:DescribeSecret", SECRET),
            allowed(),
        ),
        Row(
            "an administrator of another account reads the secret",
            Request(STRANGER, SECRET_ACTIONS[0], SECRET),
            refused(KEPT, OTHERS),
        ),
    ]
]


@table(perimeter("FailedEventsQueuePolicy", QUEUE, "sqs:SendMessage", "sqs:ReceiveMessage"))
def test_failed_events_stay_in_the_account(row: Row) -> None:
    assert row.decided() == row.answer


@table(TOPIC_ROWS)
def test_topic_takes_alarms_of_this_account(row: Row) -> None:
    assert row.decided() == row.answer


@table(perimeter("LambdaConfigSecretPolicy", SECRET, SECRET_ACTIONS[0], SECRET_ACTIONS[1]))
def test_secret_stays_in_the_account(row: Row) -> None:
    assert row.decided() == row.answer


@table(CUSTODY_ROWS)
def test_secret_is_read_by_processor_and_custodian_only(row: Row) -> None:
    assert row.decided() == row.answer
