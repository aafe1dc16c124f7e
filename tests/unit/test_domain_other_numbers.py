"""Numbers that are known to be something else, and what only resembles them."""

import pytest

from processor.domain.masking import mask

# Each would be a card number by its digits alone.
OTHER_NUMBERS = [
    *("DK4701295110504990", "FI5395254776254943", "BE56372130853217"),
    *("DE48 5059 1625 4343 3590 77", "FR53 2691 7589 1948 7283 9556 954"),
    *("GB30 NWBK 6326 7951 9176 56", "a117511f-cb6d-4801-4427-196908222006"),
    *("RF5112555917477561", "RF56 4111 1111 1111 1111", "rf56 4111 1111 1111 1111 2027"),
    *("4082655647030729a14be06b9aff956c", "+4923555933166", "0.4111111111111111"),
]


@pytest.mark.parametrize("text", OTHER_NUMBERS)
@pytest.mark.parametrize(("before", "behind"), [("", ""), ("from ", " of today"), ("(", ")")])
def test_what_is_known_to_be_another_number_is_kept(text: str, before: str, behind: str) -> None:
    whole = before + text + behind

    assert mask(whole) == (whole, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DK4601295110504990", "DK************4990"),
        ("DK4701295110504990 4111111111111111", "DK4701295110504990 ************1111"),
        ("DE48 5059 1625 4343 3590 78", "DE48 **** **** **** 3590 78"),
        ("a117511f-cb6d-4801-4427-19690822200", "a117511f-cb6d-****-****-*******2200"),
    ],
)
def test_what_only_resembles_another_number_is_no_excuse(text: str, expected: str) -> None:
    result, _ = mask(text)

    assert (result == expected) == (text != result)
