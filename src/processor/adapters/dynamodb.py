"""TransactionMetadataTable behind the pipeline's port."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from processor.adapters.aws import error_code, is_retryable, translated_errors
from processor.domain.card import key_id_of
from processor.domain.file import SourceFile
from processor.domain.transaction import Identity
from processor.errors import ServiceRefused
from processor.ports import InsertAnswer, Row, StoredItem

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
        client: A DynamoDB client.
        table_name: The table's name.
    """

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name
        self._statements: dict[tuple[str, ...], str] = {}

    def insert(
        self, rows: Sequence[Row], source: SourceFile, processed_at: datetime
    ) -> list[InsertAnswer]:
        """See TransactionTable. HTTP 200 means nothing: every statement has its own answer."""
        provenance = _provenance(source, processed_at)
        statements = [self._statement(row, provenance) for row in rows]
        return self._execute(statements)

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
            Identity(item["transactionId"]["S"], int(item["timestamp"]["N"])): StoredItem(
                item["fingerprint"]["S"],
                item["bucket"]["S"],
                item["key"]["S"],
                item["versionId"]["S"],
                int(item["recordNumber"]["N"]),
                key_id_of(item["cardToken"]["S"]) if "cardToken" in item else None,
            )
            for item in answer["Responses"].get(self._table_name, [])
        }

    def _statement(self, row: Row, provenance: dict[str, Any]) -> dict[str, Any]:
        item = _content(row) | provenance
        names = tuple(item)
        statement = self._statements.get(names)
        if statement is None:
            members = ", ".join(f"'{name}': ?" for name in names)
            statement = f'INSERT INTO "{self._table_name}" VALUE {{{members}}}'
            self._statements[names] = statement
        return {"Statement": statement, "Parameters": list(item.values())}

    def _execute(self, statements: list[dict[str, Any]]) -> list[InsertAnswer]:
        try:
            # The stubs know no plain dictionary as a statement.
            answer = self._client.batch_execute_statement(Statements=statements)  # type: ignore[arg-type]
        except ClientError as error:
            if error_code(error) == "ValidationException" and len(statements) > 1:
                # One statement against the request's own rules refuses them all: ask each alone.
                # Refused alone it fails the file: the fault lies here, not in the record, whose
                # values were judged.
                return self._execute_each(statements)
            if is_retryable(error):
                return [InsertAnswer.TRY_AGAIN] * len(statements)
            raise ServiceRefused(f"BatchExecuteStatement: {error_code(error)}") from error
        except NoCredentialsError as error:
            raise ServiceRefused("BatchExecuteStatement: no credentials") from error
        except BotoCoreError:
            # No reply: some, all or none were written. Asked again, each of them will tell.
            return [InsertAnswer.TRY_AGAIN] * len(statements)
        responses = answer["Responses"]
        if len(responses) != len(statements):
            raise ServiceRefused(
                f"BatchExecuteStatement: {len(responses)} answers to {len(statements)}"
            )
        return [_answer(response.get("Error", {}).get("Code")) for response in responses]

    def _execute_each(self, statements: list[dict[str, Any]]) -> list[InsertAnswer]:
        """Executes one after the other; if the table is busy, the rest waits as well."""
        answers: list[InsertAnswer] = []
        for statement in statements:
            answers += self._execute([statement])
            if answers[-1] is InsertAnswer.TRY_AGAIN:
                break
        return answers + [InsertAnswer.TRY_AGAIN] * (len(statements) - len(answers))


def _answer(code: str | None) -> InsertAnswer:
    if code is None:
        return InsertAnswer.INSERTED
    if code in _EXISTS:
        return InsertAnswer.EXISTS
    if code in _TRY_AGAIN:
        return InsertAnswer.TRY_AGAIN
    if code in _INVALID:
        return InsertAnswer.INVALID
    raise ServiceRefused(f"BatchExecuteStatement: {code}")


def _content(row: Row) -> dict[str, Any]:
    """The item's attributes that differ from row to row, absent ones left out."""
    transaction = row.transaction
    item: dict[str, Any] = {
        "transactionId": {"S": transaction.transaction_id},
        "timestamp": {"N": str(transaction.timestamp_ms)},
        "amount": {"N": transaction.amount},
        "currency": {"S": transaction.currency},
        "fingerprint": {"S": row.fingerprint},
        "recordNumber": {"N": str(row.record_number)},
    }
    for name, text in transaction.optional.items():
        item[name] = {"S": text}
    if transaction.card:
        item["cardToken"] = {"S": transaction.card.token}
        item["cardLastFour"] = {"S": transaction.card.last_four}
    if transaction.extra:
        item["extra"] = {"M": {name: {"S": text} for name, text in transaction.extra.items()}}
    return item


def _provenance(source: SourceFile, processed_at: datetime) -> dict[str, Any]:
    """The item's attributes that all rows of one call share."""
    version = source.object_version
    return {
        "status": {"S": STATUS},
        "processedAt": {
            "S": processed_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        },
        "bucket": {"S": version.bucket},
        "key": {"S": version.key},
        "versionId": {"S": version.version},
        "contentType": {"S": source.content_type},
        "encryptionType": {"S": source.encryption_type},
        "lastModified": {"S": source.last_modified},
    }
