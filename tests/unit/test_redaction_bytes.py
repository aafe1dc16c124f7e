"""Quarantined bytes in which digits are hidden: behind a cut, by escapes, in another encoding."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processor.domain.reject import Reason
from processor.formats.records import RAW_BYTES_KEPT_MAX
from tests.support.redacted import HEADER, NO_CARD, in_json, redact


@pytest.mark.parametrize(
    ("tail", "shown"),
    [
        ("4111 1111 11", "**** **** **"),
        ("4111 1111 ", "**** **** "),
        ("4111-", "****-"),
        (r"4111\u003", r"****\u***"),
        ("4111\\", "****\\"),
        ("4539.5787.6362.1", "****.****.****.*"),
        ("4539 / 5787 / 6362 / ", "**** / **** / **** / "),
        (r"4539\t5787\/6362\t", r"****\t****\/****\t"),
        ("4539\uff0d5787\u2060", "****\uff0d****\u2060"),
        ("4539%205787%206362%2", "****%20****%******%*"),
        ("4539%205787%2", "****%******%*"),
        (r"4111\ud835\udfd9\ud835\udf", r"*****\ud835\udf"),
        ("x", "x"),
    ],
)
def test_digits_at_a_cut_end_are_masked(tail: str, shown: str) -> None:
    raw = "n" * (RAW_BYTES_KEPT_MAX - len(tail) - 1) + "," + tail

    redacted, count = redact(raw, None, Reason.RECORD_TOO_LARGE, cut_bytes=9)

    assert redacted.decode().endswith("," + shown)
    assert (count > 0) == (tail != shown)
    assert redact(raw, None, Reason.RECORD_TOO_LARGE) == (raw.encode(), 0)


def test_digits_before_half_a_character_are_masked() -> None:
    redacted, count = redact(b"x,41111111\xe2\x82", HEADER, Reason.RECORD_TOO_LARGE, cut_bytes=9)

    assert (redacted, count) == (b"x,********\xe2\x82", 1)


def test_bytes_that_are_no_utf_8_are_masked_and_else_kept() -> None:
    raw = b"M\xfcller 4111\xa01111\x961111\xad1111 \xff\xfe"

    redacted, count = redact(raw, NO_CARD, Reason.BAD_ENCODING)

    assert redacted == b"M\xfcller ****\xa0****\x96****\xad1111 \xff\xfe"
    assert count == 1


def test_nul_bytes_hide_no_number() -> None:
    raw = "card 4111111111111111 x".encode("utf-16-le")

    redacted, count = redact(raw, NO_CARD, Reason.NUL_BYTE)

    assert redacted == "card ************1111 x".encode("utf-16-le")
    assert count == 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (r"{\u0022card\u0022:\u00224539578763621486\u0022}", 1),
        (r"\u005c4539578763621486", 1),
        (r"pan\\u003d4539578763621486", 1),
        (r"\u00220022", 0),
    ],
)
@pytest.mark.parametrize("defect", [None, Reason.JSON_SYNTAX])
def test_an_escape_that_is_not_resolved_hides_no_number(
    value: str, shown: int, defect: Reason | None
) -> None:
    raw = '{"payload":"%s"}' % value  # noqa: UP031  JSON has braces.

    redacted, count = in_json(raw, defect)

    assert redacted == raw.replace("453957876362", "*" * 12)
    assert count == shown


@pytest.mark.parametrize("name", ["cardNumber", r"card\u0022Number", r"c\u005card-number"])
def test_an_escaped_quote_s_own_digits_are_none_of_a_card_number(name: str) -> None:
    redacted, count = in_json(r'{"%s":"\u00224539 5787 6362 1487"}' % name)  # noqa: UP031  JSON has braces.

    assert redacted == r'{"%s":"\u0022**** **** **** 1487"}' % name  # noqa: UP031  JSON has braces.
    assert count == 1


def test_an_escaped_backslash_begins_the_escape_of_a_text_within() -> None:
    raw = r'{"a": "\\u0034111111111111111"}'

    redacted, count = in_json(raw)

    assert redacted == r'{"a": "\\u***************1111"}'
    assert count == 1


@given(
    st.text(max_size=12),
    st.text(max_size=12),
    st.lists(st.sampled_from("duam"), min_size=16, max_size=16),
)
@settings(max_examples=200, deadline=None)
def test_a_json_number_is_masked_however_its_digits_are_escaped(
    before: str, behind: str, spelling: list[str]
) -> None:
    spelled = {
        "d": {"4": "4", "1": "1"},
        "u": {"4": r"\u0034", "1": r"\u0031"},
        "a": {"4": r"\u0664", "1": r"\u0661"},
        "m": {"4": r"\ud835\udfdc", "1": r"\uD835\uDFD9"},
    }
    digits = "".join(
        spelled[how][digit] for how, digit in zip(spelling, "4111111111111111", strict=True)
    )
    around = json.dumps(before + " | ")[:-1], json.dumps(" | " + behind)[1:]
    raw = f'{{"a":{around[0]}{digits}{around[1]}}}'

    redacted, count = in_json(raw)

    assert count >= 1
    value = json.loads(redacted)["a"]
    assert value.startswith(before) or "*" in value
    assert "************" in value
    assert len(value) == len(json.loads(raw)["a"])
