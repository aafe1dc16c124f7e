"""What every FileLedger must do; see contracts.py."""

from copy import replace

from processor.domain.control_totals import Outcome, Totals
from processor.domain.entries import Fault, FileEntry, ListedReject, PartResult, QuarantineObject
from processor.domain.file import ObjectVersion, ReplayKind, ReplayOf, SourceFile
from processor.domain.position import Position
from processor.domain.reject import Reason
from processor.ledger_ports import FileLedger, RecordAnswer
from tests.support.contracts import a_row, unique


class FileLedgerContract:
    """FileLedgerTable. Needs the fixture `ledger`."""

    def entry(self) -> FileEntry:
        version = ObjectVersion("contract-bucket", unique(), "v1", "etag", 10)
        source = SourceFile(
            *(version, 10, "etag", "text/csv", "aws:kms", "2026-03-01T00:00:00Z"),
            ReplayOf("replayed.csv", "v0", ReplayKind.FILE),
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
        assert (loaded.parts_done, loaded.results_count) == (1, 1)
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

    def test_a_file_that_nobody_registered_has_no_entry(self, ledger: FileLedger) -> None:
        assert ledger.entry(unique()) is None
        assert ledger.entries([unique(), unique()]) == {}
        assert ledger.part(unique(), 1, 1) is None

    def test_entries_are_read_many_at_a_time(self, ledger: FileLedger) -> None:
        known = [self.entry() for _ in range(101)]
        for entry in known:
            ledger.register(entry)
        ids = [entry.object_version.file_id for entry in known]

        found = ledger.entries([*ids, unique()])

        assert found == dict(zip(ids, known, strict=True))

    def test_a_part_that_was_handed_on_is_done_with_its_last_segment(
        self, ledger: FileLedger
    ) -> None:
        entry = self.entry()
        file_id = entry.object_version.file_id
        ledger.register(entry)
        handed_on = replace(self.result(), remainder=Position(99, 5, after_stray_comma=True))
        last = replace(self.result(), segment=2)

        ledger.record_part(file_id, handed_on)
        between, _ = ledger.load(file_id)
        ledger.record_part(file_id, last)
        finished, results = ledger.load(file_id)

        assert (between.parts_done, between.results_count) == (0, 1)
        assert (finished.parts_done, finished.results_count) == (1, 2)
        assert results == [handed_on, last]
        assert ledger.part(file_id, 1, 1) == handed_on
        assert ledger.part(file_id, 1, 2) == last
        assert ledger.part(file_id, 1, 3) is None

    def test_results_are_read_in_the_order_of_the_file(self, ledger: FileLedger) -> None:
        entry = self.entry()
        file_id = entry.object_version.file_id
        ledger.register(entry)
        places = [(10, 1), (2, 2), (2, 1), (1, 1), (2, 10)]

        for part_number, segment in places:
            result = replace(self.result(), part_number=part_number, segment=segment)
            ledger.record_part(file_id, result)
        _, results = ledger.load(file_id)

        assert [(one.part_number, one.segment) for one in results] == sorted(places)

    def test_a_receipt_is_marked(self, ledger: FileLedger) -> None:
        entry = self.entry()
        file_id = entry.object_version.file_id
        ledger.register(entry)

        ledger.mark_receipt(file_id)
        ledger.mark_receipt(file_id)
        marked = ledger.entry(file_id)

        assert marked == replace(entry, has_receipt=True)

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
