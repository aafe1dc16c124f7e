"""Escapes: what a text says without them, and where in it each character is written."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.domain.escapes import LEVELS_MAX, readings, resolved


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pan%3D4", ["pan=4"]),
        (r"pan\u003d4", ["pan=4"]),
        (r"pan\x3d4", ["pan=4"]),
        (r"pan\U0000003d4", ["pan=4"]),
        (r"\\u003d4", [r"\u003d4", "=4"]),
        (r"\\\\\u003d4", [r"\\=4", r"\=4"]),
        ("%253D4", ["%3D4", "=4"]),
        ("%25253D4", ["%253D4", "%3D4", "=4"]),
        ("4%C2%A05%E2%80%8B6", ["4\u00a05\u200b6"]),
        ("4%A05", ["4\udca05"]),
        (r"\ud835\udfdc5", ["\U0001d7dc5"]),
        (r"\ud835", ["\ud835"]),
        ("100% 5%zz \\n \\u12 \\x4g \\U00110000 %", []),
        ("", []),
    ],
)
def test_a_text_is_read_with_its_escapes_resolved(text: str, says: list[str]) -> None:
    assert list(resolved(text)) == says
    assert [reading.plain for reading in readings(text)] == says


def test_escapes_within_escapes_end_somewhere() -> None:
    deep = "%" + "25" * 1000 + "41"

    assert len(list(resolved(deep))) == LEVELS_MAX


ESCAPES = st.sampled_from(
    [
        "\\\\",
        "%41",
        "%2541",
        "%C3%A9",
        "%ff",
        "%",
        "\\u0041",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\\x41",
        "\\",
        "é",
    ]
)


@given(st.lists(ESCAPES | st.text(max_size=2), max_size=8).map("".join))
def test_every_character_is_where_it_begins(text: str) -> None:
    before, places = text, list(range(len(text) + 1))

    for plain, starts in readings(text):
        assert len(starts) == len(plain) + 1
        assert list(starts) == sorted(set(starts))
        assert (starts[0], starts[-1]) == (0, len(text))
        for at, character in enumerate(plain):
            written = text[starts[at] : starts[at + 1]]
            assert written == character or len(written) > 1
        before, places = plain, list(starts)
    assert len(places) == len(before) + 1


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters='"\\%')))
def test_what_programs_escape_is_read_as_it_was(text: str) -> None:
    in_json, in_address = json.dumps(text), quote(text, safe="")

    assert next(resolved(in_json), in_json) == f'"{text}"'
    assert next(resolved(in_address), in_address) == text
