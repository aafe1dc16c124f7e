"""Statements over an SDK client, for whatever stands in for DynamoDB behind one."""

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from processor.adapters.statements import NoReply, Reply


class Answered:
    """A reply that is there, or the error in its place."""

    def __init__(self, fetch: Callable[[], Reply]) -> None:
        self._fetch = fetch

    def receive(self) -> Reply:
        """See ReplyUnderway."""
        return self._fetch()

    def abandon(self) -> None:
        """See ReplyUnderway: it has been executed."""


class SdkStatements:
    """See Statements. A request is executed when it is sent.

    Args:
        client: A DynamoDB client.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, body: bytes) -> Answered:
        """See Statements."""
        try:
            reply = reply_of(lambda: self._client.batch_execute_statement(**json.loads(body)))
        except NoReply as error:
            return Answered(_raising(error))
        return Answered(lambda: reply)


def reply_of(call: Callable[[], Any]) -> Reply:
    """What came over the wire for an SDK's call to end as it did."""
    try:
        answer = call()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        document = {
            "__type": f"com.amazonaws.dynamodb.v20120810#{code}",
            "message": error.response.get("Error", {}).get("Message", ""),
        }
        return Reply(status, json.dumps(document).encode())
    except BotoCoreError as error:
        raise NoReply(type(error).__name__) from error
    return Reply(200, json.dumps({"Responses": answer["Responses"]}).encode())


def _raising(error: NoReply) -> Callable[[], Reply]:
    def fetch() -> Reply:
        raise error

    return fetch
