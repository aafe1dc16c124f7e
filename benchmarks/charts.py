"""Charts of the results, as SVG in docs/images."""

from typing import Any, Final

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks.loopback import ROOT

IMAGES: Final = ROOT / "docs" / "images"
FUNCTION: Final = "#0072B2"
PEER: Final = "#D55E00"
"""Of the palette of Okabe and Ito, which all can tell apart. https://jfly.uni-koeln.de/color/"""

_BARS: Final = {
    "CSV": "function",
    "raw_socket": "raw sockets (floor)",
    "batch_writer": "batch_writer",
    "awswrangler_put": "awswrangler",
    "tutorial": "put_item by row",
    "powertools_idempotency": "Powertools idempotency",
}

_HEADROOM: Final = 1.08
"""So that the highest point lies within its chart."""

type Json = Any


def draw(results: Json) -> None:
    """Draws all of them."""
    IMAGES.mkdir(exist_ok=True)
    # The same results give the same bytes: no date, no random names.
    mpl.rcParams.update({"svg.hashsalt": "benchmarks", "font.size": 11, "axes.grid": True})
    mpl.rcParams.update({"axes.axisbelow": True, "grid.alpha": 0.3, "svg.fonttype": "none"})
    _ways(results)
    _sizes(results)
    _latencies(results)
    _workers(results)


def _save(name: str) -> None:
    plt.tight_layout()
    plt.savefig(IMAGES / f"performance-{name}.svg", metadata={"Date": None})
    plt.close()


def _ways(results: Json) -> None:
    """Rows a second and processor time, of function and peers."""
    _, axes = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True)
    names = list(_BARS)
    for ax, member, label in (
        (axes[0], "rowsASecond", "rows per second (log)"),
        (axes[1], "microsecondsARow", "processor time per row, µs (log)"),
    ):
        values = [results["runs"][name][member] for name in names]
        colours = [FUNCTION if name == "CSV" else PEER for name in names]
        bars = ax.barh([_BARS[name] for name in names], values, color=colours)
        ax.bar_label(bars, labels=[f"{value:,.0f}" for value in values], padding=3, fontsize=9)
        ax.set_xscale("log")
        ax.margins(x=0.25)
        ax.set_xlabel(label)
    axes[0].invert_yaxis()
    _save("ways")


def _sizes(results: Json) -> None:
    """Rows a second and memory by file size."""
    _, axes = plt.subplots(1, 2, figsize=(10, 3.6))
    runs = (("this run", "o-", results["sizes"]), ("long run", "^:", results["longSizes"]["sizes"]))
    for label, mark, sizes in runs:
        rows = [one["rows"] for one in sizes]
        rates = [one["rowsASecond"] for one in sizes]
        memory = [one["memoryOverImports"] / 2**20 for one in sizes]
        axes[0].plot(rows, rates, mark, color=FUNCTION, label=label)
        axes[1].plot(rows, memory, mark, color=FUNCTION, label=label)
    axes[0].set_ylabel("rows per second")
    axes[0].legend(loc="lower right")
    axes[1].axhline(64, color=PEER, linestyle="--")
    axes[1].text(10_000, 63, "goal", va="top", color=PEER)
    axes[1].set_ylabel("memory over imports, MiB")
    for ax in axes:
        ax.set_xscale("log")
        ax.set_ylim(0, _HEADROOM * ax.get_ylim()[1])
        ax.set_xlabel("rows in the file (log)")
    _save("sizes")


def _latencies(results: Json) -> None:
    """Rows a second by latency."""
    _, ax = plt.subplots(figsize=(6, 3.6))
    at = [one["latencyMs"] for one in results["latencies"]]
    for name, colour, mark in (("function", FUNCTION, "o-"), ("batch_writer", PEER, "s--")):
        rates = [one[name] for one in results["latencies"]]
        ax.plot(at, rates, mark, color=colour, label=name)
    ax.set_ylim(0, _HEADROOM * ax.get_ylim()[1])
    ax.set_xlabel("latency of each call, ms")
    ax.set_ylabel("rows per second")
    ax.legend()
    _save("latencies")


def _workers(results: Json) -> None:
    """Rows a second by workers."""
    _, ax = plt.subplots(figsize=(6, 3.6))
    counts = [str(one["workers"]) for one in results["workers"]]
    rates = [one["rowsASecond"] for one in results["workers"]]
    bars = ax.bar(counts, rates, width=0.5, color=FUNCTION)
    ax.bar_label(bars, labels=[f"{rate:,.0f}" for rate in rates], padding=3)
    ax.margins(y=0.15)
    ax.set_xlabel("workers on one file of four parts")
    ax.set_ylabel("rows per second")
    _save("workers")
