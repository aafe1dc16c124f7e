"""The page loads nothing, runs nothing, and shows names as what they are: texts."""

import html
import re
import shlex
import subprocess
import time
from datetime import timedelta

import pytest

from desk.files import FileState
from desk.page import words
from desk.page.bins import Bins
from desk.page.page import render
from desk.page.reasons import MEANINGS, meaning_of
from desk.page.rows import Made
from desk.page.summary import LATEST_MAX, Summary, summarize
from processor.domain.masking import find_card_numbers
from processor.domain.reject import Reason
from tests.support.file_states import (
    NOW,
    busy_states,
    state_of,
    state_without_receipt,
    states_of_every_kind,
    uploaded,
)
from tests.support.html_page import Page

WEEK = Bins(NOW - timedelta(days=7), NOW)
MADE = Made("prod", "eu-central-1", "", "desk 0.1.0")
CARD = "4111111111111111"
HOSTILE = "in/<script>alert(1)</script>\"'&amp;{{ 7*7 }}<!--\n\r\t\x00\x1b[31m\u202egpj\u2066.csv"


def summary_of(*states: FileState, failed: int = 0) -> Summary:
    return summarize(states, WEEK, NOW, failed)


def page_of(*states: FileState, failed: int = 0, made: Made = MADE) -> str:
    return render(summary_of(*states, failed=failed), made)


def test_a_hostile_key_adds_no_element_and_no_attribute() -> None:
    hostile, tame = (
        Page(page_of(*states_of_every_kind(key, version), made=Made(key, key, key, "desk")))
        for key, version in ((HOSTILE, HOSTILE), ("in/tame.csv", "v1"))
    )

    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in tame.elements]
    assert [sorted(found) for _, found in hostile.elements] == [
        sorted(found) for _, found in tame.elements
    ]
    assert hostile.open == []
    assert "in/<script>alert(1)</script>\"'&amp;{{ 7*7 }}<!--" in hostile.text


def test_a_hostile_reason_or_notice_is_a_text_too() -> None:
    hostile = "<img src=x onerror=alert(1)>$\\frac{1}{2}$\x00\n"

    page = page_of(
        state_of(
            uploaded(),
            status="broken",
            fault=hostile,
            outcomes={"rejected": 1},
            reasons={hostile: 1},
            notices=(hostile,),
            sums={hostile: {"stored": "1", "duplicate": "1", "conflict": "1"}},
        )
    )

    assert "img" not in Page(page).tags
    assert Page(page).text.count("<img src=x onerror=alert(1)>$\\frac{1}{2}$\\x00\\n") > 5


def test_what_has_no_shape_is_shown_as_an_escape() -> None:
    made = Made(HOSTILE, HOSTILE, HOSTILE, "desk")
    page = html.unescape(page_of(*states_of_every_kind(HOSTILE, HOSTILE), made=made))

    assert all(one.isprintable() or one == "\n" for one in page)
    assert r"\n\r\t\x00\x1b[31m\u202egpj\u2066.csv" in page


@pytest.mark.parametrize("states", [[], busy_states(600)])
def test_nothing_is_loaded_and_nothing_runs(states: list[FileState]) -> None:
    page = page_of(*states, failed=1)
    found = Page(page)

    assert not found.tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    for tag, attributes in found.elements:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "xlink:href", "action", "data"):
            assert (attributes.get(name) or "#").startswith("#"), tag
    assert "http:" not in page
    assert "https:" not in page
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)
    policies = [attributes for _, attributes in found.elements if "http-equiv" in attributes]
    assert [one["content"] for one in policies] == [
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    ]


def test_every_link_leads_somewhere_and_every_id_is_there_once() -> None:
    found = Page(page_of(*states_of_every_kind("a.csv"), failed=2)).elements
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]

    assert len(ids) == len(set(ids))
    for _, attributes in found:
        for name in ("href", "aria-labelledby"):
            for one in (attributes.get(name) or "").split():
                assert one.removeprefix("#") in ids


def test_no_card_number_is_on_the_page_and_the_next_step_says_so() -> None:
    key = f"in/{CARD}.csv"

    page = page_of(*states_of_every_kind(key), made=Made("prod", "", key, "desk"))

    text = Page(page).text
    assert CARD not in page
    assert list(find_card_numbers(text)) == []
    assert "in/************1111.csv" in text
    assert text.count("The key holds a card number, which is masked here") == 4


def test_a_card_number_is_masked_though_escapes_would_hide_it_or_make_it() -> None:
    hidden = f"{CARD[:4]}\u00ad{CARD[4:]}"
    made = "\u3000" + "0000000004"

    assert words.shown(hidden) == r"****\xad********1111"
    assert words.desk_command("rejects", "prod", hidden).endswith(r"$'****\xc2\xad********1111'")
    assert words.shown(made) == r"\u**********0004"
    assert list(find_card_numbers(words.desk_command("rejects", "prod", made))) == []


def test_a_card_number_that_two_words_of_a_command_would_make_is_masked() -> None:
    text = words.desk_command("rejects", "prod", CARD[8:], {"--version-id": CARD[:8]})

    assert text == "desk rejects --stack prod --version-id ******** ****1111"


