"""What every implementation of a port must do: the same suite for the fakes and for the adapters.

A test module subclasses a contract and gives it a fixture for the port. Names are made unique, so
that a contract can run on tables and buckets that hold other things.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from processor.domain.card import CardNumber, TokenizationKey
from processor.domain.file import ObjectVersion, SourceFile
from processor.domain.transaction import Identity, Transaction, fingerprint_of
from processor.errors import ObjectChanged, ObjectGone
from processor.ports import (
    InsertAnswer,
    ResultsBucket,
    Row,
    SourceFiles,
    TransactionTable,
    behind,
)
from tests.support.unique import unique_letters

PROCESSED_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

type Upload = Callable[[str, bytes], ObjectVersion]
"""Uploads a body under a key, as a sender does; the version that the event would name."""

type Remove = Callable[[ObjectVersion], None]
"""Deletes a version for good."""


def unique(name: str = "contract") -> str:
    return f"{name}-{unique_letters(32)}"


def a_source(key: str = "contract.csv") -> SourceFile:
    version = ObjectVersion("contract-bucket", key, "v1", "etag", 10)
    return SourceFile(version, 10, "etag", "text/csv", "aws:kms", "2026-03-01T00:00:00Z")


def a_row(
    transaction_id: str, number: int = 1, amount_minor: int = 100, token_key_id: str | None = None
) -> Row:
    transaction = Transaction(
        transaction_id,
        1_772_366_400_123,
        "2026-03-01T12:00:00.123Z",
        amount_minor,
        "EUR",
        {"merchant": "Bäckerei", "description": "\ttabs, “quotes” and \U0001f600"},
        {"channel": "web"},
    )
    if token_key_id:
        key = TokenizationKey(token_key_id, b"a key of the contract")
        transaction = transaction._replace(card=key.tokenize(CardNumber("4111111111111111")))
    return Row(transaction, fingerprint_of(transaction.canonical_content()), number)


class SourceFilesContract:
    """TransactionDataBucket. Needs the fixtures `files` and `upload`."""

    def test_describe_tells_what_the_store_holds(self, files: SourceFiles, upload: Upload) -> None:
        version = upload(unique(), b"0123456789")

        source = files.describe(version)

        assert source.object_version.version_id == version.version_id
        assert source.size_bytes == 10
        assert source.encryption_type == "aws:kms"
        assert source.last_modified.endswith("Z")

    def test_an_event_without_version_means_the_current_one(
        self, files: SourceFiles, upload: Upload
    ) -> None:
        key = unique()
        upload(key, b"old")
        current = upload(key, b"current")

        source = files.describe(ObjectVersion(current.bucket, key))

        assert source.object_version.version_id == current.version_id
        assert source.size_bytes == len(b"current")

    def test_ranges_of_an_old_version_are_read(self, files: SourceFiles, upload: Upload) -> None:
        key = unique()
        old = upload(key, b"0123456789")
        upload(key, b"overwritten")
        source = files.describe(old)

        chunks = [files.read(source, 0, 4), files.read(source, 4, 4), files.read(source, 8, 2)]

        assert b"".join(chunks) == b"0123456789"
        assert all(len(chunk) <= 4 for chunk in chunks)

    def test_odd_keys_are_found(self, files: SourceFiles, upload: Upload) -> None:
        version = upload(f"{unique()}/a b+c/ü%.csv", b"x")

        source = files.describe(version)

        assert files.read(source, 0, 1) == b"x"

    def test_a_version_that_is_gone_is_told_from_a_refusal(
        self, files: SourceFiles, upload: Upload
    ) -> None:
        version = upload(unique(), b"x")

        with pytest.raises(ObjectGone):
            files.describe(ObjectVersion(version.bucket, unique("never-there")))

    def test_an_event_of_another_content_is_told(self, files: SourceFiles, upload: Upload) -> None:
        version = upload(unique(), b"x")

        with pytest.raises(ObjectChanged):
            files.describe(ObjectVersion(version.bucket, version.key, None, "another-etag"))


class ListedFilesContract:
    """The listing of all versions. Needs `files`, `upload`, and `bucket`, which may hold others."""

    def test_every_version_is_listed_once(
        self, files: SourceFiles, upload: Upload, bucket: str
    ) -> None:
        key = unique()
        uploaded = [upload(key, b"old"), upload(key, b"current"), upload(f"{key}/ü +%", b"other")]

        listed = _listed(files, bucket)

        mine = [version for version in listed if version.key.startswith(key)]
        assert sorted(map(_name, mine)) == sorted(map(_name, uploaded))
        assert sum(version.size_bytes or 0 for version in mine) == len(b"oldcurrentother")

    def test_a_listing_goes_on_behind_any_of_its_versions(
        self, files: SourceFiles, upload: Upload, bucket: str
    ) -> None:
        key = unique()
        for name in (key, key, key, f"{key}/ü +%", f"{key}/z"):
            upload(name, b"x")
        mine = [version for version in _listed(files, bucket) if version.key.startswith(key)]

        assert len(mine) == 5
        for number, version in enumerate(mine, start=1):
            rest = [
                one for one in _listed(files, bucket, behind(version)) if one.key.startswith(key)
            ]
            assert rest == mine[number:]


def _listed(
    files: SourceFiles, bucket: str, after: tuple[str, str] | None = None
) -> list[ObjectVersion]:
    """Every version behind a place; those that are told no aware time are left out."""
    listed: list[ObjectVersion] = []
    while True:
        page = files.list_versions(bucket, after)
        listed += [version for version, uploaded_at in page.versions if uploaded_at.tzinfo]
        after = page.after
        if after is None:
            return listed


def _name(version: ObjectVersion) -> tuple[str, str, str | None]:
    return version.key, version.version, version.etag


class RemovedFilesContract:
    """What happens to a version that is deleted. Needs `files`, `upload` and `remove`."""

    def test_a_version_deleted_for_good_is_gone_for_describe_and_read(
        self, files: SourceFiles, upload: Upload, remove: Remove
    ) -> None:
        key = unique()
        version = upload(key, b"old")
        upload(key, b"current")
        source = files.describe(version)
        remove(version)

        with pytest.raises(ObjectGone):
            files.describe(version)
        with pytest.raises(ObjectGone):
            files.read(source, 0, 1)


class TransactionTableContract:
    """TransactionMetadataTable. Needs the fixture `table`."""

    def test_a_new_row_is_inserted_and_found(self, table: TransactionTable) -> None:
        row = a_row(unique())

        answers = table.insert([row], a_source(), PROCESSED_AT).answers()
        found = table.find([row.transaction.identity])

        assert answers == [InsertAnswer.INSERTED]
        stored = found[row.transaction.identity]
        assert stored.fingerprint == row.fingerprint
        assert stored.key == "contract.csv"
        assert stored.version == "v1"
        assert stored.record_number == 1

    @pytest.mark.parametrize("key_id", ["k1", "0123456789abcdef", None])
    def test_the_key_of_a_stored_card_s_token_is_found(
        self, table: TransactionTable, key_id: str | None
    ) -> None:
        row = a_row(unique(), token_key_id=key_id)

        table.insert([row], a_source(), PROCESSED_AT).answers()
        found = table.find([row.transaction.identity])

        assert found[row.transaction.identity].token_key_id == key_id
        assert found[row.transaction.identity].fingerprint == row.fingerprint

    def test_a_taken_identity_is_answered_row_by_row_and_never_overwritten(
        self, table: TransactionTable
    ) -> None:
        taken, free = unique(), unique()
        table.insert([a_row(taken, 1, 100)], a_source(), PROCESSED_AT).answers()

        answers = table.insert(
            [a_row(free, 2), a_row(taken, 3, 999)], a_source("other.csv"), PROCESSED_AT
        ).answers()
        found = table.find([a_row(taken).transaction.identity])

        (stored,) = found.values()
        assert answers[0] is InsertAnswer.INSERTED
        # Whoever is asked may tell what holds the identity, or leave it to reading back.
        assert answers[1] in (InsertAnswer.EXISTS, stored)
        assert stored.key == "contract.csv"
        assert stored.fingerprint == a_row(taken, 1, 100).fingerprint

    def test_one_id_at_two_times_is_two_items(self, table: TransactionTable) -> None:
        row = a_row(unique())
        later = Transaction(
            row.transaction.transaction_id, 1, "1970-01-01T00:00:00.001Z", 100, "EUR"
        )

        answers = table.insert(
            [row, Row(later, fingerprint_of(later.canonical_content()), 2)],
            a_source(),
            PROCESSED_AT,
        ).answers()

        assert answers == [InsertAnswer.INSERTED, InsertAnswer.INSERTED]

    def test_a_full_batch_of_25_is_taken(self, table: TransactionTable) -> None:
        rows = [a_row(unique(), number) for number in range(1, 26)]

        answers = table.insert(rows, a_source(), PROCESSED_AT).answers()
        found = table.find([row.transaction.identity for row in rows])

        assert answers == [InsertAnswer.INSERTED] * 25
        assert len(found) == 25

    @pytest.mark.parametrize("amount_minor", [0, -1, 1, 10**18 - 1, -(10**18) + 1])
    def test_amounts_of_every_size_are_taken(
        self, table: TransactionTable, amount_minor: int
    ) -> None:
        row = a_row(unique(), amount_minor=amount_minor)

        answers = table.insert([row], a_source(), PROCESSED_AT).answers()

        assert answers == [InsertAnswer.INSERTED]

    def test_what_is_not_there_is_not_found(self, table: TransactionTable) -> None:
        assert table.find([Identity(unique(), 0)]) == {}


class ResultsBucketContract:
    """TransactionResultsBucket. Needs the fixture `results`."""

    def test_an_object_is_put_once(self, results: ResultsBucket) -> None:
        key = f"receipts/{unique()}/a b+c/ü%.csv/v1.json"

        first = results.put_if_absent(key, b"first", "application/json")
        again = results.put_if_absent(key, b"again", "application/json")

        assert (first.created, again.created) == (True, False)
        assert first.version_id is not None
        assert results.get(key) == (b"first", first.version_id)

    def test_a_put_makes_a_new_version(self, results: ResultsBucket) -> None:
        key = f"rejected/{unique()}/v1/part-00001/00001.jsonl"
        first = results.put_if_absent(key, b"first", "application/x-ndjson")

        version_id = results.put(key, b"second", "application/x-ndjson")

        assert version_id != first.version_id
        assert results.get(key) == (b"second", version_id)
