"""`desk verify KEY`, `desk verify --since`"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from desk import deployed
from desk.errors import DeskError
from desk.options import Desk, FileName, Period, command, period_options, version_option
from desk.reading import Json
from desk.terminal import Answer
from desk.verify import Evidence, Verification
from desk.verify import verify as recount
from processor.domain.file import ObjectVersion
from processor.errors import ServiceRefused


@dataclass(frozen=True, slots=True)
class _Recounted:
    """A file, and its recount, or why there is none."""

    version: ObjectVersion
    verification: Verification | None
    why_not: str = ""


@command("verify", short_help="Recount a file, or many, and compare with the receipts.")
@click.argument("key", required=False)
@version_option
@period_options
def verify(desk: Desk, key: str | None, version_id: str | None, period: Period) -> Answer:
    """Read a file once more, compare it with table, quarantine and receipt, and say what differs.

    With --since, every file of a time. This reads whole files and looks up every transaction in
    them, which costs what a table read costs. Nothing is changed.

    \b
    Exit codes: 0 all agrees; 1 something differs, a file has no receipt, or there was no file to
    look at; 2 one cannot be recounted: a file that broke within one of several parts.

    \b
    Examples:
      desk verify in/march.csv
      desk verify --since 24h
    """
    if (key is None) == (period.since is None):
        raise click.UsageError("give a KEY, or --since TIME, and not both")
    if key is not None:
        versions = [deployed.named_version(desk.stack, FileName(key, version_id))]
    else:
        with desk.terminal.progress("list files"):
            reading = deployed.file_reading(desk.stack)
            found = reading.uploaded(period.prefix, period.since, period.until)
        versions = [one.version for one in reversed(found)]
    done = _recounted(desk, versions)
    shown = [line for one in done for line in _lines(desk, one)]
    if key is None:
        ok_count = sum(1 for one in done if one.verification and one.verification.ok)
        shown.append(f"files: {len(done):,}, of these ok: {ok_count:,}")
    code = max((_code(one) for one in done), default=1)
    return Answer({"files": [_document(one) for one in done]}, shown, code)


def _recounted(desk: Desk, versions: Sequence[ObjectVersion]) -> list[_Recounted]:
    evidence: Evidence = deployed.evidence(desk.stack)
    done = []
    with desk.terminal.progress("recount", len(versions)) as advance:
        for version in versions:
            try:
                done.append(_Recounted(version, recount(version, evidence)))
            except (DeskError, ServiceRefused) as error:
                # Of many files one that cannot be recounted keeps none of the others from it.
                done.append(_Recounted(version, None, str(error)))
            advance(1)
    return done


def _lines(desk: Desk, one: _Recounted) -> Iterator[str]:
    done = one.verification
    if done is None:
        yield f"{one.version}: not recounted: {one.why_not}"
        return
    if done.receipt is None:
        status = desk.next_step("status", done.version)
        yield f"{done.version}: no receipt yet, or no such file: {status}"
        return
    for each in done.differences.listed:
        record = f" record {each.record_number:,}" if each.record_number else ""
        yield f"{each.place}{record}: says {each.said}, found {each.found}"
    count = done.differences.count
    found = "ok" if done.ok else f"{count:,} difference{'s' if count > 1 else ''}"
    yield f"{done.version}: {found}"
    if not done.ok and done.other_software:
        yield f"the receipt was made by {', '.join(done.other_software)}: its rules may differ"


def _code(one: _Recounted) -> int:
    if one.verification is None:
        return 2
    return int(not one.verification.ok)


def _document(one: _Recounted) -> Json:
    done = one.verification
    return {
        "key": one.version.key_shown,
        "versionId": one.version.version,
        "ok": done.ok if done else None,
        "notRecounted": one.why_not or None,
        "differenceCount": done.differences.count if done else None,
        "differences": [
            {
                "place": each.place,
                "recordNumber": each.record_number,
                "said": each.said,
                "found": each.found,
            }
            for each in (done.differences.listed if done else ())
        ],
    }
