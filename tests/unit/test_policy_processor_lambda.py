"""What Lambda does with the processor's role, and what the network rights are no good for."""

from tests.support.policy import Decision, Request, allowed, not_allowed, refused
from tests.support.policy.table import FUNCTION, LOG_GROUPS, PROCESSOR, QUEUE, Row, table
from tests.support.template import ACCOUNT

ROLE = "TransactionProcessorPolicy"
NOT_GIVEN = not_allowed("identity")
STREAM = f"{LOG_GROUPS}:/aws/lambda/transaction-processor-dev:log-stream:2025"
OTHER_STREAM = f"{LOG_GROUPS}:/aws/lambda/another:log-stream:2025"


def by_lambda(sentence: str, action: str, resource: str, answer: Decision) -> Row:
    return Row(f"Lambda for the processor {sentence}", Request(PROCESSOR, action, resource), answer)


HANDS_OVER = allowed(f"{ROLE}/HandOverFailedEvents")
LOGS = allowed(f"{ROLE}/WriteItsLog")
OTHER_QUEUE = QUEUE.replace("failed-events", "another")
LAMBDA_ROWS = [
    by_lambda("hands over a failed event", "sqs:SendMessage", QUEUE, HANDS_OVER),
    by_lambda("takes a failed event back", "sqs:ReceiveMessage", QUEUE, NOT_GIVEN),
    by_lambda("sends to another queue", "sqs:SendMessage", OTHER_QUEUE, NOT_GIVEN),
    by_lambda("opens a log stream", "logs:CreateLogStream", STREAM, LOGS),
    by_lambda("writes the log", "logs:PutLogEvents", STREAM, LOGS),
    by_lambda("deletes a log stream", "logs:DeleteLogStream", STREAM, NOT_GIVEN),
    by_lambda("writes another log", "logs:PutLogEvents", OTHER_STREAM, NOT_GIVEN),
]

NETWORK = [
    "AssignPrivateIpAddresses",
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "UnassignPrivateIpAddresses",
]
BY_THE_CODE = {"lambda:SourceFunctionArn": FUNCTION}
BY_OTHER_CODE = {"lambda:SourceFunctionArn": FUNCTION.replace("-dev", "-else")}
ATTACHES = allowed(f"{ROLE}/LetLambdaAttachTheFunctionToTheVpc")
CODE_REFUSED = refused(f"{ROLE}/RefuseNetworkChangesByTheCode")
NETWORK_ROWS = [
    *(by_lambda(f"calls {one}", f"ec2:{one}", "*", ATTACHES) for one in NETWORK),
    by_lambda("detaches an interface", "ec2:DetachNetworkInterface", "*", NOT_GIVEN),
    by_lambda("starts a machine", "ec2:RunInstances", "*", NOT_GIVEN),
    *(
        Row(
            f"the processor's code calls {one}",
            Request(PROCESSOR, f"ec2:{one}", "*", BY_THE_CODE),
            CODE_REFUSED,
        )
        for one in [*NETWORK, "DetachNetworkInterface"]
    ),
    Row(
        "another function's code with the role calls DescribeSubnets",
        Request(PROCESSOR, "ec2:DescribeSubnets", "*", BY_OTHER_CODE),
        ATTACHES,
    ),
    Row(
        "the processor assumes another role",
        Request(PROCESSOR, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/other"),
        not_allowed("identity", "resource"),
    ),
]


@table(LAMBDA_ROWS)
def test_lambda_works_for_the_processor_from_outside(row: Row) -> None:
    assert row.decided() == row.answer


@table(NETWORK_ROWS)
def test_network_is_attached_by_lambda_and_never_by_the_code(row: Row) -> None:
    assert row.decided() == row.answer
