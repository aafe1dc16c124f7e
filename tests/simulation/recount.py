"""The judge: whether the five promises held, recounted from the uploads, the table and the results.

It shares no code with the processor. Which of two files stored a transaction is not foreseen; the
table says it, and all else must follow from that and from the bytes.
"""

import base64
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.simulation.evidence import (
    LINE_MEMBERS,
    VANISHED,
    Broken,
    Evidence,
    FileName,
    Identity,
    Item,
    comparable,
    expect,
    fingerprint,
    is_exact_or_masked,
    line_of,
    money,
    name_of,
    token_of,
)
from tests.simulation.reading import DIGITS, Fields, Reading, Record, read
from tests.simulation.vanished import until_it_vanished


@dataclass
class _Count:
    """What a receipt must say."""

    outcomes: Counter[str] = field(default_factory=Counter)
    sums: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    reasons: Counter[str] = field(default_factory=Counter)
    lines: list[dict[str, Any]] = field(default_factory=list)
    first_files: Counter[FileName] = field(default_factory=Counter)
    hash_total: int = 0
    tokenized: int = 0


class Judge:
    """Recounts the evidence of one run.

    Args:
        evidence: It.

    Attributes:
        has_older_token: Whether a duplicate was judged by a token under another key than the file's
            own; known after the check.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self.has_older_token = False
        self._readings = {name: read(body) for name, body in evidence.files.items()}
        self._receipts = {
            name: json.loads(bodies[0]) for name, bodies in evidence.receipts.items() if bodies
        }
        self._items: dict[Identity, Item] = {
            (item["transactionId"], int(item["timestamp"])): item for item in evidence.items
        }

    def check(self) -> None:
        """Checks promises 1, 2, 3 and 5 at the end of a run.

        Raises:
            Broken: One does not hold.
        """
        expect(2, "no stored item ever changes", [], list(self._evidence.changed))
        for identity, item in self._items.items():
            self._check_item(identity, item)
        stored_by = Counter(name_of(item) for item in self._items.values())
        for name in self._evidence.files:
            bodies = self._evidence.receipts.get(name, [])
            if not bodies:
                self._check_visible(name)
                continue
            expect(4, f"one version of the receipt of {name}", 1, len(bodies))
            receipt = self._receipts[name]
            self._check_receipt(name, receipt)
            expect(
                2,
                f"items that {name} stored are those its receipt counts",
                stored_by[name],
                receipt["outcomes"]["stored"],
            )
        self._check_no_other_quarantine()
        failed = self._evidence.failed - self._evidence.deleted
        expect(5, "no event fails for ever but of files that are gone", set(), failed)
        strangers = set(self._evidence.receipts) - set(self._evidence.files)
        expect(3, "no receipt of a file that never was", set(), strangers)

    def _check_no_other_quarantine(self) -> None:
        """What lies in quarantine is named by a receipt, if every file has one."""
        receipts = self._receipts.values()
        if len(receipts) < len(self._evidence.files):
            return
        named = {
            one["key"]
            for receipt in receipts
            for one in (receipt["quarantine"] or {}).get("objects", ())
        }
        there = {key for key, _ in self._evidence.objects if key.startswith("rejected/")}
        expect(
            3,
            "quarantine objects are those that receipts name",
            named,
            there - (self._evidence.left - named),
        )

    def _check_visible(self, name: FileName) -> None:
        """A file may end without receipt only if its bytes are gone, and then visibly; or if that
        was before the function was ever told of it.

        Or before a sweep found that one of its tasks was lost: a sweep finds versions, and this one
        is gone. Its entry in the ledger, and the trail of who deleted it, are all that tells of it.
        """
        if name not in self._evidence.deleted:
            raise Broken(5, f"{name} has its receipt", "a receipt", "none")
        if name in self._evidence.untold:
            stored = [item for item in self._items.values() if name_of(item) == name]
            expect(1, f"nothing of {name} is stored", [], stored)
            return
        if name not in self._evidence.stalled:
            expect(1, f"{name} is visibly not done", True, name in self._evidence.failed)

    def _check_item(self, identity: Identity, item: Item) -> None:
        """An item says what the record says that it names as its source."""
        name, number = name_of(item), int(item["recordNumber"])
        record = self._record(name, number)
        if record is None or record.flaw:
            raise Broken(2, f"item {identity} is of a valid record", f"{name} {number}", record)
        expect(2, f"identity of record {number} of {name}", record.identity, identity)
        card = item.get("cardToken")
        expected = self._content(record.fields, card.partition(".")[0] if card else None)
        expect(2, f"fingerprint of item {identity}", fingerprint(expected), item["fingerprint"])
        for attribute, text in expected.items():
            if attribute not in ("timestamp", "amount"):
                expect(2, f"{attribute} of item {identity}", text, item.get(attribute))
        expect(2, f"amount of {identity}", Decimal(record.fields["amount"]), item["amount"])
        expect(2, f"status of {identity}", "processed", item["status"])
        if self._parts_of(name) != 1:
            return  # Between parts the table decides who comes first.
        same = self._readings[name].records
        first = next(one for one in same if not one.flaw and one.identity == identity)
        expect(2, f"first record of {name} with identity {identity} wins", first.number, number)

    def _parts_of(self, name: FileName) -> int | None:
        """In how many parts a file was processed; None if it has no receipt."""
        receipt = self._receipts.get(name)
        return None if receipt is None else receipt["parts"]

    def _record(self, name: FileName, number: int) -> Record | None:
        reading = self._readings.get(name)
        if reading is None or not 0 < number <= len(reading.records):
            return None
        return reading.records[number - 1]

    def _content(self, fields: Fields, key_id: str | None) -> dict[str, Any]:
        """A record's canonical content, its card by the token under this key."""
        content: dict[str, Any] = dict(fields)
        minor = DIGITS[fields["currency"]]
        content["amount"] = f"{Decimal(fields['amount']):.{minor}f}"
        if "note" in content:
            content["extra"] = {"note": content.pop("note")}
        card = content.pop("cardNumber", None)
        if card:
            digits = card.replace(" ", "")
            key = self._evidence.keys.get(key_id or "")
            expect(3, "the key of a token is known", True, key is not None)
            content["cardToken"] = f"{key_id}.{token_of(key or '', digits)}"
            content["cardLastFour"] = digits[-4:]
        return content

    def _check_receipt(self, name: FileName, receipt: Mapping[str, Any]) -> None:
        reading = self._reading_of(name, receipt)
        counted = self._recount(name, reading, receipt["cardNumbers"]["tokenKeyId"])
        outcomes = {"read": counted.outcomes.total()} | {
            outcome: counted.outcomes[outcome]
            for outcome in ("stored", "duplicate", "conflict", "rejected")
        }
        expect(3, f"outcomes of {name}", outcomes, receipt["outcomes"])
        sums = {
            currency: {
                outcome: money(by_outcome[outcome], currency)
                for outcome in ("stored", "duplicate", "conflict")
            }
            for currency, by_outcome in counted.sums.items()
        }
        expect(3, f"sums of {name}", sums, receipt["sums"])
        computed = {
            "recordCount": counted.outcomes.total(),
            "sums": {
                currency: money(by_outcome.total(), currency)
                for currency, by_outcome in counted.sums.items()
            },
            "hashTotal": f"{counted.hash_total % 2**64:016x}",
        }
        expect(3, f"control totals of {name}", computed, receipt["controlTotals"]["computed"])
        expect(3, f"reasons of {name}", dict(counted.reasons), receipt["reasons"])
        expect(3, f"tokens of {name}", counted.tokenized, receipt["cardNumbers"]["tokenized"])
        first_files = {
            (one["bucket"], one["key"], one["versionId"]): one["count"]
            for one in receipt["duplicates"]["firstStoredBy"]
        }
        expect(3, f"first files of {name}", dict(counted.first_files), first_files)
        fault = reading.fault
        expected = fault and (fault[0].reason, fault[1], fault[2], fault[0].field)
        told = receipt["fault"]
        actual = told and (
            *(told["reason"], told["byteOffset"], told["recordNumber"], told["field"]),
        )
        expect(3, f"fault of {name}", expected, actual)
        status = "refused" if fault and not reading.records else "broken" if fault else "processed"
        expect(3, f"status of {name}", status, receipt["status"])
        self._check_quarantine(name, receipt["quarantine"], counted.lines)

    def _reading_of(self, name: FileName, receipt: Mapping[str, Any]) -> Reading:
        """The file's reading; of one that vanished, up to where its receipt says it did."""
        reading, told, evidence = self._readings[name], receipt["fault"], self._evidence
        if not told or told["reason"] not in VANISHED:
            return reading
        expect(3, f"{name} had vanished", True, name in evidence.deleted)
        own = [one for one in self._items.values() if name_of(one) == name]
        last = max((int(one["recordNumber"]) for one in own), default=0)
        expect(3, f"{name} has no items behind its end", True, last < told["recordNumber"])
        return until_it_vanished(reading, evidence.files[name], receipt, evidence.objects)

    def _recount(self, name: FileName, reading: Reading, key_id: str | None) -> _Count:
        counted = _Count()
        for record in reading.records:
            if record.flaw:
                counted.outcomes["rejected"] += 1
                counted.reasons[record.flaw.reason] += 1
                flaw = (record.flaw.reason, record.flaw.field)
                counted.lines.append(line_of(record, "rejected", *flaw))
                continue
            item = self._items.get(record.identity)
            if item is None:
                raise Broken(1, f"record {record.number} of {name} is stored", "an item", "none")
            outcome = self._outcome(name, record, item)
            counted.outcomes[outcome] += 1
            minor = DIGITS[record.fields["currency"]]
            amount = int(Decimal(record.fields["amount"]).scaleb(minor))
            counted.sums[record.fields["currency"]][outcome] += amount
            counted.hash_total += int(fingerprint(self._content(record.fields, key_id))[:16], 16)
            counted.tokenized += "cardNumber" in record.fields
            if outcome == "duplicate" and key_id and "cardToken" in item:
                self.has_older_token |= not item["cardToken"].startswith(f"{key_id}.")
            if outcome == "duplicate":
                counted.first_files[name_of(item)] += 1
            if outcome == "conflict":
                counted.reasons["CONFLICT_ID_REUSED"] += 1
                counted.lines.append(
                    line_of(record, "conflict", "CONFLICT_ID_REUSED", "transactionId")
                )
        return counted

    def _outcome(self, name: FileName, record: Record, item: Item) -> str:
        """What must have become of a record, given the item that has its identity."""
        first_file, first_number = name_of(item), int(item["recordNumber"])
        if (first_file, first_number) == (name, record.number):
            return "stored"
        first = self._record(first_file, first_number)
        same = first is not None and comparable(first.fields) == comparable(record.fields)
        return "duplicate" if same else "conflict"

    def _check_quarantine(
        self, name: FileName, told: Mapping[str, Any] | None, expected: list[dict[str, Any]]
    ) -> None:
        lines: list[dict[str, Any]] = []
        for one in (told or {}).get("objects", ()):
            body = self._evidence.objects.get((one["key"], one["versionId"]))
            if body is None:
                raise Broken(3, f"quarantine of {name} exists", one, "no such object")
            digest = hashlib.sha256(body).hexdigest()
            expect(3, f"digest of {one['key']}", digest, one["sha256"])
            expect(3, f"lines of {one['key']}", body.count(b"\n"), one["lineCount"])
            lines += map(json.loads, body.splitlines())
        shown = [{key: line[key] for key in LINE_MEMBERS} for line in lines]
        facts = [{key: line[key] for key in LINE_MEMBERS} for line in expected]
        expect(3, f"quarantine of {name}", facts, shown)
        for line, record_line in zip(lines, expected, strict=True):
            raw = line["raw"].encode()
            if line["rawEncoding"] == "base64":
                raw = base64.b64decode(raw)
            exact = record_line["raw"]
            if not is_exact_or_masked(raw, exact):
                raise Broken(3, f"bytes of record {line['recordNumber']} of {name}", exact, raw)
