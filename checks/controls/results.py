"""Results: who writes receipts, quarantine and tasks, and that they stay as written."""

from typing import Final

from checks.controls.model import Control, Standards, Where, deny
from checks.controls.names import EVERYBODY, FUNCTION_ROLE, on_a_stack, unit

RESULTS: Final = (
    Control(
        id="STO-9",
        title="Nobody but the processor writes results, and nobody replaces a receipt or deletes",
        threat="An administrator invents a receipt, removes a reject, or starts the processor with "
        "a task that skips records",
        standards=Standards(pci=("7.2.1",), nist=("AC-3", "AC-6", "AU-10", "SI-7")),
        where=(
            Where(
                "TransactionResultsBucketPolicy/RefuseResultsOfAnybodyElse",
                deny(
                    *("s3:PutObject", "s3:ReplicateObject"),
                    to=EVERYBODY,
                    on="${TransactionResultsBucket.Arn}/*",
                    when={"ArnNotEquals": {"aws:PrincipalArn": FUNCTION_ROLE}},
                ),
            ),
            Where(
                "TransactionResultsBucketPolicy/RefuseToReplaceReceipts",
                deny(
                    "s3:PutObject",
                    to=EVERYBODY,
                    on="${TransactionResultsBucket.Arn}/receipts/*",
                    when={"Null": {"s3:if-none-match": "true"}},
                ),
            ),
            Where(
                "TransactionResultsBucketPolicy/RefuseDeletionOfResults",
                deny(
                    *("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ReplicateDelete"),
                    "s3:UpdateObjectEncryption",
                    to=EVERYBODY,
                    on="${TransactionResultsBucket.Arn}/*",
                ),
            ),
        ),
        proof=(
            *unit(
                "policy_results",
                "results_are_written_by_the_processor_only",
                "receipts_are_written_once",
                "results_are_deleted_by_nobody",
            ),
            *on_a_stack(
                "buckets",
                "nobody_but_the_processor_writes_results_and_nobody_deletes_them",
                "a_receipt_is_not_replaced_even_by_the_processor",
            ),
        ),
    ),
)
