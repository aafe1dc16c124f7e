"""Results as tables: on the terminal, and in docs/performance.md between two markers."""

from typing import Any, Final

from benchmarks.goals import Goal
from benchmarks.loopback import ROOT

RESULTS: Final = ROOT / "benchmarks" / "results.json"
DOCUMENT: Final = ROOT / "docs" / "performance.md"
BEGIN: Final = "<!-- measured: begin -->"
END: Final = "<!-- measured: end -->"
_WAYS: Final = {
    "CSV": ("**the function**", "yes, judged"),
    "CSV, all duplicates": ("the function, all duplicates", "yes, judged"),
    "NDJSON": ("the function, NDJSON", "yes, judged"),
    "gzip": ("the function, CSV gzipped", "yes, judged"),
    "JSON array": ("the function, JSON array", "yes, judged"),
    "5 % rejects": ("the function, 5 % rejects", "yes, judged"),
    "raw_socket": ("floor: raw sockets, 8 threads", "yes"),
    "batch_writer": ("boto3 `batch_writer`", "no, overwrites"),
    "awswrangler_put": ("awswrangler `put_df`", "no, overwrites"),
    "tutorial": ("boto3 `put_item`, row by row", "no, overwrites"),
    "powertools_idempotency": ("Powertools idempotency, row by row", "yes"),
}

type Json = Any
type Rows = list[list[str]]


def goals_table(results: Json) -> Rows:
    """A row each: goal, limit, value, whether it is reached."""
    rows = [["Goal", "Limit", "Measured", "Reached"]]
    for document in results["goals"]:
        goal = Goal(**document)
        sign = "≥" if goal.at_least else "≤"
        rows.append(
            [
                goal.name,
                f"{sign} {_quantity(goal.limit, goal.unit)}",
                _quantity(goal.value, goal.unit),
                "yes" if goal.is_reached else "**not reached**",
            ]
        )
    return rows


def ways_table(results: Json) -> Rows:
    """A row for each way of storing."""
    head = ["Way", "Once per row?", "Rows/s", "Processor µs/row", "Memory MiB", "$ a million"]
    rows = [head]
    for name, (title, once) in _WAYS.items():
        run = results["runs"][name]
        rows.append(
            [
                title,
                once,
                f"{run['rowsASecond']:,.0f}",
                f"{run['microsecondsARow']:,.0f}",
                f"{run['memoryOverImports'] / 2**20:,.0f}",
                f"{run['dollarsAMillion']['total']:.3f}",
            ]
        )
    return rows


def cold_starts_table(results: Json) -> Rows:
    """A row for each thing that starts."""
    seconds = results["coldStarts"]
    return [
        ["Cold start", "ms", "to boto3"],
        *(
            [name, f"{one * 1000:,.0f}", f"{one / seconds['boto3']:.2f} x"]
            for name, one in seconds.items()
        ),
    ]


def long_sizes_table(results: Json) -> Rows:
    """A row for each size of the last long run."""
    return [
        ["Rows in the file", "MB", "Rows/s", "Memory MiB over imports"],
        *(
            [
                f"{one['rows']:,}",
                f"{one['bytes'] / 1e6:,.0f}",
                f"{one['rowsASecond']:,.0f}",
                f"{one['memoryOverImports'] / 2**20:.0f}",
            ]
            for one in results["longSizes"]["sizes"]
        ),
    ]


def conditions(results: Json) -> str:
    """Where and how it was measured."""
    machine, server = results["machine"], results["server"]
    rounds = "one round" if results["rounds"] == 1 else f"{results['rounds']} rounds"
    return (
        f"{machine['date']}, {machine['processors']} processors, {machine['system']}, Python "
        f"{machine['python']}, load before: {machine['loadBefore']:.1f}. Server latency "
        f"{results['latencyMs']:g} ms, one worker, files of {results['rows']:,} rows, medians of "
        f"{rounds}. The server alone took {server['rows']:,.0f} rows/s in "
        f"{server['requests']:,.0f} requests/s."
    )


def print_tables(results: Json) -> None:
    """On the terminal."""
    for table in (ways_table(results), cold_starts_table(results), goals_table(results)):
        print()
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for row in table:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            print("  ".join(cells).replace("*", "").replace("`", "").rstrip())
    print("\n" + conditions(results))


def markdown(table: Rows) -> str:
    """A table as Markdown."""
    head, *rows = table
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def measured_section(results: Json) -> str:
    """What stands between the markers."""
    tables = (goals_table(results), ways_table(results), cold_starts_table(results))
    long = (
        f"Files of up to 10 million rows, without latency, in a run of their own (`--long`, "
        f"{results['longSizes']['date']}):"
    )
    sizes = markdown(long_sizes_table(results))
    return "\n\n".join([conditions(results), *map(markdown, tables), long, sizes])


def write_document(results: Json) -> None:
    """Renews what stands between the markers; all else is written by people."""
    text = DOCUMENT.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    section = measured_section(results)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{section}\n\n{END}{after}")


def _quantity(value: float | None, unit: str) -> str:
    if value is None:
        return "not measured"
    if unit == "$":
        return f"${value:.3f}"
    return f"{value:,.2f} {unit}" if abs(value) < 10 else f"{value:,.0f} {unit}"
