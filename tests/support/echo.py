"""Services that quote: every error repeats what the call sent, and more than that.

moto answers calls in this process. What it cannot do (a parameterised PartiQL INSERT) is done here
by the put that the statement means. A fault planned for an operation is answered in its place.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError


@dataclass(frozen=True)
class Refusal:
    """An error as a service answers it, with whatever else quotes the request.

    Args:
        code: Its code.
        status: Its HTTP status.
        message: Its message.
    """

    code: str
    status: int
    message: str

    def parsed(self) -> dict[str, Any]:
        """As botocore's parsers give it."""
        item = {"transactionId": {"S": self.message}}
        return {
            "Error": {"Code": self.code, "Message": self.message, "Item": item},
            "Item": item,
            "CancellationReasons": [{"Code": "None", "Message": self.message, "Item": item}] * 2,
            "ResponseMetadata": {"HTTPStatusCode": self.status, "HTTPHeaders": {}},
        }


_BYTES_BEFORE_THE_BREAK = 500

type Planned = Callable[[str], Refusal | Exception]
"""What happens to a call, from what is quoted: a service's error, or one within the SDK."""


@dataclass
class _Http:
    """As much of an HTTP response as botocore looks at behind the parser."""

    status_code: int


@dataclass
class Breaking:
    """The body of an object, which breaks off behind its first bytes."""

    body: Any
    error: Exception
    has_begun: bool = False

    def read(self, size: int | None = None) -> bytes:
        if size is None or self.has_begun:
            raise self.error
        self.has_begun = True
        data: bytes = self.body.read(_BYTES_BEFORE_THE_BREAK)
        return data

    def close(self) -> None:
        self.body.close()


@dataclass
class Echo:
    """Stands in front of moto, for every client that it was given.

    Args:
        quoted: Repeated in every error besides the request itself.
        faults: By operation, what happens to its calls.
        effect_stays: Whether a call has its effect before its fault.
        changes_body: Gives what is read in an object's body's place, from that and from what is
            quoted.
        faulty_calls: How many calls got their fault, by operation.
    """

    quoted: str
    faults: Mapping[str, Planned] = field(default_factory=dict)
    effect_stays: bool = False
    changes_body: Callable[[Any, str], object] | None = None
    faulty_calls: Counter[str] = field(default_factory=Counter)
    _sent: str = ""
    _table: Any = None

    def stand_before(self, client: Any, table: Any = None) -> Any:
        """Puts itself in front of a client; `table` is a DynamoDB client that does the puts."""
        events = client.meta.events
        events.register("before-call", self._before)
        events.register("after-call", self._after)
        self._table = table or self._table
        return client

    def _before(self, model: Any, params: dict[str, Any], **_: Any) -> object:
        body = params.get("body") or b""
        text = body.decode(errors="replace") if isinstance(body, bytes) else ""
        self._sent = f"{params['url']} {params['headers']} {text}"
        if self.effect_stays or model.name not in self.faults:
            is_insert = model.name == "BatchExecuteStatement"
            return self._insert(body) if is_insert else None
        refusal = self._fault(model.name)
        return _Http(refusal.status), refusal.parsed()

    def _after(self, http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if self.changes_body and model.name == "GetObject" and "Body" in parsed:
            parsed["Body"] = self.changes_body(parsed["Body"], f"{self._sent} {self.quoted}")
        if self.effect_stays and model.name in self.faults:
            refusal = self._fault(model.name)
            http_response.status_code = refusal.status
            parsed.clear()
            parsed.update(refusal.parsed())

    def _fault(self, operation: str) -> Refusal:
        self.faulty_calls[operation] += 1
        fault = self.faults[operation](f"{self._sent} {self.quoted}")
        if isinstance(fault, Exception):
            raise fault from ValueError(self.quoted)
        return fault

    def _insert(self, body: bytes) -> tuple[_Http, dict[str, Any]]:
        """The puts that a batch of INSERT statements means, each answered for itself."""
        responses = []
        for statement in json.loads(body)["Statements"]:
            names = [part.split("'")[1] for part in statement["Statement"].split("?")[:-1]]
            item = dict(zip(names, statement["Parameters"], strict=True))
            table_name = statement["Statement"].split('"')[1]
            try:
                self._table.put_item(
                    TableName=table_name,
                    Item=item,
                    ConditionExpression="attribute_not_exists(transactionId)",
                )
                responses.append({"TableName": table_name})
            except ClientError:
                error = {"Code": "DuplicateItem", "Message": f"Duplicate {item}", "Item": item}
                responses.append({"Error": error, "TableName": table_name})
        return _Http(200), {
            "Responses": responses,
            "ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}},
        }


def answering(code: str, status: int = 400) -> Planned:
    """A service's error of this code, its message the quotation."""
    return lambda quoted: Refusal(code, status, quoted)
