"""The forms of a card number: which separators are found between which groups."""

import pytest

from processor.domain.masking import MASK, mask

SEPARATORS = [*"._/|:\t \\-", "  ", "   ", " - ", " / ", "--", "\\/", "\u3000", "\u2003", "\u00ad"]


@pytest.mark.parametrize("separator", [*SEPARATORS, "\\t", "\u200b", "\u00a0\u00a0"])
@pytest.mark.parametrize("groups", ["4111 1111 1111 1111", "3782 822463 10005", "3056 930902 5904"])
def test_printed_groups_are_found_with_any_usual_separator(groups: str, separator: str) -> None:
    shown = groups[-4:]
    hidden = "".join(MASK if digit.isdecimal() else digit for digit in groups[:-4])

    result = mask(groups.replace(" ", separator))

    assert result == ((hidden + shown).replace(" ", separator), 1)


@pytest.mark.parametrize("separator", ["\u3000", "\u2003", "\u00ad", "\u200b"])
def test_wide_and_invisible_separators_join_any_groups(separator: str) -> None:
    assert mask(separator.join(["41", "1111111111", "1111"])) == (
        separator.join(["**", "*" * 10, "1111"]),
        1,
    )
