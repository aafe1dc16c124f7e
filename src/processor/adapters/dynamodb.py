"""TransactionMetadataTable behind the pipeline's port."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import NoCredentialsError

from processor.adapters.aws import is_retryable_reply, translated_errors
from processor.adapters.statements import NoReply, Reply, ReplyUnderway, Statements
from processor.domain.card import key_id_of
from processor.domain.file import SourceFile
from processor.domain.transaction import Identity, Transaction
from processor.errors import ServiceRefused
from processor.ports import InsertAnswer, InsertUnderway, Row, StoredItem

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STATUS: Final = "processed"

_EXISTS: Final = frozenset({"DuplicateItem", "ConditionalCheckFailed"})
_TRY_AGAIN: Final = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ThrottlingError",
        "TransactionConflict",
    }
)
_INVALID: Final = frozenset({"ValidationError", "ItemCollectionSizeLimitExceeded"})
"""Source of all three: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/
API_BatchStatementError.html. Any other code (AccessDenied, ResourceNotFound, one yet unknown) says
nothing of the row: it fails the file."""

_HTTP_OK: Final = 200

_ALWAYS: Final = (
    *("transactionId", "timestamp", "amount", "currency", "fingerprint", "recordNumber"),
)
_PRESENT: Final = {
    (has_card, has_extra): ("cardToken", "cardLastFour") * has_card + ("extra",) * has_extra
    for has_card in (False, True)
    for has_extra in (False, True)
}
_PROVENANCE: Final = (
    *("status", "processedAt", "bucket", "key", "versionId"),
    *("contentType", "encryptionType", "lastModified"),
)
"""Names of an item's attributes, in the order of the statement's parameters; between the first and
the second the optional fields that are present."""

_RETURNING: Final = '"ReturnValuesOnConditionCheckFailure":"ALL_OLD"'
"""Whoever holds the identity is in the answer, so that nothing needs to be read back. Source:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementRequest.html"""

_ATTRIBUTES: Final = (
    "transactionId",
    "timestamp",
    "fingerprint",
    "bucket",
    "key",
    "versionId",
    "recordNumber",
    "cardToken",
)
_PROJECTION: Final = ", ".join(f"#{name}" for name in _ATTRIBUTES)
_PROJECTION_NAMES: Final = {f"#{name}": name for name in _ATTRIBUTES}


class DynamoDbTransactionTable:
    """Inserts by PartiQL, each statement conditional on its key being free, and reads back.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.insert.html

    Args:
        client: A DynamoDB client, for reading back.
        statements: Executes the inserts.
        table_name: The table's name.
    """

    def __init__(self, client: "DynamoDBClient", statements: Statements, table_name: str) -> None:
        self._client = client
        self._statements = statements
        self._table_name = table_name
        self._openings: dict[tuple[str, ...], str] = {}

    def insert(
        self, rows: Sequence[Row], source: SourceFile, processed_at: datetime
    ) -> InsertUnderway:
        """See TransactionTable."""
        closing = _closing(source, processed_at)
        return _Inserting(self._statements, [self._statement(row) + closing for row in rows])

    def find(self, identities: Sequence[Identity]) -> Mapping[Identity, StoredItem]:
        """See TransactionTable. Keys that DynamoDB left unprocessed are simply absent."""
        keys = [
            {"transactionId": {"S": name}, "timestamp": {"N": str(timestamp_ms)}}
            for name, timestamp_ms in identities
        ]
        with translated_errors("BatchGetItem"):
            answer = self._client.batch_get_item(
                RequestItems={
                    self._table_name: {
                        "Keys": keys,
                        "ConsistentRead": True,
                        "ProjectionExpression": _PROJECTION,
                        "ExpressionAttributeNames": _PROJECTION_NAMES,
                    }
                }
            )
        return {
            Identity(item["transactionId"]["S"], int(item["timestamp"]["N"])): _stored(item)
            for item in answer["Responses"].get(self._table_name, [])
        }

    def _statement(self, row: Row) -> str:
        """A statement as JSON, but for the parameters that all rows of a file share."""
        transaction = row.transaction
        names = (*transaction.optional, *_PRESENT[bool(transaction.card), bool(transaction.extra)])
        opening = self._openings.get(names)
        if opening is None:
            members = ", ".join(f"'{name}': ?" for name in (*_ALWAYS, *names, *_PROVENANCE))
            text = quoted(f'INSERT INTO "{self._table_name}" VALUE {{{members}}}')
            opening = self._openings[names] = f'{{"Statement":{text},{_RETURNING},"Parameters":['
        return (
            f'{opening}{{"S":{quoted(transaction.transaction_id)}}},'
            f'{{"N":"{transaction.timestamp_ms}"}},{{"N":"{transaction.amount}"}},'
            f'{{"S":"{transaction.currency}"}},{{"S":"{row.fingerprint}"}},'
            f'{{"N":"{row.record_number}"}},{_parameters(transaction)}'
        )


class _Inserting:
    """One request under way, and what each of its statements comes to."""

    def __init__(self, statements: Statements, texts: list[str]) -> None:
        self._statements = statements
        self._texts = texts
        self._underway = self._send(texts)

    def answers(self) -> list[InsertAnswer | StoredItem]:
        """See InsertUnderway. HTTP 200 means nothing: every statement has its own answer."""
        return self._answers(self._underway, self._texts)

    def abandon(self) -> None:
        """See InsertUnderway."""
        self._underway.abandon()

    def _send(self, texts: list[str]) -> ReplyUnderway:
        return self._statements.send(f'{{"Statements":[{",".join(texts)}]}}'.encode())

    def _answers(
        self, underway: ReplyUnderway, texts: list[str]
    ) -> list[InsertAnswer | StoredItem]:
        try:
            reply = underway.receive()
        except NoReply as error:
            if isinstance(error.__cause__, NoCredentialsError):
                raise ServiceRefused("BatchExecuteStatement: no credentials") from error
            # Some, all or none were written. Asked again, each of them will tell.
            return [InsertAnswer.TRY_AGAIN] * len(texts)
        if reply.status != _HTTP_OK:
            return self._refused(reply, texts)
        try:
            responses = json.loads(reply.body)["Responses"]
        except (ValueError, KeyError, TypeError):
            # Whoever stands between has answered, or the reply is cut: the same as none.
            return [InsertAnswer.TRY_AGAIN] * len(texts)
        if len(responses) != len(texts):
            raise ServiceRefused(f"BatchExecuteStatement: {len(responses)} answers to {len(texts)}")
        return [
            _answer(response["Error"]) if "Error" in response else InsertAnswer.INSERTED
            for response in responses
        ]

    def _refused(self, reply: Reply, texts: list[str]) -> list[InsertAnswer | StoredItem]:
        code = _code(reply.body)
        if code == "ValidationException" and len(texts) > 1:
            # One statement against the request's own rules refuses them all: ask each alone.
            # Refused alone it fails the file: the fault lies here, not in the record, whose
            # values were judged.
            return self._ask_each(texts)
        if is_retryable_reply(code, reply.status):
            return [InsertAnswer.TRY_AGAIN] * len(texts)
        raise ServiceRefused(f"BatchExecuteStatement: {code}")

    def _ask_each(self, texts: list[str]) -> list[InsertAnswer | StoredItem]:
        """Asks one after the other; if the table is busy, the rest waits as well."""
        answers: list[InsertAnswer | StoredItem] = []
        for text in texts:
            answers += self._answers(self._send([text]), [text])
            if answers[-1] is InsertAnswer.TRY_AGAIN:
                break
        return answers + [InsertAnswer.TRY_AGAIN] * (len(texts) - len(answers))


def _code(body: bytes) -> str:
    """The code of a refused request; whoever stands between may answer with anything."""
    try:
        document = json.loads(body)
    except ValueError:
        return ""
    return _only_code(document.get("__type") if isinstance(document, dict) else None)


def _only_code(kind: object) -> str:
    """The code that a name such as `com.amazonaws.dynamodb.v20120810#AccessDeniedException` ends
    with. What is none is not told: errors name it, and it may quote what was sent."""
    code = kind.rpartition("#")[2] if isinstance(kind, str) else ""
    return code if code.isascii() and code.isalpha() else ""


def _answer(error: Mapping[str, Any]) -> InsertAnswer | StoredItem:
    code = _only_code(error.get("Code"))
    if code in _EXISTS:
        return _stored(error["Item"]) if error.get("Item") else InsertAnswer.EXISTS
    if code in _TRY_AGAIN:
        return InsertAnswer.TRY_AGAIN
    if code in _INVALID:
        return InsertAnswer.INVALID
    raise ServiceRefused(f"BatchExecuteStatement: {code}")


def _stored(item: Mapping[str, Any]) -> StoredItem:
    return StoredItem(
        item["fingerprint"]["S"],
        item["bucket"]["S"],
        item["key"]["S"],
        item["versionId"]["S"],
        int(item["recordNumber"]["N"]),
        key_id_of(item["cardToken"]["S"]) if "cardToken" in item else None,
    )


def _parameters(transaction: Transaction) -> str:
    """The parameters of what a transaction may lack, in the order of `_statement`'s names."""
    parts = [f'{{"S":{quoted(text)}}},' for text in transaction.optional.values()]
    if transaction.card:
        parts.append(
            f'{{"S":{quoted(transaction.card.token)}}},{{"S":"{transaction.card.last_four}"}},'
        )
    if transaction.extra:
        extra = ",".join(
            [f'{quoted(name)}:{{"S":{quoted(text)}}}' for name, text in transaction.extra.items()]
        )
        parts.append(f'{{"M":{{{extra}}}}},')
    return "".join(parts)


def _closing(source: SourceFile, processed_at: datetime) -> str:
    """The end of each statement of one call: the parameters of `_PROVENANCE`, in its order."""
    version = source.object_version
    texts = (
        STATUS,
        processed_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        version.bucket,
        version.key,
        version.version,
        source.content_type,
        source.encryption_type,
        source.last_modified,
    )
    return ",".join([f'{{"S":{quoted(text)}}}' for text in texts]) + "]}"
