"""What the account holds, by name: for whoever calls it, without what serves it."""

from typing import Final

UPLOADS: Final = "uploads"
RESULTS: Final = "results"
TRANSACTIONS: Final = "transactions"
LEDGER: Final = "ledger"
IDEMPOTENCY: Final = "idempotency"
SECRET_ARN: Final = "arn:aws:secretsmanager:us-east-1:000000000000:secret:benchmark"  # noqa: S105  Only a name.
CONTROL: Final = "/_benchmark/"
