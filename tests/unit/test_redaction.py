"""Quarantined bytes: exact, but for digits of card numbers, wherever they may stand."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processor.domain.reject import Reason
from processor.formats.records import RAW_BYTES_KEPT_MAX, RawRecord
from processor.redaction import Redactor, sensitive_in_record

HEADER = ("transactionId", "card_number", "note")
NO_CARD = ("transactionId", "note")


def redact(
    raw: bytes | str,
    header: tuple[str, ...] | None,
    defect: Reason | None = None,
    cut_bytes: int = 0,
) -> tuple[bytes, int]:
    data = raw.encode() if isinstance(raw, str) else raw
    record = RawRecord(1, 0, data, len(data) + cut_bytes, defect=defect)
    return Redactor(header).redact(record)


def in_csv(raw: str, defect: Reason | None = None) -> tuple[str, int]:
    redacted, count = redact(raw, HEADER, defect)
    return redacted.decode(), count


def in_json(raw: str, defect: Reason | None = None) -> tuple[str, int]:
    redacted, count = redact(raw, None, defect)
    return redacted.decode(), count


@pytest.mark.parametrize("header", [HEADER, None])
def test_bytes_without_a_card_number_are_the_same_object(header: tuple[str, ...] | None) -> None:
    raw = b"T-1,,\xff \\u0041 \0 note 2026-03-01"
    record = RawRecord(1, 0, raw, len(raw), defect=Reason.BAD_ENCODING)

    redacted, count = Redactor(header).redact(record)

    assert redacted is raw
    assert count == 0


@pytest.mark.parametrize("header", [HEADER, NO_CARD, None])
def test_a_number_that_masking_finds_is_masked_in_any_record(
    header: tuple[str, ...] | None,
) -> None:
    redacted, count = redact("x 4111 1111 1111 1111 y", header, Reason.CSV_QUOTE)

    assert (redacted, count) == (b"x **** **** **** 1111 y", 1)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("4111 1111 1111 1112", "**** **** **** 1112"),
        ("9999999999999995", "************9995"),
        ("123456789012", "********9012"),
        ("12345", "*2345"),
        ("1234", "1234"),
        ("n/a", "n/a"),
        ("", ""),
        ("4111x1111x1111x1111", "****x****x****x****"),
        ("4111 1111 1111 1111 cvv 123", "**** **** **** **** cvv ***"),
        ("41111111111111111111111", "***********************"),
        ('"4111 1111 1111 1112"', '"**** **** **** 1112"'),
        ('"x ""4111111111111112"""', '"x ""************1112"""'),
    ],
)
def test_the_value_of_a_card_number_column_is_masked_valid_or_not(value: str, shown: str) -> None:
    redacted, count = in_csv(f"T-123456,{value},note 123456789012")

    assert redacted == f"T-123456,{shown},note 123456789012"
    assert count == (value != shown)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('"4111 1111 1111 1112"', '"**** **** **** 1112"'),
        ("4111111111111112", "************1112"),
        ("4.111e15", "*.***e**"),
        (r'"\u0034111 1111 1111 111\u0032"', r'"**** **** **** 111\u0032"'),
        (r'"4111 1111 1111\u00201112"', r'"**** **** ****\u00201112"'),
        ("null", "null"),
        ("true", "true"),
        ('"\\"4111111111111112\\""', '"\\"************1112\\""'),
    ],
)
@pytest.mark.parametrize("name", ["cardNumber", "CARD_NUMBER", r"card\u004eumber"])
def test_the_value_of_a_json_card_number_is_masked_at_any_depth(
    name: str, value: str, shown: str
) -> None:
    raw = '{"id": "123456789012", "a": [{"%s" : %s}]}'

    redacted, count = in_json(raw % (name, value))

    assert redacted == raw % (name, shown)
    assert count == (value != shown)


@pytest.mark.parametrize(
    "value",
    [
        '["4111111111111112"]',
        '{"pan": "4111111111111112"}',
        '["4111","1111","1111","1111"]',
        '{"a":"41111111","b":["1111", {"c": 1111}]}',
    ],
)
def test_all_digits_of_a_nested_json_card_number_are_masked(value: str) -> None:
    redacted, count = in_json(f'{{"cardNumber": {value}, "n": 1}}')

    assert redacted == f'{{"cardNumber": {re.sub("[0-9]", "*", value)}, "n": 1}}'
    assert count == 1


def test_a_card_number_within_a_nested_one_is_masked_once() -> None:
    redacted, count = in_json('{"cardNumber": {"cardNumber": ["4111", "1112"]}, "n": "1234"}')

    assert redacted == '{"cardNumber": {"cardNumber": ["****", "****"]}, "n": "1234"}'
    assert count == 1


@pytest.mark.parametrize("name", [r"card\/number", r"card\nnumber", "Card No", "cc_number"])
def test_the_card_number_is_found_however_its_name_is_spelled(name: str) -> None:
    redacted, count = in_json('{"%s": "123456789012"}' % name)  # noqa: UP031  JSON has braces.

    assert redacted == '{"%s": "********9012"}' % name  # noqa: UP031  JSON has braces.
    assert count == 1


