"""`desk find TRANSACTION-ID`"""

from typing import TYPE_CHECKING

import click

from desk import deployed
from desk.found import Found
from desk.options import Desk, command
from desk.reading import Json, backoff
from desk.terminal import Answer, table
from processor.domain.masking import mask

if TYPE_CHECKING:
    from rich.console import RenderableType


@command("find", short_help="Find a transaction, and the file that it came from.")
@click.argument("transaction_id", metavar="TRANSACTION-ID")
@click.option("--values", is_flag=True, help="Show all that is stored, account ids too.")
def find(desk: Desk, transaction_id: str, *, values: bool) -> Answer:
    """Find what is stored under a transaction id, with file, record number and receipt.

    One id may stand for several transactions, each at its own time.

    \b
    Exit codes: 0 it was found; 1 nothing is stored under that id: the record may be in quarantine
    (desk rejects KEY), or under another id.
    """
    if not transaction_id:
        raise click.UsageError("TRANSACTION-ID is empty")
    found = backoff().call(deployed.transactions(desk.stack).with_id, transaction_id)
    documents: list[Json] = [_document(one, values=values) for one in found]
    if not found:
        return Answer({"items": []}, ["nothing is stored under that transaction id"], 1)
    shown = table("time", ">amount", "currency", "recorded", "file", "version", ">record")
    for one in found:
        shown.add_row(
            one.timestamp,
            one.amount,
            one.currency,
            one.processed_at,
            one.version.key_shown,
            one.version.version,
            f"{one.record_number:,}",
        )
    lines: list[RenderableType] = [shown]
    for one in found:
        lines.append(f"receipt: {mask(one.version.receipt_key)[0]}")
        if values:
            lines += [f"  {name}: {text}" for name, text in one.attributes.items()]
    return Answer({"items": documents}, lines)


def _document(found: Found, *, values: bool) -> Json:
    return {
        "timestamp": found.timestamp,
        "amount": found.amount,
        "currency": found.currency,
        "processedAt": found.processed_at,
        "key": found.version.key_shown,
        "versionId": found.version.version,
        "recordNumber": found.record_number,
        "receiptKey": mask(found.version.receipt_key)[0],
        **({"attributes": found.attributes} if values else {}),
    }
