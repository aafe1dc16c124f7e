"""Who writes receipts, quarantine and tasks, and that what was written stays."""

from tests.support.policy import (
    ANONYMOUS,
    OTHER_ACCOUNT,
    Decision,
    Request,
    administrator,
    allowed,
    refused,
    role,
    service,
)
from tests.support.policy.table import (
    PROCESSOR,
    PROCESSOR_WITH_EVERY_RIGHT,
    RESULTS,
    Row,
    at_work,
    result,
    table,
)

POLICY = "TransactionResultsBucketPolicy"
ANYBODY_ELSE = f"{POLICY}/RefuseResultsOfAnybodyElse"
REPLACED = f"{POLICY}/RefuseToReplaceReceipts"
DELETED = f"{POLICY}/RefuseDeletionOfResults"
OTHERS = f"{POLICY}/RefuseOtherAccounts"

RIGHTS = {
    "receipt": "WriteAndReadBackReceiptsAndQuarantine",
    "reject": "WriteAndReadBackReceiptsAndQuarantine",
    "task": "WriteAndReadTasks",
}
PLACES = {"receipt": "receipts/a.json", "reject": "rejected/a.ndjson", "task": "work/a.json"}


def written(what: str) -> Decision:
    """Let through by what the processor may, and by its endpoint."""
    return allowed(f"TransactionProcessorPolicy/{RIGHTS[what]}", f"S3VPCEndpoint/{RIGHTS[what]}")


WRITER_ROWS = [
    row
    for what, place in PLACES.items()
    for row in (
        Row(f"the processor writes a {what}", result(PROCESSOR, place), written(what)),
        Row(
            f"an administrator writes a {what}",
            result(administrator(), place),
            refused(ANYBODY_ELSE),
        ),
        Row(
            f"another role of the account writes a {what}",
            result(role("another-role", is_administrator=True), place),
            refused(ANYBODY_ELSE),
        ),
        Row(
            f"a role of that name in another account writes a {what}",
            result(
                role(
                    "transaction-processor-role-dev", account=OTHER_ACCOUNT, is_administrator=True
                ),
                place,
            ),
            refused(ANYBODY_ELSE, OTHERS),
        ),
        Row(
            f"somebody without a signature writes a {what}",
            result(ANONYMOUS, place),
            refused(ANYBODY_ELSE, OTHERS),
        ),
        Row(
            f"a service of AWS writes a {what}",
            result(service("config.amazonaws.com"), place),
            refused(ANYBODY_ELSE),
        ),
        Row(
            f"an administrator has a {what} replicated to here",
            Request(administrator(), "s3:ReplicateObject", f"{RESULTS}/{place}"),
            refused(ANYBODY_ELSE),
        ),
    )
]

WITHOUT_CONDITION = {"if_none_match": ""}
RECEIPT_ROWS = [
    Row(
        "the processor replaces a receipt",
        result(PROCESSOR, PLACES["receipt"], **WITHOUT_CONDITION),
        refused(REPLACED),
    ),
    Row(
        "an administrator replaces a receipt",
        result(administrator(), PLACES["receipt"], **WITHOUT_CONDITION),
        refused(ANYBODY_ELSE, REPLACED),
    ),
    # An attempt that died left other bytes, or a task must start once more: a new version.
    Row(
        "the processor writes rejects again",
        result(PROCESSOR, PLACES["reject"], **WITHOUT_CONDITION),
        written("reject"),
    ),
    Row(
        "the processor writes a task again",
        result(PROCESSOR, PLACES["task"], **WITHOUT_CONDITION),
        written("task"),
    ),
]

DELETION_ROWS = [
    row
    for action in (
        *("DeleteObject", "DeleteObjectVersion", "ReplicateDelete"),
        "UpdateObjectEncryption",
    )
    for row in (
        Row(
            f"an administrator asks for {action}",
            Request(administrator(), f"s3:{action}", f"{RESULTS}/{PLACES['receipt']}"),
            refused(DELETED),
        ),
        Row(
            f"the processor, had it every right, asks for {action}",
            at_work(PROCESSOR_WITH_EVERY_RIGHT, f"s3:{action}", f"{RESULTS}/{PLACES['task']}"),
            refused(DELETED),
        ),
        Row(
            f"somebody without a signature asks for {action}",
            Request(ANONYMOUS, f"s3:{action}", f"{RESULTS}/{PLACES['reject']}"),
            refused(DELETED, OTHERS),
        ),
    )
]


@table(WRITER_ROWS)
def test_results_are_written_by_the_processor_only(row: Row) -> None:
    assert row.decided() == row.answer


@table(RECEIPT_ROWS)
def test_receipts_are_written_once(row: Row) -> None:
    assert row.decided() == row.answer


@table(DELETION_ROWS)
def test_results_are_deleted_by_nobody(row: Row) -> None:
    assert row.decided() == row.answer
