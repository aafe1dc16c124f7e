"""A page's numbers are those of the receipts, and what awaits action is on its list."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest

from desk.awaiting import Awaits
from desk.files import NO_RECEIPT, FileState
from desk.page.bins import DURATION_NAMES, Bins, duration_bin_of
from desk.page.summary import (
    AWAITING_LISTED_MAX,
    LATEST_MAX,
    OUTCOMES,
    SLOWEST_MAX,
    STATUSES,
    Summary,
    seconds_of,
    summarize,
)
from tests.support.fakes import BUCKET
from tests.support.file_states import (
    NOW,
    busy_states,
    receipt_of,
    state_of,
    state_without_receipt,
    uploaded,
)
from tests.support.world import MIXED, World

WEEK = Bins(NOW - timedelta(days=7), NOW)


def summary_of(*states: FileState) -> Summary:
    return summarize(states, WEEK, NOW)


def awaiting(*states: FileState) -> dict[str, list[str]]:
    """Keys on each list that has any."""
    return {
        group.value: [state.file.version.key for state in listed.files]
        for group, listed in summary_of(*states).awaiting.items()
        if listed.count
    }


def receipts(states: Iterable[FileState]) -> list[dict[str, Any]]:
    return [state.receipt for state in states if state.receipt]


def test_a_synthetic_receipt_has_the_members_of_a_real_one() -> None:
    real = World().process_file(MIXED)

    assert list(receipt_of(uploaded())) == list(real)
    for section in ("outcomes", "duplicates", "cardNumbers"):
        assert receipt_of(uploaded())[section].keys() == real[section].keys()
    assert next(iter(real["sums"].values())).keys() == {"stored", "duplicate", "conflict"}


def test_all_numbers_are_those_of_the_receipts_recounted() -> None:
    states = busy_states(2500)

    summary = summarize(states, WEEK, NOW)

    all_receipts = receipts(states)
    assert summary.file_count == len(states)
    assert summary.statuses == Counter(state.status for state in states)
    assert set(summary.statuses) == set(STATUSES)
    assert summary.size_bytes == sum(state.file.size_bytes for state in states)
    for name in ("read", *OUTCOMES):
        assert summary.records[name] == sum(one["outcomes"][name] for one in all_receipts) > 0
    reasons: Counter[str] = Counter()
    for one in all_receipts:
        reasons.update(one["reasons"])
    assert summary.reasons == reasons
    assert sum(reasons.values()) == summary.records["rejected"] + summary.records["conflict"]
    assert summary.durations == [
        sum(duration_bin_of(seconds_of(one)) == at for one in all_receipts)
        for at in range(len(DURATION_NAMES))
    ]


def test_what_is_drawn_over_time_adds_up_to_the_totals() -> None:
    states = busy_states(2500)

    summary = summarize(states, WEEK, NOW)

    for status, counts in summary.files_over_time.items():
        assert sum(counts) == summary.statuses[status]
    for outcome, counts in summary.records_over_time.items():
        assert sum(counts) == summary.records[outcome]
    for at, begin in enumerate(WEEK.begins):
        inside = [
            one for one in states if begin <= one.file.uploaded_at < begin + timedelta(hours=6)
        ]
        assert sum(counts[at] for counts in summary.files_over_time.values()) == len(inside)


def test_money_is_exact_however_large_and_keeps_its_decimals() -> None:
    large = f"{10**30 - 1}.99"
    tiny = {"stored": "0.01", "duplicate": "0.10", "conflict": "-0.20"}
    states = [
        state_of(uploaded(f"{number}"), sums={"EUR": one})
        for number, one in enumerate([tiny, dict.fromkeys(tiny, large), tiny])
    ]

    sums = summary_of(*states).sums_shown()

    with localcontext(prec=100):
        assert sums == {
            "EUR": {name: str(2 * Decimal(tiny[name]) + Decimal(large)) for name in tiny}
        }
    assert sums["EUR"]["stored"] == f"1{'0' * 30}.01"


def test_currencies_are_summed_apart_with_the_decimals_of_each() -> None:
    yen = {"stored": "1200", "duplicate": "0", "conflict": "0"}
    dinar = {"stored": "1.250", "duplicate": "0.000", "conflict": "0.000"}

    sums = summary_of(*[state_of(uploaded(), sums={"KWD": dinar, "JPY": yen})] * 2).sums_shown()

    assert list(sums) == ["JPY", "KWD"]
    assert (sums["JPY"]["stored"], sums["KWD"]["stored"]) == ("2400", "2.500")
    assert sums["KWD"]["conflict"] == "0.000"


def test_each_file_that_awaits_action_is_in_one_group_the_most_urgent() -> None:
    states = [
        state_without_receipt(uploaded("lost.csv")),
        state_of(
            uploaded("broken.csv"),
            status="broken",
            fault="GZIP_TRUNCATED",
            outcomes={"stored": 5, "conflict": 1, "rejected": 1},
        ),
        state_of(uploaded("refused.csv"), status="refused", fault="EMPTY_FILE"),
        state_of(uploaded("both.csv"), outcomes={"conflict": 1, "rejected": 1}),
        state_of(uploaded("rejects.csv"), outcomes={"stored": 1, "rejected": 1}),
        state_of(uploaded("well.csv"), outcomes={"stored": 1, "duplicate": 1}),
    ]

    assert awaiting(*states) == {
        "noReceipt": ["lost.csv"],
        "brokenOrRefused": ["broken.csv", "refused.csv"],
        "conflicts": ["both.csv"],
        "rejects": ["rejects.csv"],
    }
    assert summary_of(*states).awaiting_count == 5


@pytest.mark.parametrize(("minutes", "is_on_its_way"), [(0, True), (59, True), (60, False)])
def test_a_file_without_a_receipt_has_an_hour_before_it_awaits_action(
    minutes: int, is_on_its_way: bool
) -> None:
    file = uploaded("new.csv", uploaded_at=NOW - timedelta(minutes=minutes))

    summary = summary_of(state_without_receipt(file))

    assert summary.on_their_way_count == is_on_its_way
    assert summary.awaiting_count == (not is_on_its_way)
    assert summary.statuses == {NO_RECEIPT: 1}


BROKEN = {"status": "broken", "fault": "GZIP_TRUNCATED", "outcomes": {"stored": 1, "rejected": 1}}
REJECTS = {"outcomes": {"stored": 1, "rejected": 1}}
CONFLICTS = {"outcomes": {"stored": 1, "conflict": 1}}
CORRECTED = {"outcomes": {"stored": 1}}


@pytest.mark.parametrize(
    ("replayed", "kind", "replay", "is_answered"),
    [
        (REJECTS, "rejects", CORRECTED, True),
        (REJECTS, "file", {}, True),
        (CONFLICTS, "rejects", CORRECTED, True),
        # Fewer corrections than rejects leave some that nobody would see again.
        ({"outcomes": {"rejected": 2}}, "rejects", CORRECTED, False),
        ({"outcomes": {"rejected": 1, "conflict": 1}}, "rejects", CORRECTED, False),
        (CONFLICTS, "file", {}, True),
        (BROKEN, "file", {}, True),
        # Corrected rejects do not bring what was never read.
        (BROKEN, "rejects", CORRECTED, False),
        # What was not read to its end answers for nothing.
        (REJECTS, "rejects", {"status": "refused", "fault": "EMPTY_FILE"}, False),
        (REJECTS, "file", {"status": "broken", "fault": "GZIP_TRUNCATED"}, False),
    ],
)
def test_a_replay_answers_for_what_it_brings_again(
    replayed: dict[str, Any], kind: str, replay: dict[str, Any], is_answered: bool
) -> None:
    first = state_of(uploaded("first.csv"), **replayed)
    later = uploaded("later.csv", "v2", uploaded_at=NOW - timedelta(hours=2))
    answer = state_of(later, replay_of=(first.file.version, kind), **replay)

    found = [key for keys in awaiting(answer, first).values() for key in keys]

    assert ("first.csv" not in found) == is_answered
    assert ("later.csv" in found) == ("fault" in replay)


def test_a_replay_answers_for_the_version_that_it_names_and_for_no_other() -> None:
    named, other = uploaded("one.csv", "v1"), uploaded("one.csv", "v2")
    replay = state_of(uploaded("one.csv", "v3"), replay_of=(named.version, "rejects"), **CORRECTED)

    summary = summary_of(replay, state_of(other, **REJECTS), state_of(named, **REJECTS))

    assert [state.file for state in summary.awaiting[Awaits.REJECTS].files] == [other]


def test_a_replay_s_own_rejects_await_action_and_a_replay_of_it_answers_for_those() -> None:
    first, second, third = (uploaded("one.csv", version) for version in ("v1", "v2", "v3"))
    chain = [
        state_of(third, replay_of=(second.version, "rejects"), **CORRECTED),
        state_of(second, replay_of=(first.version, "rejects"), **REJECTS),
        state_of(first, **REJECTS),
    ]

    assert awaiting(*chain) == {}
    assert awaiting(*chain[1:]) == {"rejects": ["one.csv"]}


@pytest.mark.parametrize(
    ("stored", "again", "is_answered"), [(3, 3, True), (3, 4, True), (3, 2, False), (0, 0, False)]
)
def test_a_broken_file_that_is_sent_again_whole_is_answered(
    stored: int, again: int, *, is_answered: bool
) -> None:
    broken = state_of(uploaded("one.csv"), **BROKEN | {"outcomes": {"stored": stored}})
    whole = state_of(uploaded("other.csv", "v2"), outcomes={"stored": 5, "duplicate": again})
    assert whole.receipt is not None
    named = {"bucket": BUCKET, "key": "one.csv", "versionId": "v1", "count": again}
    whole.receipt["duplicates"]["firstStoredBy"] = [named]

    assert (awaiting(whole, broken) == {}) == is_answered
    assert awaiting(broken) != {}


def test_corrections_in_several_files_answer_together() -> None:
    first = state_of(uploaded("one.csv"), outcomes={"rejected": 2})
    some, others = (
        state_of(
            uploaded("one.csv", version), replay_of=(first.file.version, "rejects"), **CORRECTED
        )
        for version in ("v2", "v3")
    )

    assert awaiting(others, first) == {"rejects": ["one.csv"]}
    assert awaiting(others, some, first) == {}


def test_a_replay_without_a_receipt_answers_for_nothing_yet() -> None:
    first = state_of(uploaded("first.csv"), **REJECTS)
    replay = state_without_receipt(uploaded("first.csv", "v2", uploaded_at=NOW))

    assert awaiting(replay, first) == {"rejects": ["first.csv"]}


def test_lists_are_cut_and_what_is_cut_off_is_counted() -> None:
    states = [state_of(uploaded(f"{number}.csv"), **REJECTS) for number in range(10_000)]

    summary = summary_of(*states)

    listed = summary.awaiting[Awaits.REJECTS]
    assert (len(listed.files), listed.count) == (AWAITING_LISTED_MAX, 10_000)
    assert listed.more == 10_000 - AWAITING_LISTED_MAX
    assert (len(summary.latest.files), summary.latest.more) == (LATEST_MAX, 10_000 - LATEST_MAX)
    assert summary.latest.files == states[:LATEST_MAX]
    assert len(summary.slowest.ordered()) == SLOWEST_MAX


def test_the_slowest_files_are_ordered_and_of_equal_ones_the_first_is_named() -> None:
    seconds = [3.0, 9.0, 9.0, 1.0, *[0.5] * 20]
    states = [
        state_of(uploaded(f"{number}.csv"), seconds=one) for number, one in enumerate(seconds)
    ]

    ordered = summary_of(*states).slowest.ordered()

    assert [one for one, _ in ordered] == [9.0, 9.0, 3.0, 1.0, *[0.5] * 6]
    names = [state.file.version.key for _, state in ordered]
    assert names == [f"{number}.csv" for number in (1, 2, 0, 3, 4, 5, 6, 7, 8, 9)]


def test_states_are_read_once() -> None:
    states = iter(busy_states(50))

    summary = summarize(states, WEEK, NOW)

    assert summary.file_count > 0
    assert list(states) == []
