"""Who reads and writes the items of the two tables, over which connection."""

from tests.support.policy import (
    ANONYMOUS,
    OTHER_ACCOUNT,
    Caller,
    Decision,
    Request,
    administrator,
    allowed,
    refused,
    role,
)
from tests.support.policy.table import (
    FILES,
    PROCESSOR,
    PROCESSOR_WITH_EVERY_RIGHT,
    TRANSACTIONS,
    Row,
    at_work,
    table,
)

TABLES = {"TransactionMetadataTable": TRANSACTIONS, "FileLedgerTable": FILES}
STRANGER = administrator(account=OTHER_ACCOUNT)
PLAIN_HTTP = {"aws:SecureTransport": "false"}

CHANGED = "TransactionMetadataTable/RefuseChangesOfTransactions"
INSERTED = "TransactionMetadataTable/RefuseTransactionsOfAnybodyElse"
OTHERS = "TransactionMetadataTable/RefuseOtherAccounts"
DELETED = "FileLedgerTable/RefuseDeletionOfEntries"
ENTERED = "FileLedgerTable/RefuseEntriesOfAnybodyElse"


def asks(caller: Caller, action: str, on: str) -> Request:
    return at_work(caller, f"dynamodb:{action}", on)


def let_through(sid: str) -> Decision:
    """By what the processor may, and by its endpoint."""
    return allowed(f"TransactionProcessorPolicy/{sid}", f"DynamoDBVPCEndpoint/{sid}")


TRANSACTION_ROWS = [
    Row(
        "the processor inserts a transaction",
        asks(PROCESSOR, "PartiQLInsert", TRANSACTIONS),
        let_through("StoreTransactionsAndReadThemBack"),
    ),
    Row(
        "an administrator inserts a transaction",
        asks(administrator(), "PartiQLInsert", TRANSACTIONS),
        refused(INSERTED),
    ),
    Row(
        "a role of the processor's name in another account inserts a transaction",
        asks(
            role("transaction-processor-role-dev", account=OTHER_ACCOUNT, is_administrator=True),
            "PartiQLInsert",
            TRANSACTIONS,
        ),
        refused(INSERTED, OTHERS),
    ),
    *(
        row
        for action in (
            *("BatchWriteItem", "DeleteItem", "PartiQLDelete", "PartiQLUpdate"),
            *("PutItem", "UpdateItem"),
        )
        for row in (
            Row(
                f"an administrator asks for {action}",
                asks(administrator(), action, TRANSACTIONS),
                refused(CHANGED),
            ),
            Row(
                f"the processor, had it every right, asks for {action}",
                asks(PROCESSOR_WITH_EVERY_RIGHT, action, TRANSACTIONS),
                refused(CHANGED),
            ),
            Row(
                f"somebody of another account asks for {action}",
                asks(STRANGER, action, TRANSACTIONS),
                refused(CHANGED, OTHERS),
            ),
        )
    ),
]

LEDGER_ROWS = [
    *(
        Row(
            f"the processor asks for {action}",
            asks(PROCESSOR, action, FILES),
            let_through("KeepTheFileLedger"),
        )
        for action in ("PutItem", "UpdateItem")
    ),
    *(
        Row(
            f"an administrator asks for {action}",
            asks(administrator(), action, FILES),
            refused(ENTERED),
        )
        for action in ("PartiQLInsert", "PartiQLUpdate", "PutItem", "UpdateItem")
    ),
    *(
        Row(f"{name} asks for {action}", asks(caller, action, FILES), refused(DELETED))
        for action in ("BatchWriteItem", "DeleteItem", "PartiQLDelete")
        for name, caller in (
            ("an administrator", administrator()),
            ("the processor, had it every right,", PROCESSOR_WITH_EVERY_RIGHT),
        )
    ),
]


def perimeter(logical_id: str, arn: str) -> list[Row]:
    """Reading is a matter of IAM: this account's, by TLS."""
    http, others = f"{logical_id}/RefusePlainHttp", f"{logical_id}/RefuseOtherAccounts"

    def row(sentence: str, caller: Caller, keys: dict[str, str], answer: Decision) -> Row:
        request = Request(caller, "dynamodb:Query", arn, keys)
        return Row(f"{sentence} reads {logical_id}", request, answer)

    return [
        row("an administrator", administrator(), {}, allowed()),
        row("an administrator by plain HTTP", administrator(), PLAIN_HTTP, refused(http)),
        row("an administrator of another account", STRANGER, {}, refused(others)),
        row("somebody without a signature", ANONYMOUS, {}, refused(others)),
        row("somebody unsigned, plain HTTP,", ANONYMOUS, PLAIN_HTTP, refused(http, others)),
    ]


@table(TRANSACTION_ROWS)
def test_transactions_are_inserted_by_the_processor_and_never_changed(row: Row) -> None:
    assert row.decided() == row.answer


@table(LEDGER_ROWS)
def test_the_ledger_is_written_by_the_processor_only(row: Row) -> None:
    assert row.decided() == row.answer


@table([row for logical_id, arn in TABLES.items() for row in perimeter(logical_id, arn)])
def test_tables_answer_this_account_over_tls(row: Row) -> None:
    assert row.decided() == row.answer
