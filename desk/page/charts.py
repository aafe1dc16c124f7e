"""Charts of a page. Each is small, for a telephone, and says its numbers without any colour.

What differs in size by thousands, as stored and conflicting records do, is drawn in rows with a
scale of its own each, named beside its bars: in one row the few that matter could not be seen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from desk.files import NO_RECEIPT
from desk.page.bins import DURATION_NAMES, Bins
from desk.page.summary import OUTCOMES, STATUSES, Summary
from desk.page.svg import WIDTH_POINTS, Ink, element
from desk.page.words import shown
from processor.domain.control_totals import Outcome
from processor.domain.receipt import FileStatus

REASONS_DRAWN_MAX: Final = 10

_POINTS_AN_INCH: Final = 72
_ROW_POINTS: Final = 58
_LABEL_ROOM_POINTS: Final = 22
_BAR_POINTS: Final = 28
_AXIS_POINTS: Final = 22
_LABEL_POINTS: Final = 10.0
_SMALL_POINTS: Final = 9.0
_LABEL_CHARACTERS_MAX: Final = 48
"""What fits beside each other above a row, in wide letters: up to a trillion records do."""

_BAR_WIDTH: Final = 0.84
_TICK_PLACES: Final = 3
_PLAIN: Final[dict[str, Any]] = {"linewidth": 0, "clip_on": False}
_SETTINGS: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": _LABEL_POINTS,
    # Names of reasons are no formulas, whatever they hold.
    "text.parse_math": False,
    "text.color": Ink.INK.value,
    "axes.edgecolor": Ink.LINE.value,
    "xtick.color": Ink.FAINT.value,
}
_INKS: Final = {
    FileStatus.PROCESSED.value: Ink.PROCESSED,
    FileStatus.BROKEN.value: Ink.BROKEN,
    FileStatus.REFUSED.value: Ink.REFUSED,
    NO_RECEIPT: Ink.NO_RECEIPT,
    Outcome.STORED.value: Ink.STORED,
    Outcome.DUPLICATE.value: Ink.DUPLICATE,
    Outcome.CONFLICT.value: Ink.CONFLICT,
    Outcome.REJECTED.value: Ink.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, and its numbers as a table.

    Args:
        title: What it shows.
        note: How it is to be read.
        svg: The drawing, an SVG element.
        head: Names of the table's columns; all but the first one hold numbers.
        rows: The table.
    """

    title: str
    note: str
    svg: str
    head: Sequence[str]
    rows: Sequence[Sequence[str | int]]


def charts(summary: Summary) -> list[Chart]:
    """Those that have something to show."""
    with mpl.rc_context(_SETTINGS):
        return list(_charts(summary))


def _charts(summary: Summary) -> Iterator[Chart]:
    if not summary.file_count:
        return
    yield _over_time("files", "Files by status", summary.files_over_time, STATUSES, summary.period)
    if summary.records["read"]:
        yield _over_time(
            *("records", "Records by outcome", summary.records_over_time, OUTCOMES),
            summary.period,
        )
    if summary.reasons:
        yield _reasons(summary)
    if any(summary.durations):
        yield _durations(summary)


def _over_time(
    name: str,
    title: str,
    series: Mapping[str, Sequence[int]],
    order: Sequence[str],
    period: Bins,
) -> Chart:
    """A row of bars for each status or outcome that there is any of."""
    drawn = [one for one in order if any(series[one])]
    figure, height = _figure(len(drawn) * _ROW_POINTS + _AXIS_POINTS)
    for row, one in enumerate(drawn):
        bottom = height - (row + 1) * _ROW_POINTS
        axes = _axes(figure, bottom / height, (_ROW_POINTS - _LABEL_ROOM_POINTS) / height)
        counts = series[one]
        places = [place for place, count in enumerate(counts) if count]
        heights = [counts[place] for place in places]
        axes.bar(places, heights, _BAR_WIDTH, color=_INKS[one].value, **_PLAIN)
        axes.set_xlim(-0.5, len(counts) - 0.5)
        axes.set_ylim(0, max(counts))
        in_all, most = f"{one}: {sum(counts):,}", f"most: {max(counts):,}"
        _label(axes, 0, in_all, weight="bold")
        if len(in_all + most) <= _LABEL_CHARACTERS_MAX:
            _label(axes, 1, most, color=Ink.FAINT.value)
        if row == len(drawn) - 1:
            _time_ticks(axes, period)
    totals = ", ".join(f"{one} {sum(series[one]):,}" for one in drawn)
    return Chart(
        f"{title} over time",
        f"A bar is {_a(period.step_shown)}, by the time of upload (UTC). "
        "Each row has a scale of its own.",
        element(figure, name, f"{title} over time", f"Bar chart. In all: {totals}."),
        ("from (UTC)", *order),
        [
            (period.name_of(begin), *(series[one][at] for one in order))
            for at, begin in enumerate(period.begins)
            if any(series[one][at] for one in order)
        ],
    )


