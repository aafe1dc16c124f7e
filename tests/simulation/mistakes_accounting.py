"""Mistakes in reading files and accounting for them."""

from typing import Final

from tests.simulation.mutation import Mutation

MISTAKES: Final = (
    Mutation(
        "a short body is the end of the file",
        "reading.py",
        "            byte_offset += len(chunk)",
        (
            "            byte_offset += len(chunk)\n"
            "            if len(chunk) < length:\n"
            "                return"
        ),
    ),
    Mutation(
        "the current version is read",
        "adapters/s3.py",
        '    return {"VersionId": version.version_id} if version.version_id else {}',
        "    return {}",
    ),
    Mutation(
        "a vanished file is taken for read",
        "reading.py",
        "                raise StreamBroken(Reason.OBJECT_GONE) from error",
        "                return",
    ),
    Mutation(
        "quarantine lies at a key of chance",
        "quarantine.py",
        "        key = task.version.quarantine_key(task.part_number, number, task.segment)",
        "        key = task.version.quarantine_key(task.part_number, id(body), task.segment)",
    ),
    Mutation(
        "other bytes in quarantine stay",
        "quarantine.py",
        "            if there != body:",
        "            if there is None:",
    ),
    Mutation(
        "the token key is not pinned",
        "pipeline.py",
        "        key_id = entry.token_key_id or ports.keys.current_id",
        "        key_id = ports.keys.current_id",
    ),
    Mutation(
        "two rows of one identity are in flight",
        "part.py",
        "            if identity in self._in_flight:",
        "            if identity is None:",
    ),
    Mutation(
        "the last rows are never stored",
        "part.py",
        ("            last = record\n        self._settle()"),
        "            last = record",
    ),
    Mutation(
        "quarantine is not closed",
        "part.py",
        "            quarantine=self._quarantine.close(),",
        "            quarantine=[],",
    ),
    Mutation(
        "a failed file fails no event",
        "app.py",
        ('    if failures:\n        raise EventFailed("; ".join(failures))'),
        "",
    ),
    Mutation(
        "keys are not decoded",
        "notification.py",
        '        key = unquote_plus(key, errors="strict") if encoded else key',
        '        key = key if encoded else unquote_plus(key, errors="strict")',
    ),
    Mutation(
        "all valid amounts are sums of stored ones",
        "domain/control_totals.py",
        "        sums[outcome] += transaction.amount_minor",
        "        sums[Outcome.STORED] += transaction.amount_minor",
    ),
    Mutation(
        "a break is no fault",
        "part.py",
        "                fault = Fault(record.reason, record.byte_offset, record.record_number)",
        "                fault = None",
    ),
    Mutation(
        "two receipts of one file differ",
        "domain/receipt.py",
        '        "parts": entry.parts_total,',
        '        "parts": entry.parts_total + id(object()) % 7919,',
    ),
    Mutation(
        "the first sender of a duplicate is forgotten",
        "part.py",
        "            self._totals.add_first_file(verdict.first_file)",
        "            self._totals.duplicates_unnamed += 1",
    ),
)
