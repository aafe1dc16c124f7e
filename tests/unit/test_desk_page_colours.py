"""Light, dark and paper have the same colours by name, and each stands out from its ground."""

import re
from datetime import timedelta

from desk.page.bins import Bins
from desk.page.page import render
from desk.page.rows import Made
from desk.page.summary import summarize
from tests.support.file_states import NOW, busy_states

PAGE = render(
    summarize(busy_states(600), Bins(NOW - timedelta(days=7), NOW), NOW),
    Made("prod", "eu-central-1", "", "desk 0.1.0"),
)


def test_light_dark_and_paper_give_the_same_names_to_colours() -> None:
    light, dark, paper = (
        dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", PAGE, re.DOTALL)
    )

    assert light.keys() == dark.keys() == paper.keys()
    assert set(re.findall(r"var\((--[a-z-]+)\)", PAGE)) <= light.keys()
    assert "@media (prefers-color-scheme: dark)" in PAGE
    assert "@media print" in PAGE


def luminance(colour: str) -> float:
    """Source: WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_letters_and_bars_stand_out_from_what_is_behind_them() -> None:
    for block in re.findall(r":root \{(.*?)\}", PAGE, re.DOTALL):
        colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
        for ground in ("ground", "panel", "fine-ground", "awaits-ground"):
            assert contrast(colours["ink"], colours[ground]) >= 7
        assert contrast(colours["faint"], colours["ground"]) >= 4.5
        for bar in ("processed", "stored", "duplicate", "conflict", "rejected", "no-receipt"):
            assert contrast(colours[bar], colours["ground"]) >= 3
