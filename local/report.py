"""A receipt, and where each piece lies, for a person to read."""

import json
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.sending import Upload, receipt_key
from local.session import Session

_SHOWN_REJECTS_MAX = 10
#: Columns of a raw record that are shown even on a narrow terminal.
_RAW_WIDTH_MIN = 100
_OUTCOMES = ("read", "stored", "duplicate", "conflict", "rejected")


def show(session: Session, sent: Upload, receipt: dict[str, Any]) -> None:
    """Print outcome counts, sums, rejects by reason, the first rejects, and the places."""
    console = Console(highlight=False)
    file = receipt["file"]
    console.print(
        f"\n{escape(file['key'])}  {file['size']:,} bytes, "
        f"{receipt['format'] or 'no known format'}: {receipt['status']}",
        style="bold",
    )
    fault = receipt.get("fault")
    if fault:
        place = _where(fault, receipt["format"])
        console.print(f"  [red]{fault['reason']}[/red]{escape(_field(fault) + place)}")
    for notice in receipt.get("notices") or []:
        console.print(f"  {notice}")
    _outcomes(console, receipt["outcomes"])
    _sums(console, receipt["sums"])
    _reasons(console, receipt.get("reasons") or {})
    _card_numbers(console, receipt.get("cardNumbers") or {})
    rejects = (receipt.get("firstRejects") or [])[:_SHOWN_REJECTS_MAX]
    _first_rejects(console, rejects, _raw_records(console, session, receipt, rejects))
    _places(console, session, sent, receipt)


def _table(title: str, *columns: tuple[str, str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name, justify in columns:
        table.add_column(name, justify="right" if justify == "right" else "left")
    return table


def _outcomes(console: Console, outcomes: dict[str, int]) -> None:
    console.print()
    table = _table("Records", *((name, "right") for name in _OUTCOMES))
    table.add_row(*(f"{outcomes[name]:,}" for name in _OUTCOMES))
    console.print(table)
    total = sum(outcomes[name] for name in _OUTCOMES[1:])
    agrees = "=" if total == outcomes["read"] else "[red]DOES NOT EQUAL[/red]"
    console.print(f"read {agrees} stored + duplicate + conflict + rejected")


def _sums(console: Console, sums: dict[str, dict[str, str]]) -> None:
    if not sums:
        return
    console.print()
    names = _OUTCOMES[1:4]
    table = _table("Sums", ("currency", "left"), *((name, "right") for name in names))
    for currency in sorted(sums):
        table.add_row(currency, *(sums[currency].get(name, "") for name in names))
    console.print(table)


def _reasons(console: Console, reasons: dict[str, int]) -> None:
    if not reasons:
        return
    console.print()
    table = _table("In quarantine, by reason", ("reason", "left"), ("records", "right"))
    for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(reason, f"{count:,}")
    console.print(table)


def _card_numbers(console: Console, counts: dict[str, Any]) -> None:
    names = ("tokenized", "masked", "maskedInQuarantine")
    if not any(counts.get(name) for name in names):
        return
    console.print()
    table = _table("Card numbers", *((name, "right") for name in names), ("tokenKeyId", "left"))
    table.add_row(*(f"{counts[name]:,}" for name in names), counts["tokenKeyId"] or "")
    console.print(table)


def _field(fault: dict[str, Any]) -> str:
    return f" ({fault['field']})" if fault.get("field") else ""


def _where(fault: dict[str, Any], file_format: str | None) -> str:
    """The header of a CSV file is judged before any record, and has no number of its own."""
    is_of_header = fault["reason"].startswith("HEADER_") or (
        fault["reason"] == "SENSITIVE_AUTHENTICATION_DATA" and (file_format or "").startswith("csv")
    )
    if is_of_header:
        return " in the header"
    places = [("at byte", fault.get("byteOffset")), ("in record", fault.get("recordNumber"))]
    return "".join(f" {name} {number:,}" for name, number in places if number is not None)


def _raw_records(
    console: Console, session: Session, receipt: dict[str, Any], rejects: list[dict[str, Any]]
) -> dict[int, str]:
    """The text of the given rejects by record number, from the first quarantine object.

    Only for a terminal: account numbers are for the eyes of whoever sent the file, not for the log
    of a build.
    """
    wanted = {reject["recordNumber"] for reject in rejects}
    quarantine = receipt.get("quarantine")
    if not wanted or not quarantine or not console.is_terminal:
        return {}
    first = quarantine["objects"][0]
    answer = session.client("s3", session.tester).get_object(
        Bucket=quarantine["bucket"], Key=first["key"], VersionId=first["versionId"]
    )
    found: dict[int, str] = {}
    for line in answer["Body"].iter_lines():
        entry = json.loads(line)
        if entry["recordNumber"] in wanted:
            is_text = entry.get("rawEncoding", "utf-8") == "utf-8"
            found[entry["recordNumber"]] = repr(entry["raw"])[1:-1] if is_text else "(not UTF-8)"
        if len(found) == len(wanted):
            break
    return found


def _first_rejects(
    console: Console, rejects: list[dict[str, Any]], raw_records: dict[int, str]
) -> None:
    if not rejects:
        return
    console.print()
    console.print("First rejects", style="bold")
    width = max(console.width, _RAW_WIDTH_MIN) - 4
    for reject in rejects:
        field = f" in {reject['field']}" if reject.get("field") else ""
        place = f"record {reject['recordNumber']:,} at byte {reject['byteOffset']:,}"
        console.print(f"  {place}: {reject['reason']}{field}", markup=False)
        raw = raw_records.get(reject["recordNumber"])
        if raw is not None:
            shown = raw if len(raw) <= width else raw[: width - 1] + "…"
            console.print(f"    {shown}", style="dim", markup=False, soft_wrap=True)


def _places(console: Console, session: Session, sent: Upload, receipt: dict[str, Any]) -> None:
    outputs = session.stack.outputs
    results = outputs["TransactionResultsBucketName"]
    console.print("\nWhere it lies", style="bold")
    rows = [
        ("file", f"s3://{sent.bucket}/{sent.key}"),
        ("", f"version {sent.version_id}"),
        ("receipt", f"s3://{results}/{receipt_key(sent)}"),
    ]
    quarantine = receipt.get("quarantine") or {}
    if quarantine.get("lineCount"):
        folder = quarantine["objects"][0]["key"].rpartition("/")[0]
        count = len(quarantine["objects"])
        rows.append(("quarantine", f"s3://{quarantine['bucket']}/{folder}/"))
        rows.append(
            (
                "",
                f"{quarantine['lineCount']:,} lines in {count:,} object{'s' if count != 1 else ''}",
            )
        )
    rows.append(("transactions", f"table {outputs['TransactionMetadataTableName']}"))
    rows.append(("ledger", f"table {outputs['FileLedgerTableName']}"))
    for name, place in rows:
        # No markup and no wrapping: keys may hold brackets, and are to be copied.
        console.print(f"  {name:<13}{place}", markup=False, soft_wrap=True)
    console.print()
