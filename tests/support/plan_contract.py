"""What every PlanLedger must do; see contracts.py."""

from copy import replace

from processor.domain.entries import NOT_PLANNED, FileEntry, PlannedPart
from processor.domain.file import ObjectVersion, SourceFile
from processor.ledger_ports import FileLedger, PlanLedger
from tests.support.contracts import unique


class PlanLedgerContract:
    """The plans in FileLedgerTable. Needs the fixtures `ledger` and `plans`, of one table."""

    def registered(self, ledger: FileLedger) -> str:
        """The id of a large file whose plan is still to be made."""
        version = ObjectVersion("contract-bucket", unique(), "v1", "etag", 10)
        source = SourceFile(version, 10, "etag", "text/csv", "aws:kms", "2026-03-01T00:00:00Z")
        ledger.register(FileEntry(version, source, NOT_PLANNED, 0, "2026-03-01T12:00:00.000Z"))
        return version.file_id

    def test_a_plan_begins_empty_and_is_read_in_order(
        self, ledger: FileLedger, plans: PlanLedger
    ) -> None:
        file_id = self.registered(ledger)
        parts = [PlannedPart(number, 10 * number, 10 * number + 10, number) for number in range(12)]

        before = plans.plan(file_id)
        added = [plans.add(file_id, part) for part in reversed(parts)]

        assert before == []
        assert added == parts[::-1]
        assert plans.plan(file_id) == parts
        assert ledger.load(file_id)[1] == []

    def test_the_first_cut_of_a_part_stands(self, ledger: FileLedger, plans: PlanLedger) -> None:
        file_id = self.registered(ledger)
        first = PlannedPart(1, 0, 100, 7)

        plans.add(file_id, first)
        again = plans.add(file_id, replace(first, end=90, record_count=6))

        assert again == first
        assert plans.plan(file_id) == [first]

    def test_a_plan_is_closed_once(self, ledger: FileLedger, plans: PlanLedger) -> None:
        file_id = self.registered(ledger)
        opened = ledger.entry(file_id)

        first = plans.close(file_id, 3)
        again = plans.close(file_id, 1)
        closed = ledger.entry(file_id)

        assert (first, again) == (3, 3)
        assert opened is not None
        assert not opened.is_planned
        assert not opened.finished
        assert closed == replace(opened, parts_total=3)

    def test_a_delivery_that_takes_the_file_for_small_leaves_its_plan_open(
        self, ledger: FileLedger, plans: PlanLedger
    ) -> None:
        file_id = self.registered(ledger)
        entry = ledger.entry(file_id)
        assert entry is not None

        again = ledger.register(replace(entry, parts_total=1))

        assert again.parts_total == NOT_PLANNED
        assert plans.close(file_id, 2) == 2

    def test_a_part_is_counted_once(self, ledger: FileLedger, plans: PlanLedger) -> None:
        file_id = self.registered(ledger)
        plans.add(file_id, PlannedPart(1, 0, 100))
        plans.add(file_id, PlannedPart(2, 100, 200))

        plans.count(file_id, 2, 5)
        plans.count(file_id, 2, 5)
        entry = ledger.entry(file_id)

        assert plans.plan(file_id) == [PlannedPart(1, 0, 100), PlannedPart(2, 100, 200, 5)]
        assert entry is not None
        assert entry.parts_counted == 1
