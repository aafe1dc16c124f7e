"""Powertools' idempotent function, called for each row: once each, by two more writes.

Source: https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/
"""

from typing import Any, cast

import boto3
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

from benchmarks import measured
from benchmarks.peers.checking import items_of
from benchmarks.serving.names import IDEMPOTENCY, TRANSACTIONS

s3 = boto3.client("s3")
table = boto3.resource("dynamodb").Table(TRANSACTIONS)
persistence = DynamoDBPersistenceLayer(table_name=IDEMPOTENCY)
config = IdempotencyConfig(event_key_jmespath="[transactionId, timestamp]")


# Powertools' decorator has no types.
@idempotent_function(  # type: ignore[untyped-decorator]
    data_keyword_argument="item", config=config, persistence_store=persistence
)
def store(item: dict[str, Any]) -> dict[str, str]:
    """Stores a row."""
    table.put_item(Item=item)
    return {"transactionId": item["transactionId"]}


def handle(file: measured.File) -> int:
    """Stores each row that nobody stored before."""
    body = s3.get_object(Bucket=file["bucket"], Key=file["key"])["Body"].read()
    config.register_lambda_context(cast("Any", measured.Context()))
    count = 0
    for item in items_of(body.decode(), file):
        store(item=item)
        count += 1
    return count


if __name__ == "__main__":
    measured.run(handle)