def _a(step: str) -> str:
    return step if step[0].isdecimal() else f"{'an' if step == 'hour' else 'a'} {step}"


def _reasons(summary: Summary) -> Chart:
    ordered = summary.reasons.most_common()
    drawn = ordered[:REASONS_DRAWN_MAX]
    rest = ordered[REASONS_DRAWN_MAX:]
    if rest:
        drawn.append((f"{len(rest):,} more", sum(count for _, count in rest)))
    title = "Records in quarantine, by reason"
    return Chart(
        title,
        "Rejected and conflicting records.",
        _bars("reasons", title, drawn, Ink.REJECTED),
        ("reason", "records", "files"),
        [(reason, count, summary.reason_files[reason]) for reason, count in ordered],
    )


def _durations(summary: Summary) -> Chart:
    counts = summary.durations
    used = [at for at, count in enumerate(counts) if count]
    rows = [(DURATION_NAMES[at], counts[at]) for at in range(used[0], used[-1] + 1)]
    title = "Files by how long they took"
    return Chart(
        title,
        "From when a file was registered until its last part was recorded.",
        _bars("durations", title, rows, Ink.DURATION),
        ("took", "files"),
        rows,
    )


def _bars(name: str, title: str, rows: Sequence[tuple[str, int]], ink: Ink) -> str:
    """Bars that lie, the name of each above it: names of reasons are as long as a telephone."""
    figure, height = _figure(len(rows) * _BAR_POINTS)
    most = max(count for _, count in rows)
    for row, (label, count) in enumerate(rows):
        bottom = height - (row + 1) * _BAR_POINTS
        axes = _axes(figure, (bottom + 4) / height, 7 / height)
        axes.barh([0], [most], 1, color=Ink.LINE.value, alpha=0.45, **_PLAIN)
        axes.barh([0], [count], 1, color=ink.value, **_PLAIN)
        axes.set_xlim(0, most)
        axes.set_ylim(-0.5, 0.5)
        axes.spines["bottom"].set_visible(False)
        _label(axes, 0, shown(label))
        _label(axes, 1, f"{count:,}", weight="bold")
    said = ", ".join(f"{shown(label)} {count:,}" for label, count in rows)
    return element(figure, name, title, f"Bar chart. {said}.")


def _figure(height_points: float) -> tuple[Figure, float]:
    width = WIDTH_POINTS / _POINTS_AN_INCH
    return Figure(figsize=(width, height_points / _POINTS_AN_INCH)), height_points


def _axes(figure: Figure, bottom: float, height: float) -> Any:
    """A row of a figure, without a frame but for its base line."""
    axes = figure.add_axes((0, bottom, 1, height))
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.set_yticks([])
    axes.set_xticks([])
    axes.patch.set_visible(False)
    return axes


def _label(axes: Any, at: int, text: str, **settings: Any) -> None:
    """Writes above a row: at its left edge (0) or its right one (1)."""
    axes.annotate(
        text,
        (at, 1),
        (0, 3),
        xycoords="axes fraction",
        textcoords="offset points",
        ha=("left", "right")[at],
        va="bottom",
        **settings,
    )


def _time_ticks(axes: Any, period: Bins) -> None:
    """Names a few bins under the last row: first, middle, last."""
    last = len(period.begins) - 1
    places = sorted({round(part * last / (_TICK_PLACES - 1)) for part in range(_TICK_PLACES)})
    pattern = "%d %b %Y" if period.step.days else "%d %b %H:%M"
    # The outer names end where the outer bars do.
    edges = {last: (0.5, "right"), 0: (-0.5, "left")}
    for place in places:
        shift, align = edges.get(place, (0, "center"))
        axes.annotate(
            f"{period.begins[place]:{pattern}}",
            (place + shift, 0),
            (0, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha=align,
            va="top",
            size=_SMALL_POINTS,
            color=Ink.FAINT.value,
        )
