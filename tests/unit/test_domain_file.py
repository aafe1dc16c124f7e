"""How files are named: one name a version, and a place in the results bucket that fits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processor.domain.file import OBJECT_KEY_BYTES_MAX, ObjectVersion, SourceFile

VERSION = ObjectVersion("uploads", "partner/day 1.csv", "v1", "etag", 7)
KEYS = st.text(
    alphabet=st.characters(exclude_categories=["Cs"]) | st.sampled_from("/~.é"),
    min_size=1,
    max_size=400,
)


def test_a_version_is_named_by_its_id_and_without_one_by_its_etag() -> None:
    assert VERSION.version == "v1"
    assert ObjectVersion("b", "k", None, "abc").version == "etag-abc"
    assert ObjectVersion("b", "k").version == "etag-unknown"


@pytest.mark.parametrize(
    "other",
    [
        ObjectVersion("uploads2", "partner/day 1.csv", "v1"),
        ObjectVersion("uploads", "partner/day 2.csv", "v1"),
        ObjectVersion("uploads", "partner/day 1.csv", "v2"),
        ObjectVersion("uploads", "partner/day 1.csv", None, "v1"),
        ObjectVersion('uploads", "partner/day 1.csv', "", "v1"),
    ],
)
def test_another_bucket_key_or_version_is_another_file(other: ObjectVersion) -> None:
    assert other.file_id != VERSION.file_id


def test_what_an_event_leaves_out_does_not_change_the_file() -> None:
    assert ObjectVersion("uploads", "partner/day 1.csv", "v1").file_id == VERSION.file_id


def test_a_file_s_id_is_fit_for_a_key_whatever_its_name() -> None:
    odd = ObjectVersion("b", "\ud800/\0/ü" * 300, "v")

    assert len(odd.file_id) == 64
    assert int(odd.file_id, 16) >= 0


def test_results_lie_under_the_source_key_and_the_version() -> None:
    assert VERSION.receipt_key == "receipts/partner/day 1.csv/v1.json"
    assert VERSION.quarantine_key(1, 1) == "rejected/partner/day 1.csv/v1/part-00001/00001.jsonl"


def test_a_source_key_is_kept_whole_as_long_as_it_fits() -> None:
    room = OBJECT_KEY_BYTES_MAX - len("receipts//v1.json")

    fits = ObjectVersion("b", "k" * room, "v1").receipt_key
    too_long = ObjectVersion("b", "k" * (room + 1), "v1").receipt_key

    assert fits == f"receipts/{'k' * room}/v1.json"
    assert len(fits) == len(too_long) == OBJECT_KEY_BYTES_MAX
    assert "~" in too_long


def test_two_long_keys_that_begin_alike_have_two_places() -> None:
    keys = [ObjectVersion("b", "k" * 1023 + end, "v1").receipt_key for end in "ab"]

    assert keys[0] != keys[1]


def test_a_version_id_too_long_to_be_shown_gives_way_to_the_file_s_id() -> None:
    version = ObjectVersion("bucket", "k" * 1024, "v" * 1024)

    key = version.receipt_key

    assert key.endswith(f"/{version.file_id}.json")
    assert len(key.encode()) <= 1024


def test_a_long_key_is_never_cut_within_a_character() -> None:
    for shift in range(4):
        version = ObjectVersion("b", "x" * shift + "\U0001f600" * 255, "v1")

        key = version.receipt_key

        assert len(key.encode()) <= OBJECT_KEY_BYTES_MAX
        assert key.startswith("receipts/" + "x" * shift + "\U0001f600")
        assert key.endswith(f"~{version.file_id}/v1.json")


@given(st.lists(st.tuples(KEYS, st.sampled_from(["v1", "v2", "x" * 32])), max_size=6, unique=True))
@settings(max_examples=150, deadline=None)
def test_every_file_has_its_own_result_keys_and_they_fit(names: list[tuple[str, str]]) -> None:
    versions = [ObjectVersion("b", key, version) for key, version in names]

    keys = [
        key
        for version in versions
        for key in (
            version.receipt_key,
            version.quarantine_key(1, 1),
            version.quarantine_key(1, 2),
            version.quarantine_key(2, 1),
        )
    ]

    assert len(set(keys)) == len(keys)
    assert all(len(key.encode()) <= OBJECT_KEY_BYTES_MAX for key in keys)


def test_a_source_file_s_document_names_what_s3_said() -> None:
    source = SourceFile(VERSION, 7, "etag", "text/csv", "aws:kms", "2026-03-01T00:00:00Z")

    assert source.to_document() == {
        "bucket": "uploads",
        "key": "partner/day 1.csv",
        "versionId": "v1",
        "size": 7,
        "eTag": "etag",
        "contentType": "text/csv",
        "encryptionType": "aws:kms",
        "lastModified": "2026-03-01T00:00:00Z",
    }