def test_a_record_that_cannot_be_split_has_all_long_runs_masked() -> None:
    raw = "T 123456789012,4111-1111-1111-1112,2026-03-01 9999 8888 7777 6666,12345678901,%s" % (
        "9" * 20
    )

    redacted, count = in_csv(raw, Reason.COLUMN_COUNT)

    assert redacted == (
        "T ********9012,****-****-****-1112,****-**-** **** **** **** ****,12345678901," + "*" * 20
    )
    assert count == 4


def test_a_card_number_is_seen_in_a_json_text_without_its_colon() -> None:
    redacted, count = in_json('{"card-number" "4111 1111 1111 1112"}', Reason.JSON_SYNTAX)

    assert redacted == '{"card-number" "**** **** **** 1112"}'
    assert count == 1


@pytest.mark.parametrize(
    "value",
    ['["4111","1111","1111","1112"]', "[4111, 1111, 1111, 1112]", "4111.1111.1111.1112, 737"],
)
def test_whatever_divides_the_digits_of_a_card_number_in_a_defective_text(value: str) -> None:
    raw = '{"cardNumber": %s, "amount": "1.00" "at": "2026-03-01T12:00:00Z"'

    redacted, count = in_json(raw % value, Reason.JSON_SYNTAX)

    assert redacted == raw % re.sub("[0-9]", "*", value)
    assert count == 1


@pytest.mark.parametrize(
    "value", ["4111.1111.1111.1112", "4111_1111_1111_1112", "4111  1111--11111112"]
)
def test_whatever_divides_the_digits_of_a_card_number_in_a_record_of_too_many_fields(
    value: str,
) -> None:
    redacted, count = in_csv(f"12,2026-03-01T12:00:00Z,{value},1200,x", Reason.COLUMN_COUNT)

    assert redacted == f"12,2026-03-01T12:00:00Z,{re.sub('[0-9]', '*', value)},1200,x"
    assert count == 1


def test_without_a_card_number_column_long_runs_stay() -> None:
    raw = "T 123456789012,9999-8888-7777-6666"

    assert redact(raw, NO_CARD, Reason.COLUMN_COUNT) == (raw.encode(), 0)


@pytest.mark.parametrize(
    "name",
    [
        *("cardNumber", "card_number", "CARDNUMBER", "'card number'", '"card_num_ber"', "card no"),
        *('"primaryAccountNumber"', '"c\\/ardNum"'),
    ],
)
def test_a_json_text_that_cannot_be_read_has_long_runs_masked_if_it_names_a_card(
    name: str,
) -> None:
    redacted, count = in_json("{%s: 4111 1111 1111 1112" % name, Reason.JSON_SYNTAX)  # noqa: UP031  JSON has braces.

    assert redacted == "{%s: **** **** **** 1112" % name  # noqa: UP031  JSON has braces.
    assert count == 1
    assert in_json("{id: 4111 1111 1111 1112", Reason.JSON_SYNTAX)[1] == 0


@pytest.mark.parametrize(
    ("tail", "shown"),
    [
        ("4111 1111 11", "**** **** **"),
        ("4111 1111 ", "**** **** "),
        ("4111-", "****-"),
        (r"4111\u003", r"****\u***"),
        ("4111\\", "****\\"),
        ("x", "x"),
    ],
)
def test_digits_at_a_cut_end_are_masked(tail: str, shown: str) -> None:
    raw = "n" * (RAW_BYTES_KEPT_MAX - len(tail) - 1) + "," + tail

    redacted, count = redact(raw, None, Reason.RECORD_TOO_LARGE, cut_bytes=9)

    assert redacted.decode().endswith("," + shown)
    assert count == (tail != shown)
    assert redact(raw, None, Reason.RECORD_TOO_LARGE) == (raw.encode(), 0)


def test_digits_before_half_a_character_are_masked() -> None:
    redacted, count = redact(b"x,41111111\xe2\x82", HEADER, Reason.RECORD_TOO_LARGE, cut_bytes=9)

    assert (redacted, count) == (b"x,********\xe2\x82", 1)


def test_bytes_that_are_no_utf_8_are_masked_and_else_kept() -> None:
    raw = b"M\xfcller 4111\xa01111\xa01111\xa01111 \xff\xfe"

    redacted, count = redact(raw, NO_CARD, Reason.BAD_ENCODING)

    assert redacted == b"M\xfcller ****\xa0****\xa0****\xa01111 \xff\xfe"
    assert count == 1


def test_nul_bytes_hide_no_number() -> None:
    raw = "card 4111111111111111 x".encode("utf-16-le")

    redacted, count = redact(raw, NO_CARD, Reason.NUL_BYTE)

    assert redacted == "card ************1111 x".encode("utf-16-le")
    assert count == 1


def test_an_escaped_backslash_is_no_escape() -> None:
    raw = r'{"a": "\\u0034111111111111111"}'

    assert in_json(raw) == (raw, 0)


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


@pytest.mark.parametrize("raw", [rb'{"c\u0076v": 1', b'{"cvv": "\xff"}', b'[{"cvv":1}]'])
def test_a_sensitive_name_is_seen_in_bytes_that_could_not_be_read(raw: bytes) -> None:
    record = RawRecord(1, 0, raw, len(raw), defect=Reason.JSON_SYNTAX)

    assert sensitive_in_record(record, is_json=True) == "cvv"
