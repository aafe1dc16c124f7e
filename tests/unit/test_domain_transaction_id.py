"""Ids: taken exactly as sent, or refused; two ids never become one, none looks like another."""

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processor.domain.reject import Reason
from processor.domain.validation import validate_transaction_id
from tests.support.corpora import CORPORA, needs_corpora


@pytest.mark.parametrize(
    "text",
    [
        *("1", "007", "T-1", "t-1", "a b", "a  b", "#", "a#b", "a|b", "\\N", "null", "NaN", "0"),
        *('"quoted"', "'", "; DROP TABLE", "=cmd|' /C calc'!A0", "../../etc", "${x}", "%00"),
        *("caf\u00e9", "\u0416", "\u7530\u4e2d", "\U0001f600", "\u0645\u0631", "x" * 2048),
    ],
)
def test_a_visible_id_is_taken(text: str) -> None:
    assert validate_transaction_id(text) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" ", id="a blank"),
        pytest.param(" T-1", id="leading blank"),
        pytest.param("T-1 ", id="trailing blank"),
        pytest.param("T-1\n", id="trailing line feed"),
        pytest.param("T\t1", id="tab"),
        pytest.param("T\x001", id="NUL"),
        pytest.param("T\x7f1", id="DEL"),
        pytest.param("T\x851", id="C1 control"),
        pytest.param("T\u00a01", id="no-break space"),
        pytest.param("T\u20031", id="em space"),
        pytest.param("T\u30001", id="ideographic space"),
        pytest.param("T\u20281", id="line separator"),
        pytest.param("T\u200b1", id="zero-width space"),
        pytest.param("T\u200d1", id="zero-width joiner"),
        pytest.param("\ufeffT1", id="byte order mark"),
        pytest.param("T\u00ad1", id="soft hyphen"),
        pytest.param("T\u202e1", id="right-to-left override"),
        pytest.param("T\u034f1", id="grapheme joiner"),
        pytest.param("T\u31641", id="Hangul filler"),
        pytest.param("T\u115f1", id="Hangul choseong filler"),
        pytest.param("T\uffa01", id="half-width Hangul filler"),
        pytest.param("T\u28001", id="Braille blank"),
        pytest.param("T1\ufe0f", id="variation selector"),
        pytest.param("T\U000e01001", id="variation selector of plane 14"),
        pytest.param("T\U000e00411", id="tag letter"),
        pytest.param("\ue000", id="private use"),
        pytest.param("\uffff", id="no character"),
        pytest.param("\ud800", id="lone surrogate"),
        pytest.param("cafe\u0301", id="decomposed"),
        pytest.param("\u212b", id="Angstrom sign"),
        pytest.param("\u1100\u1161", id="decomposed Hangul"),
    ],
)
def test_an_id_that_looks_like_another_one_is_refused(text: str) -> None:
    assert validate_transaction_id(text) is Reason.TRANSACTION_ID_FORMAT


def test_composed_and_decomposed_are_not_two_ids() -> None:
    composed = "caf\u00e9"

    verdicts = [
        validate_transaction_id(unicodedata.normalize(form, composed)) for form in ("NFC", "NFD")
    ]

    assert verdicts == [None, Reason.TRANSACTION_ID_FORMAT]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * 2048, None),
        ("x" * 2049, Reason.TRANSACTION_ID_LENGTH),
        ("\u00e9" * 1024, None),
        ("\u00e9" * 1024 + "x", Reason.TRANSACTION_ID_LENGTH),
        ("\U0001f600" * 512, None),
        ("\U0001f600" * 513, Reason.TRANSACTION_ID_LENGTH),
        ("x" * 3000 + " ", Reason.TRANSACTION_ID_FORMAT),
    ],
)
def test_an_id_has_at_most_2048_bytes_of_utf_8(text: str, reason: Reason | None) -> None:
    assert validate_transaction_id(text) is reason


@given(st.text(min_size=1, max_size=20))
@settings(max_examples=500, deadline=None)
def test_an_id_that_is_taken_is_its_own_normal_form_and_can_be_stored(text: str) -> None:
    if validate_transaction_id(text) is None:
        assert unicodedata.normalize("NFC", text) == text
        assert text.strip() == text
        assert text.encode().decode() == text


@needs_corpora
def test_every_naughty_string_is_an_id_or_refused() -> None:
    strings = json.loads((CORPORA / "blns" / "blns.json").read_text())

    verdicts = {text: validate_transaction_id(text) for text in strings if text}

    assert len(verdicts) > 400
    assert set(verdicts.values()) <= {None, Reason.TRANSACTION_ID_FORMAT}
    assert verdicts["undefined"] is None
    assert all(
        reason
        for text, reason in verdicts.items()
        if text != text.strip() or any(unicodedata.category(mark) in "Cc Cf" for mark in text)
    )
