"""`desk receipt KEY`"""

from collections.abc import Iterator

from rich.console import RenderableType

from desk import deployed
from desk.options import Desk, FileName, command, file_arguments
from desk.reading import Json, backoff, read_receipt
from desk.summary import COUNTED, fault_of, needs_a_person
from desk.terminal import Answer, table
from processor.domain.control_totals import ACCEPTABLE
from processor.domain.masking import mask


@command("receipt", short_help="Show a file's receipt.")
@file_arguments
def receipt(desk: Desk, named: FileName) -> Answer:
    """Show a file's receipt: what became of its records, sums, reasons, control totals.

    With --json it is the receipt itself, as it lies in the bucket.

    \b
    Exit codes: 0 every record is stored, or was before; 1 something was rejected, conflicts or
    cannot be read, or the file has no receipt yet; 2 there is no such file.
    """
    version = deployed.named_version(desk.stack, named)
    found = read_receipt(deployed.results(desk.stack), version, backoff())
    if found is None:
        version = deployed.version_of(desk.stack, named)  # A deleted file may have a receipt.
        waits = f"{version} has no receipt yet: {desk.next_step('status', version)}"
        return Answer({"receipt": None}, [waits], 1)
    shown = list(_shown(found))
    if found["quarantine"]:
        count = found["quarantine"]["lineCount"]
        shown.append(f"in quarantine: {count:,}: {desk.next_step('rejects', version)}")
    return Answer(found, shown, int(needs_a_person(found)))


def _shown(receipt: Json) -> Iterator[RenderableType]:
    file, outcomes = receipt["file"], receipt["outcomes"]
    size = f"{file['size']:,} bytes, " if file["size"] is not None else ""
    yield f"{mask(file['key'])[0]} version {file['versionId']}"
    yield f"{size}{receipt['format'] or 'no known format'}: {receipt['status']}"
    if receipt["fault"]:
        yield f"  {fault_of(receipt)}"
    for notice in receipt["notices"]:
        yield f"  {notice}"
    if receipt["replayOf"]:
        replayed = receipt["replayOf"]
        yield f"  replays ({replayed['kind']}) {mask(replayed['receiptKey'])[0]}"
    counts = table(*(f">{name}" for name in COUNTED), title="\nRecords")
    counts.add_row(*(f"{outcomes[name]:,}" for name in COUNTED))
    yield counts
    yield "read = stored + duplicate + conflict + rejected"
    yield from _sums(receipt["sums"])
    yield from _reasons(receipt["reasons"])
    computed = receipt["controlTotals"]["computed"]
    yield f"\ncontrol totals: {computed['recordCount']:,} records, hash {computed['hashTotal']}"
    cards = receipt["cardNumbers"]
    masked = cards["masked"] + cards["maskedInQuarantine"]
    if cards["tokenized"] or masked:
        yield f"card numbers: {cards['tokenized']:,} kept as tokens, {masked:,} masked in texts"
    yield f"{receipt['startedAt']} to {receipt['endedAt']}, parts: {receipt['parts']:,}"


def _sums(sums: dict[str, dict[str, str]]) -> Iterator[RenderableType]:
    if not sums:
        return
    shown = table("currency", *(f">{one.value}" for one in ACCEPTABLE), title="\nSums")
    for currency, by_outcome in sorted(sums.items()):
        shown.add_row(currency, *(by_outcome[one.value] for one in ACCEPTABLE))
    yield shown


def _reasons(reasons: dict[str, int]) -> Iterator[RenderableType]:
    if not reasons:
        return
    shown = table("reason", ">records", title="\nIn quarantine, by reason")
    for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        shown.add_row(reason, f"{count:,}")
    yield shown
