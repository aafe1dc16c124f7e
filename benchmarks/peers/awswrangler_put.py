"""AWS SDK for pandas: the object into a data frame, the frame into the table.

Source: https://aws-sdk-pandas.readthedocs.io/en/stable/stubs/awswrangler.dynamodb.put_df.html
"""

import os
from decimal import Decimal

import awswrangler as wr
import pandas as pd

from benchmarks import measured
from benchmarks.serving.names import TRANSACTIONS

wr.config.s3_endpoint_url = os.environ["AWS_ENDPOINT_URL"]
wr.config.dynamodb_endpoint_url = os.environ["AWS_ENDPOINT_URL"]

_NAMES = {"transaction_id": "transactionId", "account_id": "accountId"}


def handle(file: measured.File) -> int:
    """Stores all rows that can be read. What is there is overwritten."""
    path = [f"s3://{file['bucket']}/{file['key']}"]
    frame = wr.s3.read_csv(path=path, dtype=str)
    frame = frame.dropna(subset=["transaction_id", "timestamp", "amount", "currency"])
    moments = pd.to_datetime(frame["timestamp"], format="ISO8601", utc=True, errors="coerce")
    is_number = pd.to_numeric(frame["amount"], errors="coerce").notna()
    has_zone = frame["timestamp"].str.contains(r"(?:Z|[+-]\d\d:\d\d)$", regex=True)
    is_currency = frame["currency"].str.fullmatch(r"[A-Z]{3}")
    good = moments.notna() & is_number & has_zone & is_currency
    frame = frame[good].rename(columns=_NAMES)
    frame["timestamp"] = moments[good].dt.as_unit("ms").astype("int64")
    frame["amount"] = frame["amount"].map(Decimal)
    frame["status"] = "processed"
    frame["processedAt"] = pd.Timestamp.now(tz="UTC").isoformat()
    for name in ("bucket", "key"):
        frame[name] = file[name]
    frame["versionId"] = file["version_id"]
    frame["recordNumber"] = frame.index + 1
    wr.dynamodb.put_df(df=frame, table_name=TRANSACTIONS)
    return len(frame)


if __name__ == "__main__":
    measured.run(handle)
