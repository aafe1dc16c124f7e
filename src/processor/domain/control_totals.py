"""Outcomes, and the totals by which a third party can check them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from processor.domain.money import format_amount
from processor.domain.reject import Reason
from processor.domain.transaction import Transaction

HASH_TOTAL_MODULUS: Final = 2**64
DUPLICATE_SOURCES_MAX: Final = 100
"""Files listed as first senders of duplicates; duplicates of further ones are only counted.

Those that sort first by bucket, key and version, so that the list does not depend on the order in
which records or parts are counted: what is among the first in the end was so all along.
"""


class Outcome(StrEnum):
    """What became of a record: exactly one of these."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


ACCEPTABLE: Final = (Outcome.STORED, Outcome.DUPLICATE, Outcome.CONFLICT)
"""Outcomes of valid records: these have an amount to sum."""

type FirstFile = tuple[str, str, str]
"""Bucket, key and version of the file that stored a transaction first."""


@dataclass(slots=True)
class CardCounts:
    """What was done to card numbers.

    Args:
        tokenized: Valid records with a card number, which is stored as a token.
        masked: Numbers masked in the texts of valid records.
        masked_in_quarantine: Numbers masked in quarantined records.
    """

    tokenized: int = 0
    masked: int = 0
    masked_in_quarantine: int = 0

    def add(self, other: "CardCounts") -> None:
        """Adds another part's counts."""
        self.tokenized += other.tokenized
        self.masked += other.masked
        self.masked_in_quarantine += other.masked_in_quarantine


@dataclass(slots=True)
class Totals:
    """Counts and sums of one part or of a whole file. All numbers are exact integers.

    Args:
        outcomes: Records by outcome.
        sums_minor: Currency -> outcome -> sum in minor units, for valid records.
        hash_total: Sum, modulo 2**64, of the first eight bytes of the fingerprints of all valid
            records: it does not depend on their order, and any change of content changes it.
        reasons: Rejected and conflicting records by reason.
        duplicates: Duplicates by the file that stored them first; of more than
            DUPLICATE_SOURCES_MAX files, those that sort first.
        duplicates_unnamed: Duplicates whose first file found no place in `duplicates`.
        cards: What was done to card numbers.
    """

    outcomes: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    sums_minor: dict[str, dict[Outcome, int]] = field(default_factory=dict)
    hash_total: int = 0
    reasons: dict[Reason, int] = field(default_factory=dict)
    duplicates: dict[FirstFile, int] = field(default_factory=dict)
    duplicates_unnamed: int = 0
    cards: CardCounts = field(default_factory=CardCounts)

    @property
    def read(self) -> int:
        return sum(self.outcomes.values())

    def add_valid(self, outcome: Outcome, transaction: Transaction, fingerprint: str) -> None:
        """Counts a stored, duplicate or conflicting record."""
        self.outcomes[outcome] += 1
        sums = self.sums_minor.get(transaction.currency)
        if sums is None:
            sums = self.sums_minor[transaction.currency] = dict.fromkeys(ACCEPTABLE, 0)
        sums[outcome] += transaction.amount_minor
        self.hash_total = (self.hash_total + int(fingerprint[:16], 16)) % HASH_TOTAL_MODULUS
        self.cards.tokenized += transaction.card is not None
        self.cards.masked += transaction.masked_count

    def add_reason(self, reason: Reason) -> None:
        """Counts why a record is in quarantine."""
        self.reasons[reason] = self.reasons.get(reason, 0) + 1

    def add_rejected(self, reason: Reason) -> None:
        """Counts a rejected record."""
        self.outcomes[Outcome.REJECTED] += 1
        self.add_reason(reason)

    def add_first_file(self, first_file: FirstFile, count: int = 1) -> None:
        """Counts where duplicates came from first."""
        self.duplicates[first_file] = self.duplicates.get(first_file, 0) + count
        if len(self.duplicates) > DUPLICATE_SOURCES_MAX:
            self.duplicates_unnamed += self.duplicates.pop(max(self.duplicates))

    def add(self, other: "Totals") -> None:
        """Adds another part's totals, as the sum over the parts is the file's."""
        for outcome, count in other.outcomes.items():
            self.outcomes[outcome] += count
        for currency, sums in other.sums_minor.items():
            mine = self.sums_minor.setdefault(currency, dict.fromkeys(ACCEPTABLE, 0))
            for outcome, amount_minor in sums.items():
                mine[outcome] += amount_minor
        self.hash_total = (self.hash_total + other.hash_total) % HASH_TOTAL_MODULUS
        for reason, count in other.reasons.items():
            self.reasons[reason] = self.reasons.get(reason, 0) + count
        for first_file, count in other.duplicates.items():
            self.add_first_file(first_file, count)
        self.duplicates_unnamed += other.duplicates_unnamed
        self.cards.add(other.cards)

    def sums_document(self) -> dict[str, dict[str, str]]:
        """Currency -> outcome -> exact decimal."""
        return {
            currency: {
                outcome.value: format_amount(sums[outcome], currency) for outcome in ACCEPTABLE
            }
            for currency, sums in sorted(self.sums_minor.items())
        }

    def control_totals_document(self) -> dict[str, object]:
        """The computed control totals: record count, sums of valid records, hash total."""
        return {
            "recordCount": self.read,
            "sums": {
                currency: format_amount(sum(sums.values()), currency)
                for currency, sums in sorted(self.sums_minor.items())
            },
            "hashTotal": f"{self.hash_total:016x}",
        }

    def reasons_document(self) -> dict[str, int]:
        """Counts by reason, in the order of precedence."""
        return {reason.value: self.reasons[reason] for reason in Reason if reason in self.reasons}
