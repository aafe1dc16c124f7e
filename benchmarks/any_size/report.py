"""What was measured, as the section "Any size" of docs/performance.md."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from benchmarks.any_size import arithmetic
from benchmarks.any_size.memory import FORMS, WAYS, grown_bytes

BEGIN: Final = "<!-- any size: written by `make bench-size` -->"
END: Final = "<!-- any size: end -->"
GROWTH_BYTES_MAX: Final = 64 * 1024 * 1024
_MIB: Final = 1024 * 1024

type Results = Mapping[str, Any]


def within(document: str, section: str) -> str:
    """The document with the section in its place, or at its end if it has none."""
    if BEGIN not in document:
        return f"{document.rstrip()}\n\n{BEGIN}\n{section}{END}\n"
    before, _, rest = document.partition(BEGIN)
    return f"{before}{BEGIN}\n{section}{END}{rest.partition(END)[2]}"


def broken(results: Results) -> list[str]:
    """What does not hold that must, whatever the machine: equal counts, and bounded memory."""
    rows: Sequence[Any] = results.get("memory", [])
    found = [
        f"{row['form']}, {row['megabytes']} MB, {row['way']}: {difference}"
        for row in rows
        for difference in row["differences"]
    ]
    for form, way in _measured_ways(rows):
        grown = grown_bytes(rows, form, way)
        if grown >= GROWTH_BYTES_MAX:
            found.append(f"{form}, {way}: memory grows by {grown / _MIB:.0f} MiB with the file")
    return found


def section(results: Results) -> str:
    """The section, with what was measured."""
    parts = ["## Any size\n", _INTRODUCTION, _circumstances(results.get("measured", {}))]
    if "memory" in results:
        parts += [_memory(results["memory"]), _counted_twice(results["memory"])]
    if "scan" in results:
        parts.append(_scan(results["scan"]))
    if "curve" in results:
        parts.append(_curve(results["curve"]))
    if results.get("curve") and results.get("scan"):
        parts.append(_paper(results))
    return "\n".join(parts)


_INTRODUCTION: Final = """\
    make bench-size                                                   everything, with progress
    PYTHONPATH=src .venv/bin/python -m benchmarks.any_size curve      one of scan, curve, memory
    PYTHONPATH=src .venv/bin/python -m benchmarks.any_size --report   what was measured last

The real entry point in processes of its own against `benchmarks/server.py`; events are what S3
would send, one for the upload and one for each task in `work/`. All numbers are in
`benchmarks/any_size/results.json`. The same cores also serve and count: ratios and differences say
more than times, and neither does where the machine had other work:
"""


def _circumstances(measured: Mapping[str, Any]) -> str:
    lines = [
        [name, one["on"], f"{one['load']:.0f}", str(one["cores"])] for name, one in measured.items()
    ]
    heads = ("measure", "on", "other work waiting or running (load) when it began", "cores")
    return _table(heads, lines)


def _measured_ways(rows: Sequence[Any]) -> list[tuple[str, str]]:
    there = {(row["form"], row["way"]) for row in rows}
    return [(form, way) for form in FORMS for way in WAYS if (form, way) in there]


def _memory(rows: Sequence[Any]) -> str:
    lines = []
    for row in rows:
        peaks = row["peakBytes"]
        cells = [_mib(peaks.get(kind)) for kind in ("upload", "count", "part")]
        lines.append(
            [
                row["form"],
                f"{row['megabytes']:,} MB",
                row["way"],
                f"{row['records']:,}",
                str(row["invocations"]),
                *cells,
                _mib(row["floorBytes"]),
            ]
        )
    grown = "; ".join(
        f"{form} in {way}: {grown_bytes(rows, form, way) / _MIB:+.1f} MiB"
        for form, way in _measured_ways(rows)
    )
    limit = GROWTH_BYTES_MAX // _MIB
    return f"""\
### Memory

The most that the process of one invocation ever held (`VmHWM`, MiB), each invocation in a process
of its own. Notes have line ends and quotes; every second record is 13 kB long.

