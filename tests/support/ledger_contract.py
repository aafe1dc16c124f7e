"""What every FileLedger must do; see contracts.py."""

from dataclasses import replace

from processor.domain.control_totals import Outcome, Totals
from processor.domain.file import ObjectVersion, SourceFile
from processor.domain.receipt import (
    Fault,
    FileEntry,
    ListedReject,
    PartResult,
    QuarantineObject,
)
from processor.domain.reject import Reason
from processor.ports import FileLedger, RecordAnswer
from tests.support.contracts import a_row, unique


class FileLedgerContract:
    """FileLedgerTable. Needs the fixture `ledger`."""

    def entry(self) -> FileEntry:
        version = ObjectVersion("contract-bucket", unique(), "v1", "etag", 10)
        source = SourceFile(
            version, 10, "etag", None, "text/csv", "aws:kms", "2026-03-01T00:00:00Z"
        )
        return FileEntry(version, source, 1, 0, "2026-03-01T12:00:00.000Z", token_key_id="k1")

    def result(self, recorded_at: str = "2026-03-01T12:00:01.000Z") -> PartResult:
        totals = Totals()
        row = a_row("T", token_key_id="k1")
        totals.cards.masked_in_quarantine = 3
        totals.add_valid(Outcome.STORED, row.transaction, row.fingerprint)
        totals.add_valid(Outcome.DUPLICATE, row.transaction, row.fingerprint)
        totals.add_first_file(("b", "k", "v"))
        totals.add_rejected(Reason.AMOUNT_FORMAT)
        return PartResult(
            1,
            "csv",
            totals,
            Fault(Reason.GZIP_TRUNCATED, 10, 4),
            [ListedReject(3, 7, Outcome.REJECTED, Reason.AMOUNT_FORMAT, "amount")],
            [QuarantineObject(None, "00", 1)],
            recorded_at,
            "software 1",
        )

    def test_a_file_is_registered_once_and_its_deliveries_are_counted(
        self, ledger: FileLedger
    ) -> None:
        entry = self.entry()
        later = replace(entry, source=None, registered_at="2026-03-05T00:00:00.000Z")

        first = ledger.register(entry)
        again = ledger.register(later)

        assert first == entry
        assert again == replace(entry, deliveries=2)
        assert ledger.load(entry.object_version.file_id) == (again, [])

    def test_a_file_that_was_gone_has_no_facts_until_a_delivery_knows_them(
        self, ledger: FileLedger
    ) -> None:
        known = self.entry()
        gone = replace(known, source=None)

        first = ledger.register(gone)
        second = ledger.register(known)

        assert first == gone
        assert second == replace(known, deliveries=2)

    def test_the_key_of_the_first_delivery_stays(self, ledger: FileLedger) -> None:
        entry = self.entry()

        ledger.register(entry)
        again = ledger.register(replace(entry, token_key_id="k2"))

        assert again.token_key_id == "k1"
        assert ledger.load(entry.object_version.file_id)[0].token_key_id == "k1"

    def test_a_file_registered_without_a_key_gets_the_next_delivery_s(
        self, ledger: FileLedger
    ) -> None:
        entry = self.entry()

        first = ledger.register(replace(entry, token_key_id=None))
        second = ledger.register(replace(entry, token_key_id="k2"))

        assert first.token_key_id is None
        assert second.token_key_id == "k2"

    def test_a_finished_file_s_entry_is_closed(self, ledger: FileLedger) -> None:
        known = self.entry()
        file_id = known.object_version.file_id
        ledger.register(replace(known, source=None, token_key_id=None))
        ledger.record_part(file_id, self.result(), 1)
        finished, _ = ledger.load(file_id)

        again = ledger.register(known)

        assert again == finished
        assert again.source is None
        assert again.token_key_id is None
        assert ledger.load(file_id)[0] == finished

    def test_a_part_is_recorded_once_and_counted_for_its_file(self, ledger: FileLedger) -> None:
        entry = self.entry()
        file_id = entry.object_version.file_id
        ledger.register(entry)

        first = ledger.record_part(file_id, self.result())
        again = ledger.record_part(file_id, self.result("2026-03-09T00:00:00.000Z"))
        loaded, parts = ledger.load(file_id)

        assert first is RecordAnswer.RECORDED
        assert again is RecordAnswer.RECORDED_BEFORE
        assert loaded.parts_done == 1
        assert loaded.finished
        assert parts == [self.result()]

    def test_a_result_for_a_sole_delivery_is_refused_after_another_one(
        self, ledger: FileLedger
    ) -> None:
        entry = self.entry()
        file_id = entry.object_version.file_id
        ledger.register(entry)
        ledger.register(entry)

        refused = ledger.record_part(file_id, self.result(), 1)
        unfinished, parts = ledger.load(file_id)
        taken = ledger.record_part(file_id, self.result(), 2)

        assert refused is RecordAnswer.DELIVERED_AGAIN
        assert (unfinished.finished, parts) == (False, [])
        assert taken is RecordAnswer.RECORDED

    def test_recording_the_same_result_again_is_one_recording(self, ledger: FileLedger) -> None:
        entry = self.entry()
        file_id = entry.object_version.file_id
        ledger.register(entry)

        answers = [ledger.record_part(file_id, self.result()) for _ in range(2)]
        loaded, _ = ledger.load(file_id)

        assert answers[0] is RecordAnswer.RECORDED
        assert loaded.parts_done == 1

    def test_a_key_is_pinned_by_its_first_use(self, ledger: FileLedger) -> None:
        key_id = unique()

        first = ledger.pin_key(key_id, "00112233")
        again = ledger.pin_key(key_id, "00112233")
        another = ledger.pin_key(key_id, "ffeeddcc")

        assert (first, again, another) == ("00112233",) * 3
