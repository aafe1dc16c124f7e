"""Charts say their numbers in words, and take their colours from the page."""

import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from matplotlib.figure import Figure

from desk.page.bins import Bins
from desk.page.charts import REASONS_DRAWN_MAX, Chart, charts
from desk.page.summary import summarize
from desk.page.svg import WIDTH_POINTS, Ink, element
from tests.support.file_states import NOW, busy_states, state_of, uploaded

WEEK = Bins(NOW - timedelta(days=7), NOW)
STATES = busy_states(2500)
SUMMARY = summarize(STATES, WEEK, NOW)
CHARTS = charts(SUMMARY)


def parsed(chart: Chart) -> ET.Element:
    return ET.fromstring(chart.svg)  # noqa: S314  The drawing is our own.


def texts(chart: Chart) -> list[str]:
    """What a person reads in a drawing, in order."""
    root = parsed(chart)
    return ["".join(one.itertext()).strip() for one in root.iter("text")]


def test_each_row_of_a_chart_over_time_says_what_it_shows_and_how_much() -> None:
    files, records = CHARTS[:2]

    statuses, most = SUMMARY.statuses, SUMMARY.files_over_time
    expected = [
        line
        for status in ("processed", "broken", "refused", "no receipt")
        for line in (f"{status}: {statuses[status]:,}", f"most: {max(most[status]):,}")
    ]
    assert texts(files) == [*expected, "02 Mar 06:00", "05 Mar 18:00", "09 Mar 06:00"]
    assert f"stored: {SUMMARY.records['stored']:,}" in texts(records)
    assert files.note.startswith("A bar is 6 hours")


def test_bars_say_their_names_and_numbers() -> None:
    reasons, durations = CHARTS[2:]

    for reason, count in SUMMARY.reasons.most_common():
        at = texts(reasons).index(reason)
        assert texts(reasons)[at + 1] == f"{count:,}"
    assert texts(durations)[:2] == ["under 1 s", f"{SUMMARY.durations[0]:,}"]


def test_a_status_that_no_file_has_takes_no_row() -> None:
    summary = summarize([state_of(uploaded(), outcomes={"stored": 7})], WEEK, NOW)

    files, records, durations = charts(summary)

    assert texts(files)[0] == "processed: 1"
    assert len(texts(files)) == 2 + 3
    assert texts(records)[0] == "stored: 7"
    assert texts(durations) == ["1 to 5 s", "1"]


def test_numbers_that_would_run_into_each_other_are_not_both_drawn() -> None:
    few, many = (
        texts(charts(summarize([state_of(uploaded(), outcomes={"stored": count})], WEEK, NOW))[1])
        for count in (10**12, 10**16)
    )

    assert few[:2] == ["stored: 1,000,000,000,000", "most: 1,000,000,000,000"]
    assert many[:2] == ["stored: 10,000,000,000,000,000", "02 Mar 06:00"]


def test_the_rest_of_many_reasons_is_one_bar_and_the_table_has_them_all() -> None:
    reasons = {f"REASON_{chr(65 + number)}": 100 - number for number in range(14)}
    state = state_of(uploaded(), outcomes={"rejected": sum(reasons.values())}, reasons=reasons)

    chart = charts(summarize([state], WEEK, NOW))[2]

    rest = sum(sorted(reasons.values())[: 14 - REASONS_DRAWN_MAX])
    assert texts(chart)[-2:] == ["4 more", f"{rest:,}"]
    assert [row[:2] for row in chart.rows] == list(reasons.items())


def test_a_name_is_drawn_as_it_is_and_not_as_a_formula() -> None:
    state = state_of(uploaded(), outcomes={"rejected": 3}, reasons={"$A_1$": 3})

    assert texts(charts(summarize([state], WEEK, NOW))[2]) == ["$A_1$", "3"]


def test_a_table_has_the_numbers_of_its_chart() -> None:
    for chart, totals in zip(CHARTS[:2], (SUMMARY.statuses, SUMMARY.records), strict=True):
        for column, name in enumerate(chart.head[1:], start=1):
            assert sum(int(row[column]) for row in chart.rows) == totals[name]
    assert sum(int(row[1]) for row in CHARTS[2].rows) == sum(SUMMARY.reasons.values())
    assert sum(int(row[1]) for row in CHARTS[3].rows) == sum(SUMMARY.durations)


def test_colours_are_the_page_s_variables_and_letters_the_page_s_own() -> None:
    for chart in CHARTS:
        assert not re.search("#[0-9a-f]{6}", chart.svg)
        assert "font-family" not in chart.svg
        assert "DejaVu" not in chart.svg
        assert f"fill: {Ink.INK.variable}" in chart.svg
    drawn = {name for chart in CHARTS for name in re.findall(r"var\(--([a-z-]+)\)", chart.svg)}
    assert drawn == {ink.name.lower().replace("_", "-") for ink in Ink}


def test_a_drawing_tells_what_it_shows_to_whoever_does_not_see_it() -> None:
    for chart in CHARTS:
        root = parsed(chart)
        labels = (root.get("aria-labelledby") or "").split()
        found = {one.get("id"): one.text or "" for one in root if one.tag in ("title", "desc")}

        assert root.get("role") == "img"
        assert list(found) == labels
        assert found[labels[0]] == chart.title
        assert re.search(r"\d", found[labels[1]])


def test_drawings_share_no_id_and_are_as_narrow_as_a_telephone() -> None:
    ids = [one.get("id") for chart in CHARTS for one in parsed(chart).iter()]
    named = [one for one in ids if one is not None]

    assert len(named) == len(set(named))
    for chart in CHARTS:
        view_box = parsed(chart).get("viewBox") or ""
        assert view_box.startswith(f"0 0 {WIDTH_POINTS} ")


def test_a_drawing_holds_nothing_but_itself() -> None:
    for chart in CHARTS:
        tags = {one.tag for one in parsed(chart).iter()}

        assert tags == {"svg", "title", "desc", "g", "path", "text"}
        assert "xmlns" not in chart.svg
        assert "transform" not in chart.svg
        assert len(chart.svg) < 20_000


@pytest.mark.parametrize("settings", [{"color": "red"}, {"hatch": "//"}, {"clip_on": True}])
def test_a_drawing_with_a_colour_or_an_id_of_its_own_is_none_for_a_page(
    settings: dict[str, Any],
) -> None:
    figure = Figure()
    plain = {"color": Ink.STORED.value, "linewidth": 0, "clip_on": False}
    figure.add_axes((0, 0, 1, 1)).set_axis_off()
    figure.axes[0].bar([1], [1], **{**plain, **settings})

    with pytest.raises(ValueError, match="neither a colour of Ink nor without an id"):
        element(figure, "name", "title", "description")
