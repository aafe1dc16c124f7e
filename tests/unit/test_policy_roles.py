"""Who may take on the three roles, who may call the function, and what the log writers may do."""

from tests.support.policy import (
    KEY_ARN,
    OTHER_ACCOUNT,
    Request,
    administrator,
    allowed,
    not_allowed,
    role,
    service,
)
from tests.support.policy.table import (
    DATA,
    FUNCTION,
    LOG_GROUPS,
    OTHER_BUCKET,
    RESULTS,
    TRAIL,
    Row,
    table,
    through,
)
from tests.support.template import ACCOUNT, REGION

NOBODY_LETS = not_allowed("resource")
NOT_GIVEN = not_allowed("identity")
LAMBDA, FLOW_LOGS = "lambda.amazonaws.com", "vpc-flow-logs.amazonaws.com"
CLOUDTRAIL = "cloudtrail.amazonaws.com"
PROCESSOR_ROLE = f"arn:aws:iam::{ACCOUNT}:role/transaction-processor-role-dev"
FLOW_LOG_ROLE = f"arn:aws:iam::{ACCOUNT}:role/transaction-flow-log-role-dev"
TRAIL_ROLE = f"arn:aws:iam::{ACCOUNT}:role/transaction-trail-log-role-dev"
FLOW_LOG = f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc-flow-log/fl-1"


def assumes(
    name: str,
    assumed: str,
    *,
    action: str = "sts:AssumeRole",
    account: str = ACCOUNT,
    source: str = "",
) -> Request:
    caller = service(name, source_account=account, source_arn=source)
    return Request(caller, action, assumed)


TRUST_ROWS = [
    Row(
        "Lambda runs as the processor",
        assumes(LAMBDA, PROCESSOR_ROLE),
        allowed("LambdaExecutionRole/LetLambdaRunAsThisRole"),
    ),
    Row(
        "Lambda names the processor's session",
        assumes(LAMBDA, PROCESSOR_ROLE, action="sts:SetSourceIdentity"),
        NOBODY_LETS,
    ),
    Row(
        "another service runs as the processor",
        assumes("ec2.amazonaws.com", PROCESSOR_ROLE),
        NOBODY_LETS,
    ),
    Row(
        "a flow log of this account uses the flow log's role",
        assumes(FLOW_LOGS, FLOW_LOG_ROLE, source=FLOW_LOG),
        allowed("FlowLogRole/LetFlowLogsOfThisAccountUseTheRole"),
    ),
    Row(
        "a flow log of this account names its session",
        assumes(FLOW_LOGS, FLOW_LOG_ROLE, source=FLOW_LOG, action="sts:SetSourceIdentity"),
        NOBODY_LETS,
    ),
    Row(
        "something of this account that is no flow log uses the flow log's role",
        assumes(FLOW_LOGS, FLOW_LOG_ROLE, source=FLOW_LOG.replace("vpc-flow-log", "vpc")),
        NOBODY_LETS,
    ),
    Row(
        "a flow log of another account uses the flow log's role",
        assumes(
            FLOW_LOGS,
            FLOW_LOG_ROLE,
            source=FLOW_LOG.replace(ACCOUNT, OTHER_ACCOUNT),
            account=OTHER_ACCOUNT,
        ),
        NOBODY_LETS,
    ),
    Row(
        "a service that acts for another account names a flow log of this one",
        assumes(FLOW_LOGS, FLOW_LOG_ROLE, source=FLOW_LOG, account=OTHER_ACCOUNT),
        NOBODY_LETS,
    ),
    Row(
        "another service uses the flow log's role",
        assumes("ec2.amazonaws.com", FLOW_LOG_ROLE, source=FLOW_LOG),
        NOBODY_LETS,
    ),
    Row(
        "CloudTrail uses the trail's role",
        assumes(CLOUDTRAIL, TRAIL_ROLE, source=TRAIL),
        allowed("TrailLogRole/LetCloudTrailUseTheRole"),
    ),
    Row(
        "CloudTrail names the session of the trail's role",
        assumes(CLOUDTRAIL, TRAIL_ROLE, action="sts:SetSourceIdentity"),
        NOBODY_LETS,
    ),
    Row(
        "another service uses the trail's role",
        assumes("ec2.amazonaws.com", TRAIL_ROLE),
        NOBODY_LETS,
    ),
    *(
        Row(
            f"an administrator takes on {assumed.rpartition('/')[2]}",
            Request(administrator(), "sts:AssumeRole", assumed),
            NOBODY_LETS,
        )
        for assumed in (PROCESSOR_ROLE, FLOW_LOG_ROLE, TRAIL_ROLE)
    ),
]


def calls(
    bucket: str = DATA,
    *,
    name: str = "s3.amazonaws.com",
    account: str = ACCOUNT,
    action: str = "lambda:InvokeFunction",
) -> Request:
    return Request(service(name, source_account=account, source_arn=bucket), action, FUNCTION)


