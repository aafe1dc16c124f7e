"""boto3's batch_writer: 25 rows a call, resent where DynamoDB leaves some.

Source: https://docs.aws.amazon.com/boto3/latest/guide/dynamodb.html#batch-writing
"""

import boto3

from benchmarks import measured
from benchmarks.peers.checking import items_of
from benchmarks.serving.names import TRANSACTIONS

s3 = boto3.client("s3")
table = boto3.resource("dynamodb").Table(TRANSACTIONS)


def handle(file: measured.File) -> int:
    """Stores rows in batches. What is there is overwritten."""
    body = s3.get_object(Bucket=file["bucket"], Key=file["key"])["Body"].read()
    count = 0
    with table.batch_writer() as batch:
        for item in items_of(body.decode(), file):
            batch.put_item(Item=item)
            count += 1
    return count


if __name__ == "__main__":
    measured.run(handle)
