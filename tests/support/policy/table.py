"""Rows of the tables of requests, and the names of what stands in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import pytest

from tests.support.policy.account import Account
from tests.support.policy.decision import Decision
from tests.support.policy.requests import Caller, Request, role
from tests.support.template import ACCOUNT, REGION, stack

_HOME: Final = f"{REGION}:{ACCOUNT}"
DATA: Final = f"arn:aws:s3:::transaction-data-{ACCOUNT}-dev"
RESULTS: Final = f"arn:aws:s3:::transaction-results-{ACCOUNT}-dev"
AUDIT_LOGS: Final = f"arn:aws:s3:::transaction-audit-logs-{ACCOUNT}-dev"
ACCESS_LOGS: Final = f"arn:aws:s3:::transaction-access-logs-{ACCOUNT}-dev"
OTHER_BUCKET: Final = "arn:aws:s3:::somebody-elses"
TRANSACTIONS: Final = f"arn:aws:dynamodb:{_HOME}:table/transaction-metadata-dev"
FILES: Final = f"arn:aws:dynamodb:{_HOME}:table/file-ledger-dev"
SECRET: Final = f"arn:aws:secretsmanager:{_HOME}:secret:transaction-processor-config-dev-AbCdEf"
QUEUE: Final = f"arn:aws:sqs:{_HOME}:failed-events-dev"
TOPIC: Final = f"arn:aws:sns:{_HOME}:transaction-alarms-dev"
FUNCTION: Final = f"arn:aws:lambda:{_HOME}:function:transaction-processor-dev"
TRAIL: Final = f"arn:aws:cloudtrail:{_HOME}:trail/transaction-data-trail-dev"
LOG_GROUPS: Final = f"arn:aws:logs:{_HOME}:log-group"

NONE: Final[Mapping[str, str]] = {}
SSE: Final = "s3:x-amz-server-side-encryption"
SSE_KEY: Final = "s3:x-amz-server-side-encryption-aws-kms-key-id"
_HEADERS: Final = {
    "sse": SSE,
    "key": SSE_KEY,
    "own_key": "s3:x-amz-server-side-encryption-customer-algorithm",
    "if_none_match": "s3:if-none-match",
}

PROCESSOR: Final = role("transaction-processor-role-dev")
# The same role, had somebody attached every right to it: what still stops it is not IAM.
PROCESSOR_WITH_EVERY_RIGHT: Final = role("transaction-processor-role-dev", is_administrator=True)


@dataclass(frozen=True)
class Row:
    """One line of a table: a sentence, the request that it speaks of, and AWS's answer.

    Attributes:
        sentence: Who does what from where; the name of the test.
        request: The same, as policies see it.
        answer: The verdict, with the statements or policies that decide it.
        parameters: Of the deployment; the defaults if none.
    """

    sentence: str
    request: Request
    answer: Decision
    parameters: Mapping[str, str] = field(default_factory=dict)

    def decided(self) -> Decision:
        """What the stack's policies make of the request."""
        return _account(tuple(self.parameters.items())).decide(self.request)


@cache
def _account(parameters: tuple[tuple[str, str], ...]) -> Account:
    return Account(stack(**dict(parameters)))


def table(rows: list[Row]) -> pytest.MarkDecorator:
    """Makes a test run once for each row."""
    return pytest.mark.parametrize("row", [pytest.param(row, id=row.sentence) for row in rows])


def through(service: str) -> dict[str, str]:
    """Condition keys of a call to KMS that a service of this region makes for its caller."""
    return {
        "kms:CallerAccount": ACCOUNT,
        "kms:ViaService": f"{service}.{REGION}.amazonaws.com",
    }


def upload(caller: Caller, **headers: str) -> Request:
    """A file that is sent, with the encryption headers `sse`, `key` and `own_key`."""
    return _put(caller, f"{DATA}/a.csv", headers)


def result(caller: Caller, place: str = "receipts/a.json", **headers: str) -> Request:
    """A result that is written where there is none yet, with the headers as of an upload.

    A header `if_none_match` that is empty is not sent.
    """
    return _put(caller, f"{RESULTS}/{place}", {"if_none_match": "*", **headers})


def at_work(caller: Caller, action: str, resource: str, keys: Mapping[str, str] = NONE) -> Request:
    """A request from where its caller works: the processor in its subnet, others elsewhere."""
    return Request(caller, action, resource, keys, from_subnet=caller.name == PROCESSOR.name)


def _put(caller: Caller, place: str, headers: Mapping[str, str]) -> Request:
    keys = {_HEADERS[name]: value for name, value in headers.items() if value}
    return at_work(caller, "s3:PutObject", place, keys)