{_table(_MEMORY_HEADS, lines)}
From the smallest file to the largest: {grown}. Less than {limit} MiB is required.
"""


_MEMORY_HEADS: Final = (
    "format", "file", "processed as", "records", "invocations", "upload's (or planner's)",
    "counting", "a part's", "after imports",
)  # fmt: skip  # Read in rows, as written.


def _counted_twice(rows: Sequence[Any]) -> str:
    lines = [
        [
            f"{row['form']}, {row['bytes']:,} bytes, {row['way']}",
            f"{row['receipt']['outcomes']['stored']:,}",
            f"{row['receipt']['outcomes']['rejected']:,}",
            f"`{row['receipt']['computed']['hashTotal']}`",
            f"`{row['recount']['computed']['hashTotal']}`",
            "**no**" if row["differences"] else "yes",
            _mib(row["recount"]["peakBytes"]),
        ]
        for row in rows
        if row["megabytes"] == max(row["megabytes"] for row in rows)
    ]
    heads = (
        "file", "stored", "rejected", "hash total in the receipt", "in the separate count",
        "counts, sums, hash totals, items equal", "memory of the count, MiB",
    )  # fmt: skip  # Read in rows, as written.
    return f"""\
### Counted twice

Each of these receipts was compared with a computation that shares no code with the processor
(`benchmarks/any_size/recount.py`: Python's csv and json, record by record, another process), and
with the number of items in the table. `make bench-size` fails if anything differs.

{_table(heads, lines)}"""


def _scan(speeds: Mapping[str, Any]) -> str:
    lines = [
        [
            form,
            str(one["mbPerSecond"]),
            f"{one['slowest']}-{one['fastest']}",
            str(one["goal"] or ""),
        ]
        for form, one in speeds.items()
    ]
    return f"""\
### Planning

What a planner looks through in a second of its processor's time, records counted (MB/s).

{_table(("file", "median", "slowest to fastest of 5", "goal"), lines)}
A single S3 request delivers some 85 MB/s, so that reading bounds planning. A CSV must be read as
a whole before its last cut is known: every quote decides whether the line ends behind it are
quoted. NDJSON is cut at once and counted in parallel.
"""


def _curve(rows: Sequence[Any]) -> str:
    spreads = list(dict.fromkeys((row["parts"], row["workers"]) for row in rows))
    latencies = list(dict.fromkeys(row["latencyMs"] for row in rows))
    by = {(row["parts"], row["workers"], row["latencyMs"]): row for row in rows}
    lines = []
    for parts, workers in spreads:
        cells = [str(parts), str(workers)]
        for latency in latencies:
            first, row = by[1, 1, latency], by[parts, workers, latency]
            cells += [f"{row['seconds']:.1f}", f"{first['seconds'] / row['seconds']:.1f} x"]
        lines.append(cells)
    heads = ["parts", "workers"]
    for latency in latencies:
        heads += [f"seconds at {latency} ms", "against one"]
    file = rows[0]
    mean = file["bytes"] // file["records"]
    return f"""\
### Parts and workers

A CSV of {file["bytes"]:,} bytes, {file["records"]:,} records of {mean} bytes, by workers that ran
before; AWS answers after 5 or 20 ms. Two cores: four workers gain where they wait.

{_table(heads, lines)}"""


def _paper(results: Results) -> str:
    measured = _measured(results)
    cases = arithmetic.cases(measured)
    rows: list[list[str]] = [
        ["records", *[f"{arithmetic.RECORDS:,}" for _ in cases]],
        ["bytes, at 170 a record", *[f"{case.bytes / 1e9:.0f} GB" for case in cases]],
        ["parts of 32 MiB at most", *[f"{case.parts:,}" for case in cases]],
        ["workers at once", *[f"{case.workers:,}" for case in cases]],
        [
            f"they could store, at {measured.records_per_second:,.0f}/s each",
            *[f"{case.wanted_per_second:,.0f}/s" for case in cases],
        ],
        ["the table takes", *[f"{case.records_per_second:,.0f}/s" for case in cases]],
        ["planned after", *[f"{case.planning_seconds:.0f} s" for case in cases]],
        ["a part takes", *[f"{case.seconds_of_part:,.0f} s" for case in cases]],
        ["invocations", *[f"{case.invocations:,}" for case in cases]],
        ["**last receipt after**", *[f"**{case.seconds / 60:.0f} min**" for case in cases]],
        ["write units", *[f"{case.write_units:,}" for case in cases]],
        ["S3 GET and HEAD, PUT", *[f"{c.get_requests:,}, {c.put_requests:,}" for c in cases]],
        *[
            [f"{name}, $", *[f"{case.dollars[name]:.2f}" for case in cases]]
            for name in ("writes", "Lambda", "S3")
        ],
        ["**sum, $**", *[f"**{sum(case.dollars.values()):.2f}**" for case in cases]],
    ]
    heads = ["", *[_head(case) for case in cases]]
    new_table = arithmetic.RECORDS / arithmetic.NEW_TABLE_WRITES_PER_SECOND / 3600
    return f"""\
### On paper: a hundred million records

{_table(heads, rows)}
{_PAPER_NOTES.format(hours=math.ceil(new_table), enough=cases[1].workers)}"""


def _head(case: arithmetic.Case) -> str:
    files = "one file" if case.files == 1 else f"{case.files:,} files"
    is_limited = case.workers < min(arithmetic.CONCURRENCY, case.parts)
    return f"{files}, {'concurrency reserved' if is_limited else 'no limit set'}"


def _measured(results: Results) -> arithmetic.Measured:
    """A worker alone, at 5 ms: as it was measured, or as if it had a processor to itself and waited
    for each request in turn, if that is more. A machine that does other work lengthens the one, and
    the other knows of no requests that overlap.
    """
    (alone,) = [
        row
        for row in results["curve"]
        if (row["parts"], row["workers"], row["latencyMs"]) == (1, 1, 5)
    ]
    waiting = sum(alone["requests"].values()) / alone["records"] * alone["latencyMs"] / 1000
    in_turn = 1 / (alone["processorMicrosecondsPerRecord"] / 1e6 + waiting)
    quoted = results["scan"]["CSV, line ends in quotes"]["mbPerSecond"]
    return arithmetic.Measured(max(alone["recordsPerSecond"], in_turn), quoted * 1e6)


_PAPER_NOTES: Final = """\
The table is the bound, not the function: 100,000,000 / 40,000 a second = 42 minutes, whatever the
number of files. More workers than it can feed wait and are paid for; `ReservedConcurrency` of
{enough} costs no time, and events wait in Lambda's own queue. A table that is new takes 4,000
writes a second at first, {hours} hours for all, unless it was warmed; a partition takes 1,000, so
keys must spread over 40 of them, as transaction ids do.

How it is computed (`benchmarks/any_size/arithmetic.py`): time is the larger of records /
min(workers x records/s, 40,000) and bytes / 85 MB/s for planning; a part that takes longer than
900 s is handed on, an invocation more; write units are one a record (an item is under 1 KB), 4 a
part, 1 more if planned, 2 a file; Lambda is workers x time x 1,769 MB; S3 is read in ranges of 4
MiB, twice if planned. us-east-1, x86_64, on demand. Not in it: CloudWatch, KMS (a bucket key),
Secrets Manager, storage, the endpoints' hours. Records/s are those of one worker at 5 ms above, or
one by its processor time and 5 ms a request, if that is more: so a busy machine counts less. A vCPU
of Lambda is another processor.

Sources: [DynamoDB prices](https://aws.amazon.com/dynamodb/pricing/on-demand/) ($0.625 a million
write units),
[quotas](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html)
(40,000 write units a table), [on-demand
capacity](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html)
(4,000 at first),
[partitions](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html)
(1,000 each); [Lambda prices](https://aws.amazon.com/lambda/pricing/) ($0.0000166667 a GB-second,
$0.20 a million requests),
[quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html) (1,000 at once);
[S3 prices](https://aws.amazon.com/s3/pricing/) ($0.0004 a thousand GET, $0.005 a thousand PUT),
[85-90 MB/s a
request](https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-design-patterns.html).
"""


def _mib(size: int | None) -> str:
    return "" if size is None else f"{size / _MIB:.1f}"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