@pytest.mark.parametrize(
    "key",
    [
        "in/march.csv",
        "in/two words.csv",
        'it\'s; rm -rf $HOME `id` "x" \\ !.csv',
        "-option.csv",
        "line\nend\x1b\u202e'\\.csv",
        "été/日本.csv",
    ],
)
def test_a_command_names_the_key_that_is_meant_in_a_shell(key: str) -> None:
    text = words.desk_command("rejects", "a stack", key, {"--version-id": "v 1"})

    told = subprocess.run(
        ["bash", "-c", f"desk() {{ printf '%s\\0' \"$@\"; }}; {text}"],
        capture_output=True,
        check=True,
    )

    assert text.isprintable()
    dashes = ["--"] if key.startswith("-") else []
    expected = ["rejects", "--stack", "a stack", "--version-id", "v 1", *dashes, key]
    assert told.stdout.decode().split("\0")[:-1] == expected


def test_each_list_has_the_next_step_of_its_files() -> None:
    page = Page(page_of(*states_of_every_kind("in/a b.csv"), failed=3)).text

    key = shlex.quote("in/a b.csv")
    for command in (
        "desk redrive --stack prod",
        "desk sweep --stack prod",
        f"desk status --stack prod {key}",
        f"desk receipt --stack prod --version-id v1 {key}",
        f"desk rejects --stack prod --version-id v1 {key}",
    ):
        assert command in page


def test_a_file_s_facts_say_what_is_out_of_the_ordinary() -> None:
    page = Page(page_of(*states_of_every_kind("in/a.csv"))).text

    assert "2026-03-08 09:20 , 1,000 bytes, no receipt : parts are not done" in page
    assert "broken : GZIP_TRUNCATED at byte 4,321" in page
    assert "processed : 2 conflicts" in page
    assert "processed : 1 rejected" in page
    assert "replays in/a.csv" in page


def test_a_file_of_a_bucket_without_versions_is_named_by_its_key_alone() -> None:
    page = Page(page_of(state_of(uploaded("a.csv", None), outcomes={"rejected": 1}))).text

    assert "desk rejects --stack prod a.csv" in page


@pytest.mark.parametrize(
    ("states", "failed", "said"),
    [
        ([], 0, "Nothing awaits action."),
        ([state_of(uploaded(), outcomes={"stored": 1})], 0, "Nothing awaits action."),
        ([state_without_receipt(uploaded())], 0, "1 file awaits action."),
        ([], 1, "1 failed event awaits action."),
        (
            [state_without_receipt(uploaded(str(number))) for number in range(1200)],
            2,
            "1,200 files and 2 failed events await action.",
        ),
    ],
)
def test_the_page_says_first_whether_all_is_well(
    states: list[FileState], failed: int, said: str
) -> None:
    page = Page(page_of(*states, failed=failed))

    assert said in page.text
    assert ("What awaits action" in page.text) == (said != "Nothing awaits action.")


def test_a_page_about_nothing_says_so_and_draws_nothing() -> None:
    page = Page(page_of(made=Made("prod", "eu-central-1", "in/<x>", "desk 0.1.0")))

    assert "No files" in page.text
    assert "Nothing was uploaded in this time under keys that begin with in/<x>" in page.text
    assert "svg" not in page.tags
    assert "table" not in page.tags


def test_a_page_about_one_file_has_its_numbers() -> None:
    sums = {"EUR": {"stored": "1234567.89", "duplicate": "0.00", "conflict": "-1000.50"}}

    page = Page(page_of(state_of(uploaded(), outcomes={"stored": 1234}, sums=sums, seconds=2)))

    assert "1,234,567.89" in page.text
    assert "-1,000.50" in page.text
    assert "2.00 s 1,000 bytes 1,234 617" in page.text
    assert "All files" in page.text


def test_files_that_a_file_conflicts_with_are_named_where_they_are_known() -> None:
    file = uploaded("second.csv")
    summary = summary_of(state_of(file, outcomes={"conflict": 2}))
    summary.first_files[file.version.file_id] = [
        ("second.csv", "v1"),
        *[(f"first-{number}.csv", "v1") for number in range(4)],
    ]

    page = Page(render(summary, MADE)).text

    assert "2 the same file, first-0.csv, first-1.csv and 2 more" in page


def test_a_page_about_ten_thousand_files_is_quick_and_small() -> None:
    states = busy_states(14_500)
    assert 9_500 < len(states) < 11_000
    started = time.process_time()

    page = page_of(*states)

    assert time.process_time() - started < 10
    assert len(page.encode()) < 300_000
    more = f"and {len(states) - LATEST_MAX:,} more files"
    assert more in Page(page).text


def test_the_same_numbers_give_the_same_bytes() -> None:
    states = busy_states(300)

    assert page_of(*states) == page_of(*states)


def test_every_reason_has_a_meaning_in_a_few_words() -> None:
    assert list(MEANINGS) == list(Reason)
    assert max(map(len, MEANINGS.values())) <= 50
    assert meaning_of("OF_A_LATER_RELEASE") == ""
