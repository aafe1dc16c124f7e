"""The end of a file: its receipt, once all of its parts are recorded."""

from typing import Final, NamedTuple

from processor.backoff import Backoff
from processor.domain.file import ObjectVersion
from processor.domain.receipt import build_receipt, contradicts, parse, render
from processor.errors import ReceiptContradicted, TaskUnreadable
from processor.world import Ports

RECEIPT_CONTENT_TYPE: Final = "application/json"


class Done(NamedTuple):
    """A file that has its receipt.

    Args:
        receipt: The receipt, as it lies in the results bucket.
        seen_again: Whether it was there before; this delivery changed nothing.
    """

    receipt: dict[str, object]
    seen_again: bool


class Underway(NamedTuple):
    """A file of which more is to be done, by other invocations.

    Args:
        version: The file.
        parts_done: Parts that are recorded to their end.
        parts_total: All of them; NOT_PLANNED as long as that is not known.
    """

    version: ObjectVersion
    parts_done: int
    parts_total: int


class Closing:
    """Writes receipts.

    Args:
        ports: The world.
        backoff: For calls that must be tried again.
        results_bucket: Name of the bucket that receipts point to.
    """

    def __init__(self, ports: Ports, backoff: Backoff, results_bucket: str) -> None:
        self._ports = ports
        self._backoff = backoff
        self._results_bucket = results_bucket

    def underway(self, version: ObjectVersion) -> Underway:
        """How far a registered file is."""
        entry = self._backoff.call(self._ports.ledger.entry, version.file_id)
        if entry is None:
            raise TaskUnreadable(f"{version} is not registered")
        return Underway(version, entry.parts_done, entry.parts_total)

    def close(self, version: ObjectVersion, *, is_only_part: bool) -> Done | Underway:
        """Writes the receipt if every part is recorded.

        Whoever records a part asks, after it: so the last one finds them all, and if it dies before
        the receipt is written, its event comes again and asks again.

        Args:
            version: The file.
            is_only_part: Whether it is known to be finished: then the counters need no look first.
        """
        if not is_only_part:
            underway = self.underway(version)
            if not 0 < underway.parts_total <= underway.parts_done:
                return underway
        return self.write(version)

    def write(self, version: ObjectVersion) -> Done:
        """Writes the receipt of a finished file once, and checks it if it is there already."""
        results, telemetry, call = self._ports.results, self._ports.telemetry, self._backoff.call
        entry, parts = call(self._ports.ledger.load, version.file_id)
        receipt = build_receipt(entry, parts, self._results_bucket)
        key, body = version.receipt_key, render(receipt)
        created = call(results.put_if_absent, key, body, RECEIPT_CONTENT_TYPE).created
        if created:
            telemetry.file_done(receipt, entry)
        elif contradicts(receipt, parse(call(results.get, key)[0])):
            raise ReceiptContradicted(f"the receipt of {version} contradicts the ledger")
        else:
            telemetry.file_seen_again(entry)
        if not entry.has_receipt:
            call(self._ports.ledger.mark_receipt, version.file_id)
        return Done(receipt, seen_again=not created)