CALLED = allowed(
    "TransactionProcessorFunctionFileUploadedPermission/Permission",
    "TransactionProcessorFunctionTaskWrittenPermission/Permission",
)
SWEEP = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/transaction-sweep-dev"
EVENTS = "events.amazonaws.com"
CALL_ROWS = [
    Row("S3 tells the function of an upload", calls(), CALLED),
    # SAM's permission names no bucket; the function processes whatever bucket the event names, and
    # its role reads none but this stack's.
    Row("S3 tells the function of another bucket's upload", calls(OTHER_BUCKET), CALLED),
    Row("S3 tells the function of a task", calls(RESULTS), CALLED),
    Row(
        "S3 tells the function of an upload to another account's bucket of that name",
        calls(account=OTHER_ACCOUNT),
        NOBODY_LETS,
    ),
    Row("another service calls the function", calls(name="sns.amazonaws.com"), NOBODY_LETS),
    Row("S3 reads the function's code", calls(action="lambda:GetFunction"), NOBODY_LETS),
    Row(
        "the sweep's rule calls the function",
        calls(SWEEP, name=EVENTS),
        allowed("SweepPermission/Permission"),
    ),
    Row(
        "another rule calls the function",
        calls(SWEEP.replace("-sweep-", "-else-"), name=EVENTS),
        NOBODY_LETS,
    ),
    Row(
        "another account's rule of that name calls the function",
        calls(SWEEP.replace(ACCOUNT, OTHER_ACCOUNT), name=EVENTS, account=OTHER_ACCOUNT),
        NOBODY_LETS,
    ),
    Row(
        "the sweep's rule reads the function's code",
        calls(SWEEP, name=EVENTS, action="lambda:GetFunction"),
        NOBODY_LETS,
    ),
]

FLOW_GROUP = f"{LOG_GROUPS}:/aws/vpc/transaction-flow-log-dev"
TRAIL_GROUP = f"{LOG_GROUPS}:/aws/cloudtrail/transaction-data-trail-dev"
FLOW_STREAM = f"{FLOW_GROUP}:log-stream:eni-1"
TRAIL_STREAM = f"{TRAIL_GROUP}:log-stream:{ACCOUNT}_CloudTrail_{REGION}_3"
OTHER_STREAM = f"{LOG_GROUPS}:/another:log-stream:{ACCOUNT}_CloudTrail_{REGION}"
FLOW_WRITER, TRAIL_WRITER = (
    role("transaction-flow-log-role-dev"),
    role("transaction-trail-log-role-dev"),
)
OTHER_KEY = KEY_ARN.replace("1111", "9999")
USE_OF_KEY = "EncryptionKey/UseTheKeyOnlyThroughTheServicesOfThisAccount"
FLOWS = allowed("FlowLogPolicy/WriteTheFlowLog")
TRAILS = allowed("TrailLogPolicy/WriteTheTrailsOwnStreams")
FLOW_LOG_ACTIONS = {
    "logs:CreateLogStream": FLOW_STREAM,
    "logs:DescribeLogStreams": f"{FLOW_GROUP}:*",
    "logs:PutLogEvents": FLOW_STREAM,
}
WRITER_ROWS = [
    *(
        Row(f"the flow log asks for {action}", Request(FLOW_WRITER, action, resource), FLOWS)
        for action, resource in FLOW_LOG_ACTIONS.items()
    ),
    # The service asks so, whatever group is meant.
    Row(
        "the flow log lists log groups",
        Request(FLOW_WRITER, "logs:DescribeLogGroups", f"{LOG_GROUPS}::log-stream:"),
        allowed("FlowLogPolicy/FindTheLogGroup"),
    ),
    *(
        Row(f"the trail asks for {action}", Request(TRAIL_WRITER, action, TRAIL_STREAM), TRAILS)
        for action in ("logs:CreateLogStream", "logs:PutLogEvents")
    ),
    *(
        Row(f"the {name} {sentence}", Request(caller, action, resource), NOT_GIVEN)
        for name, caller, own in (
            ("flow log", FLOW_WRITER, FLOW_STREAM),
            ("trail", TRAIL_WRITER, TRAIL_STREAM),
        )
        for sentence, action, resource in (
            ("deletes its log", "logs:DeleteLogStream", own),
            ("makes a group of its own", "logs:CreateLogGroup", own),
            ("writes another log", "logs:PutLogEvents", OTHER_STREAM),
        )
    ),
    # CloudWatch Logs uses the key for whoever writes into an encrypted group.
    *(
        row
        for name, caller, policy in (
            ("flow log", FLOW_WRITER, "FlowLogPolicy"),
            ("trail", TRAIL_WRITER, "TrailLogPolicy"),
        )
        for action in ("kms:Decrypt", "kms:GenerateDataKey")
        for row in (
            Row(
                f"the {name} asks for {action} through CloudWatch Logs",
                Request(caller, action, KEY_ARN, through("logs")),
                allowed(USE_OF_KEY, f"{policy}/EncryptThroughCloudWatchLogs"),
            ),
            Row(
                f"the {name} asks for {action} through S3",
                Request(caller, action, KEY_ARN, through("s3")),
                NOT_GIVEN,
            ),
            Row(
                f"the {name} asks for {action} of another key",
                Request(caller, action, OTHER_KEY, through("logs")),
                not_allowed("identity", "resource"),
            ),
        )
    ),
    Row(
        "the trail writes a stream that is not its own",
        Request(TRAIL_WRITER, "logs:PutLogEvents", f"{TRAIL_GROUP}:log-stream:mine"),
        NOT_GIVEN,
    ),
]


@table(TRUST_ROWS)
def test_roles_are_taken_on_by_their_service_only(row: Row) -> None:
    assert row.decided() == row.answer


@table(CALL_ROWS)
def test_function_is_called_by_s3_of_this_account_and_the_sweep_only(row: Row) -> None:
    assert row.decided() == row.answer


@table(WRITER_ROWS)
def test_log_writers_write_their_own_log_and_no_more(row: Row) -> None:
    assert row.decided() == row.answer
