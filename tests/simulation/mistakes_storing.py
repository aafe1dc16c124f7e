"""Mistakes in storing records and judging them."""

from typing import Final

from tests.simulation.mutation import Mutation

MISTAKES: Final = (
    Mutation(
        "what exists is taken for stored",
        "store.py",
        "judge(pending[place], self._source, stored, self._keys)",
        "_STORED",
    ),
    Mutation(
        "what is told to exist is taken for stored",
        "store.py",
        "judge(row, self._source, answer, self._keys)",
        "_STORED",
    ),
    Mutation(
        "a row that finds itself is a duplicate",
        "store.py",
        "    if _is_row(stored, row, source):\n        return _STORED\n",
        (
            "    if _is_row(stored, row, source):\n"
            "        first_file = (stored.bucket, stored.key, stored.version)\n"
            "        return Verdict(Outcome.DUPLICATE, None, first_file, stored.record_number)\n"
        ),
    ),
    Mutation(
        "the record number is not compared",
        "store.py",
        "        *(row.record_number, version.bucket, version.key, version.version),",
        "        *(stored.record_number, version.bucket, version.key, version.version),",
    ),
    Mutation(
        "the version is not compared",
        "store.py",
        "        *(row.record_number, version.bucket, version.key, version.version),",
        "        *(row.record_number, version.bucket, version.key, stored.version),",
    ),
    Mutation(
        "a conflict is a duplicate",
        "store.py",
        "    if stored.fingerprint == _fingerprint_under(stored.token_key_id, row, keys):",
        "    if stored.fingerprint:",
    ),
    Mutation(
        "tokens of other keys are compared as they are",
        "store.py",
        "    if card is None or key_id is None or card.key_id == key_id:",
        "    if card is None or key_id is None or card.key_id:",
    ),
    Mutation(
        "a key left out of the read-back is stored",
        "store.py",
        ("        return settled\n\n\ndef judge("),
        (
            "        for place in untold.values():\n"
            "            settled.setdefault(place, _STORED)\n"
            "        return settled\n"
            "\n"
            "\n"
            "def judge("
        ),
    ),
    Mutation(
        "a batch that is settled frees the identities of those under way",
        "part.py",
        "        self._in_flight.difference_update(batch.identities)",
        "        self._in_flight.clear()",
    ),
    Mutation(
        "the batch that was sent last is accounted for first",
        "part.py",
        "        batch = self._sent[0]\n",
        "        batch = self._sent[-1]\n        self._sent.rotate()\n",
    ),
    Mutation(
        "a throttled statement is inserted",
        "adapters/dynamodb.py",
        ("    if code in _TRY_AGAIN:\n        return InsertAnswer.TRY_AGAIN"),
        ("    if code in _TRY_AGAIN:\n        return InsertAnswer.INSERTED"),
    ),
    Mutation(
        "no reply is a good reply",
        "adapters/dynamodb.py",
        (
            "Asked again, each of them will tell.\n"
            "            return [InsertAnswer.TRY_AGAIN] * len(texts)"
        ),
        ("\n            return [InsertAnswer.INSERTED] * len(texts)"),
    ),
    Mutation(
        "a throttled batch is inserted",
        "adapters/dynamodb.py",
        (
            "        if is_retryable_reply(code, reply.status):\n"
            "            return [InsertAnswer.TRY_AGAIN] * len(texts)"
        ),
        (
            "        if is_retryable_reply(code, reply.status):\n"
            "            return [InsertAnswer.INSERTED] * len(texts)"
        ),
    ),
    Mutation(
        "the receipt is put over what is there",
        "closing.py",
        "        created = call(results.put_if_absent, key, body, RECEIPT_CONTENT_TYPE).created",
        "        created = bool(call(results.put, key, body, RECEIPT_CONTENT_TYPE))",
    ),
    Mutation(
        "the receipt is written before the result is recorded",
        "pipeline.py",
        "        version, sole = task.version, _sole(entry, task, result)\n",
        (
            "        from copy import replace\n"
            "        from processor.domain.receipt import build_receipt, render\n"
            "\n"
            "        version, sole = task.version, _sole(entry, task, result)\n"
            "        one = replace(entry, parts_done=1, parts_total=1)\n"
            "        whole = [replace(result, remainder=None)]\n"
            "        early = build_receipt(one, whole, self._setup.results_bucket)\n"
            "        put, key = self._ports.results.put, version.receipt_key\n"
            '        self._backoff.call(put, key, render(early), "application/json")\n'
        ),
    ),
    Mutation(
        "a result is recorded over another",
        "adapters/ledger.py",
        '"ConditionExpression": "attribute_not_exists(fileId)",',
        '"ConditionExpression": "attribute_not_exists(fileId) OR attribute_exists(fileId)",',
    ),
    Mutation(
        "a vanished file is recorded whoever read it",
        "pipeline.py",
        "    return entry.deliveries if is_whole and nobody_else_read else 0",
        "    return None",
    ),
    Mutation(
        "nobody else has ever read",
        "pipeline.py",
        "    nobody_else_read = entry.deliveries == 1 or entry.source is None",
        "    nobody_else_read = True",
    ),
    Mutation(
        "deliveries are not counted",
        "adapters/ledger.py",
        'SET {assignments} ADD #deliveries :one"',
        'SET {assignments}, #deliveries = :one"',
    ),
    Mutation(
        "reading goes on behind what was asked for",
        "reading.py",
        "            byte_offset += len(chunk)",
        "            byte_offset += length",
    ),
    Mutation(
        "reading goes on from the beginning",
        "reading.py",
        "            byte_offset += len(chunk)",
        (
            "            is_whole = len(chunk) == length\n"
            "            byte_offset = byte_offset + len(chunk) if is_whole else begin"
        ),
    ),
)
