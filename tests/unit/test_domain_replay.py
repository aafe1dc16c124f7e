"""How an object's metadata names the file that it replays: what fits, and what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processor.domain.file import OBJECT_KEY_BYTES_MAX, ReplayKind, ReplayOf
from processor.domain.masking import has_card_number
from processor.domain.replay import ReplayUnreadable, metadata_of, replay_of_metadata

METADATA_BYTES_MAX = 2048
VERSION = "3HL4kqtJvjVBH40Nrjfkd.-_"
FILE = {"replay-of": "file", "replay-of-version": VERSION}

KEYS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    st.integers(1, OBJECT_KEY_BYTES_MAX).map(lambda length: "k" * length),
    st.integers(1, OBJECT_KEY_BYTES_MAX // 4).map(lambda length: "\U0001f600" * length),
    st.sampled_from(["base64:a", "100%.csv", "a b+c/ü.csv", "\n", "ü" * 512]),
).filter(lambda key: not has_card_number(key))


@given(KEYS, KEYS, st.sampled_from(ReplayKind))
@settings(max_examples=200, deadline=None)
def test_any_key_survives_the_way_through_metadata_that_s3_takes(
    key: str, own_key: str, kind: ReplayKind
) -> None:
    replay = ReplayOf(key, VERSION, kind)

    metadata = metadata_of(replay, own_key)

    assert replay_of_metadata(metadata, own_key) == replay
    assert ("replay-of-key" in metadata) == (key != own_key)
    assert "".join(metadata.values()).isascii()
    assert "".join(metadata.values()).isprintable()
    assert sum(map(len, [*metadata, *metadata.values()])) <= METADATA_BYTES_MAX


def test_metadata_that_speaks_of_no_replay_names_no_file() -> None:
    assert replay_of_metadata({"sender": "partner", "replayed": "no"}, "k") is None


def test_an_absent_key_is_the_object_s_own() -> None:
    assert replay_of_metadata(FILE, "a/b.csv") == ReplayOf("a/b.csv", VERSION, ReplayKind.FILE)


def test_the_object_s_own_key_is_taken_as_it_is() -> None:
    own_key = "a/4111111111111111.csv"

    assert replay_of_metadata(FILE, own_key) == ReplayOf(own_key, VERSION, ReplayKind.FILE)


@pytest.mark.parametrize(
    "metadata",
    [
        {"replay-of": "file"},
        {"replay-of-version": VERSION},
        {"replay-of-key": "k"},
        {"replay-of": "file", "replay-of-key": "k"},
        FILE | {"replay-of": ""},
        FILE | {"replay-of": "File"},
        FILE | {"replay-of-version": ""},
        FILE | {"replay-of-version": "v" * 1025},
        FILE | {"replay-of-version": "../v1"},
        FILE | {"replay-of-version": "v1\n"},
        FILE | {"replay-of-version": "4111111111111111"},
        FILE | {"replay-of-key": ""},
        FILE | {"replay-of-key": "k" * 1025},
        FILE | {"replay-of-key": "100%"},
        FILE | {"replay-of-key": "%ff"},
        FILE | {"replay-of-key": "\udcff"},
        FILE | {"replay-of-key": "base64:"},
        FILE | {"replay-of-key": "base64:a"},
        FILE | {"replay-of-key": "base64:ü"},
        FILE | {"replay-of-key": "base64:/w=="},
        FILE | {"replay-of-key": "a/4111111111111111.csv"},
        FILE | {"replay-of-key": "a/4111%20111111111111.csv"},
    ],
    ids=str,
)
def test_what_names_no_file_is_refused_and_never_quoted(metadata: dict[str, str]) -> None:
    with pytest.raises(ReplayUnreadable) as refusal:
        replay_of_metadata(metadata, "own.csv")

    assert "4111" not in str(refusal.value)


@pytest.mark.parametrize(
    "replay",
    [
        ReplayOf("a/4111111111111111.csv", VERSION, ReplayKind.REJECTS),
        ReplayOf("k", "v 1", ReplayKind.FILE),
        ReplayOf("", VERSION, ReplayKind.FILE),
    ],
    ids=str,
)
def test_nothing_is_written_that_would_not_be_read(replay: ReplayOf) -> None:
    with pytest.raises(ReplayUnreadable):
        metadata_of(replay, "own.csv")
