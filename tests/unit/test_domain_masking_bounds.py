"""Masking takes time proportional to the text, however it was made."""

import re
import sys
from types import FrameType

import pytest

from processor.domain.masking import GROUPS_MAX, mask

# Each group makes a number with what is left of the one before.
CHAINED = (
    "4682752174884851 485948074559 758269804134 414243074055 623459374125 831531854123 "
    "600604364621 667422874542 721135534970 990384584256"
)


def test_what_chained_numbers_leave_of_each_other_is_masked_whole() -> None:
    text = f"{CHAINED} x 4112.4111.1111.1111 1111 x 1234567890.123456"

    result, _ = mask(text)

    assert not re.search(r"\d{4} \d{4}|\d{5}", result)
    assert mask(result) == (result, 0)


def calls_to_mask(text: str) -> int:
    """Steps that masking takes: calls, and resumed generators."""
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        mask(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "piece",
    [
        "NO4741234860893 ",
        "NO4741234860893 x 4242 4242 4242 4242 ",
        "a117511f-cb6d-4801-4427-196908222006 ",
        "RF56 4111 1111 1111 1111 ",
        "4 " * GROUPS_MAX + "x",
        "4242.",
        "4.111111111111111E15 ",
        "%34539%20",
        "\\u0022",
        "0" * 50,
        "000 ",
    ],
)
def test_the_steps_of_masking_grow_no_faster_than_the_text(piece: str) -> None:
    few = calls_to_mask(f"{CHAINED} x {piece * 40}")
    many = calls_to_mask(f"{CHAINED} x {piece * 400}")

    assert many < 11 * few


def test_a_text_made_to_need_many_looks_ends_with_every_number_masked() -> None:
    text = "4111111111111111^AB^" + "a1" * 30 + "4111111111111111^AB^"

    result, count = mask(text * 30)

    assert count > 0
    assert mask(result) == (result, 0)
    assert not re.search("4111111111111111", result)


def test_more_groups_than_any_text_has_are_masked_whole() -> None:
    # No part of it is a card number.
    longest = " ".join(["4"] * GROUPS_MAX)

    assert mask(f"{longest}, 12") == (f"{longest}, 12", 0)
    assert mask(f"{longest} 4, 12") == (f"{longest} 4, 12".replace("4", "*"), 1)
