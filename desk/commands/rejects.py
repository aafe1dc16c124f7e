"""`desk rejects KEY`"""

from itertools import islice
from pathlib import Path

import click
from rich.console import RenderableType

from desk import deployed
from desk.errors import DeskError
from desk.options import Desk, FileName, command, file_arguments
from desk.reading import Json, backoff, read_receipt
from desk.rejects import Export, RejectGroups, export_rejects, new_file, rejected_records
from desk.summary import fault_of
from desk.terminal import Answer, table
from processor.domain.file import ObjectVersion
from processor.domain.masking import mask

SHOWN = 20


@command("rejects", short_help="Show a file's rejected records, or export them for correction.")
@file_arguments
@click.option(
    "--limit", type=click.IntRange(0), default=SHOWN, show_default=True, help="Records to list."
)
@click.option("--raw", is_flag=True, help="Show the listed records themselves, as quarantined.")
@click.option(
    "--export",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write all of them to a new file, to be corrected.",
)
def rejects(desk: Desk, named: FileName, target: Path | None, *, limit: int, raw: bool) -> Answer:
    """Show what of a file is in quarantine, with reasons, grouped; or export it for correction.

    An exported file is in the format of the file that was submitted, conflicts included; a name
    that ends in .csv makes a CSV of JSON too. Correct it, then: desk replay KEY --rejects FILE.
    Card numbers are masked in quarantine, and stay so: complete those records from the file.

    A conflict needs another transaction id, or the file that was first was wrong: its record is
    named. What could not be read at all is to be sent again whole.

    \b
    Exit codes: 0 nothing is in quarantine, or it was exported whole; 1 something is in quarantine,
    what was exported must be completed from the file itself, or the file was not read to its end;
    2 there is no such file, or no receipt yet.
    """
    version = deployed.named_version(desk.stack, named)
    receipt = read_receipt(deployed.results(desk.stack), version, backoff())
    if receipt is None:
        version = deployed.version_of(desk.stack, named)
        raise DeskError(f"{version} has no receipt yet: {desk.next_step('status', version)}")
    remarks = [f"the file is {receipt['status']}: {fault_of(receipt)}"] if receipt["fault"] else []
    if not receipt["quarantine"]:
        document: Json = {"key": version.key_shown, "versionId": version.version, "records": 0}
        nothing = [f"nothing of {version} is in quarantine"]
        return Answer(document | {"groups": [], "listed": []}, nothing, len(remarks), remarks)
    if target is not None:
        return _export(desk, version, target)
    return _show(desk, version, remarks, limit=limit, raw=raw)


def _show(
    desk: Desk, version: ObjectVersion, remarks: list[str], *, limit: int, raw: bool
) -> Answer:
    groups = RejectGroups()
    listed: list[Json] = []
    results = deployed.results(desk.stack)
    with desk.terminal.progress("read the quarantine") as done:
        for record in rejected_records(version, results, backoff()):
            groups.add(record)
            listed += [record] if len(listed) < limit else []
            done(1)
    document: Json = {
        "key": version.key_shown,
        "versionId": version.version,
        "records": groups.count,
        "groups": [one.document() for one in groups.ordered()],
        "listed": [_line_document(one, raw=raw) for one in listed],
    }
    shown = _shown(groups, listed, raw=raw)
    if remarks:
        # What lies behind the fault is in no quarantine: no correction brings it.
        return Answer(document, shown, 1, [*remarks, "have the whole file sent again"])
    export = desk.next_step("rejects", version, export="FILE")
    return Answer(document, shown, 1, [f"to correct them: {export}"])


def _shown(groups: RejectGroups, listed: list[Json], *, raw: bool) -> list[RenderableType]:
    by_reason = table("outcome", "reason", "field", ">records", ">first record")
    for group in groups.ordered():
        by_reason.add_row(
            group.outcome, group.reason, group.field or "", f"{group.count:,}", f"{group.first:,}"
        )
    shown: list[RenderableType] = [by_reason]
    if not listed:
        return shown
    records = table(
        *(">record", ">at byte", "outcome", "reason", "field", "stored first by"),
        title=f"\nThe first {len(listed):,} of {groups.count:,}",
    )
    for one in listed:
        numbers = (f"{one[name]:,}" for name in ("recordNumber", "byteOffset"))
        first = one.get("stored")
        by = f"{mask(first['key'])[0]}, record {first['recordNumber']:,}" if first else ""
        records.add_row(*numbers, one["outcome"], one["reason"], one["field"] or "", by)
    shown.append(records)
    if raw:
        shown.append("")
        shown += [f"{one['recordNumber']:,}: {_one_line(one)}" for one in listed]
    return shown


def _one_line(line: Json) -> str:
    """A record as it lies in quarantine, card numbers masked; Base64 where it is no text."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in line["raw"])


def _line_document(line: Json, *, raw: bool) -> Json:
    left_out = () if raw else ("raw", "rawEncoding")
    return {name: value for name, value in line.items() if name not in left_out}


def _export(desk: Desk, version: ObjectVersion, target: Path) -> Answer:
    files, results = deployed.files(desk.stack), deployed.results(desk.stack)
    with new_file(target) as opened, desk.terminal.progress("export") as done:
        export = export_rejects(
            version, files, results, backoff(), opened, as_csv=target.suffix == ".csv", done=done
        )
    replay = desk.next_step("replay", version, rejects=str(target))
    shown = [*_told(export, target), f"correct it, then: {replay}"]
    return Answer(_export_document(export, target), shown, _code(export))


def _code(export: Export) -> int:
    return int(bool(export.incomplete))


def _told(export: Export, target: Path) -> list[str]:
    shown = mask(str(target))[0]
    told = [f"{shown}: {export.record_count:,} records, {export.format}"]
    if export.incomplete:
        numbers = ", ".join(f"{one:,}" for one in islice(export.incomplete, SHOWN))
        rest = "" if len(export.incomplete) <= SHOWN else ", and more"
        why = f"{export.masked_count:,} masked, {export.cut_count:,} cut"
        if export.unread_count:
            why += f", {export.unread_count:,} left out, as they are no JSON"
        told.append(f"to be completed from the file itself ({why}): records {numbers}{rest}")
    return told


def _export_document(export: Export, target: Path) -> Json:
    return {
        "file": mask(str(target))[0],
        "format": export.format,
        "records": export.record_count,
        "masked": export.masked_count,
        "cut": export.cut_count,
        "leftOut": export.unread_count,
        "toBeCompleted": export.incomplete,
    }
