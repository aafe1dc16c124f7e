"""Which ways back an invocation goes, seen from its calls alone."""

import re
from functools import lru_cache
from typing import Any, Final

from botocore.exceptions import ClientError

from tests.simulation.account import Account
from tests.simulation.function import Invocation
from tests.simulation.summary import Summary

_NAME: Final = re.compile(r"'(\w+)': \?")


class ObservedCalls:
    """Looks at each call of a run.

    Args:
        account: Its stores.
        table: The name of the table of transactions.
        summary: Counts recoveries.
    """

    def __init__(self, account: Account, table: str, summary: Summary) -> None:
        self._account = account
        self._table = table
        self._summary = summary
        self._undone: dict[int, list[tuple[str, set[str]]]] = {}

    def answered(
        self, invocation: Invocation, operation: str, parameters: Any, reply: dict[str, Any]
    ) -> None:
        """A call had an answer."""
        reached = self._summary.reached
        if operation == "BatchExecuteStatement":
            self._statements(invocation, parameters["Statements"], reply["Responses"])
        elif operation == "BatchGetItem":
            asked = sum(len(one["Keys"]) for one in parameters["RequestItems"].values())
            if sum(map(len, reply["Responses"].values())) < asked:
                reached("a read-back left a key out")
        elif operation == "GetObject" and not parameters.get("Range", "bytes=0-").startswith(
            "bytes=0-"
        ):
            reached("a read went on behind what came")
        elif operation == "PutObject" and "IfNoneMatch" not in parameters:
            reached("a quarantine object was replaced")

    def failed(
        self, invocation: Invocation, operation: str, parameters: Any, error: BaseException
    ) -> None:
        """A call had no answer, or an error for one."""
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        if operation == "BatchExecuteStatement":
            ids = {_id_of(one) for one in parameters["Statements"]}
            self._again(invocation, ids)
            self._remember(invocation, "a whole batch tried again", ids)
        elif operation == "UpdateItem" and code == "ConditionalCheckFailedException":
            self._summary.reached("the entry was closed")
        elif operation == "PutObject" and code == "PreconditionFailed":
            is_receipt = parameters["Key"].startswith("receipts/")
            what = "the receipt" if is_receipt else "a quarantine object"
            self._summary.reached(f"{what} was there")

    def _statements(self, invocation: Invocation, statements: Any, answers: Any) -> None:
        self._again(invocation, {_id_of(one) for one in statements})
        undone = set()
        for statement, answer in zip(statements, answers, strict=True):
            code = answer.get("Error", {}).get("Code")
            if code == "DuplicateItem":
                self._duplicate(statement)
            elif code:
                undone.add(_id_of(statement))
        if undone:
            self._remember(invocation, "a statement alone tried again", undone)

    def _remember(self, invocation: Invocation, recovery: str, ids: set[str]) -> None:
        self._undone.setdefault(invocation.delivery, []).append((recovery, ids))

    def _again(self, invocation: Invocation, ids: set[str]) -> None:
        for recovery, undone in self._undone.get(invocation.delivery, ()):
            if ids == undone:
                self._summary.reached(recovery)

    def _duplicate(self, statement: Any) -> None:
        """An identity is taken: by the row itself?"""
        names = _names(statement["Statement"])
        row = dict(zip(names, statement["Parameters"], strict=True))
        stored = self._account.item(self._table, row["transactionId"], row["timestamp"])
        source = ("key", "versionId", "recordNumber")
        if stored and all(stored[name] == row[name] for name in source):
            self._summary.reached("a row found itself")


@lru_cache(maxsize=1024)
def _names(statement: str) -> list[str]:
    return _NAME.findall(statement)


def _id_of(statement: Any) -> str:
    first, second = statement["Parameters"][:2]
    return f"{first}{second}"
