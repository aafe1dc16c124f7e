"""The forms of a card number: separators between its groups, zeros before it, escapes in it."""

import pytest

from processor.domain.masking import MASK, mask

SEPARATORS = [*"._/|:+\t \\-", "  ", "   ", " - ", " / ", "--", "\\/", "\u3000", "\u2003", "\u00ad"]


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"pan\u003d4539578763621486", r"pan\u003d************1486"),
        (r"\u00224539578763621486\u0022", r"\u0022************1486\u0022"),
        (
            r"{\\u0022pan\\u0022:\\u00224539578763621486",
            r"{\\u0022pan\\u0022:\\u0022************1486",
        ),
        (r"pan\x3d4539578763621486", r"pan\x3d************1486"),
        ("pan%3D4539578763621486", "pan%3D************1486"),
        ("%224539578763621486%22", "%22************1486%22"),
        ("u=a%253Fpan%253D4539578763621486", "u=a%253Fpan%253D************1486"),
        ("4539%205787%206362%201486", "****%20****%20****%201486"),
        ("4539%C2%A05787%E2%80%9163621486", "****%C2%A0****%E2%80%91****1486"),
        (r"4539\u20095787\u200963621486", r"****\u2009****\u2009****1486"),
        ("pan%3D4539+5787+6362+1486%26", "pan%3D****+****+****+1486%26"),
        ("%34539578763621486", "%*************1486"),
        ("%34%35%33%39578763621486", "%**%**%**%**********1486"),
        (r"\u0034539578763621486", r"\u***************1486"),
        (r"\uff14539578763621486", r"\u***************1486"),
        (r"\ud835\udfdc539578763621486", r"\u****\u***************1486"),
        ("4539578763621486%3D27121010000012345%3F", "************1486" + MASK * 23),
        ("%25B4539578763621486%5EDOE%2FJOHN%5E27121010000%3F", "%25B************1486" + MASK * 30),
    ],
)
def test_escapes_hide_no_number_and_stay_as_they_are(text: str, expected: str) -> None:
    assert mask(text) == (expected, int(text != expected))
    assert mask(expected) == (expected, 0)


@pytest.mark.parametrize(
    "text",
    [
        *("100%4539578763621487", r"C:\u0034\4539578763621487", "a3f%2F4539578763621487"),
        *("100%254539578763621", "tel=%2B4923555933166", "x=0%2E4539578763621486"),
        "%34%35%33%39",
    ],
)
def test_what_escapes_only_resemble_stays(text: str) -> None:
    assert mask(text) == (text, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0004539578763621486", "***************1486"),
        ("00004539578763621486", "****************1486"),
        ("x 0000000000000000000000004539578763621486", "x " + MASK * 36 + "1486"),
        ("0378282246310005", "************0005"),
        ("0036227206271667", "************1667"),
        ("0004 5395 7876 3621 486", "**** **** **** ***1 486"),
        ("pan=0004222222222222;", "pan=************2222;"),
        ("\u0660" * 3 + "4539578763621486", "***************1486"),
        ("00 4539 5787 6362 1486", "00 **** **** **** 1486"),
    ],
)
def test_zeros_before_a_number_hide_none_of_it(text: str, expected: str) -> None:
    assert mask(text) == (expected, 1)


@pytest.mark.parametrize(
    "text",
    [
        # An international prefix and a number in Germany; too few digits without the zeros; none.
        *("004915112345676", "0049 1511 2345676", "0000411111111111", "0" * 40, "0 " * 40),
        "000" + "4" * 20,
    ],
)
def test_zeros_make_no_card_number_of_what_is_none(text: str) -> None:
    assert mask(text) == (text, 0)
