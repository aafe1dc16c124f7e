"""Which refusals the policies of buckets and tables must still have, by their statements' ids.

No deployment leaves one out; somebody may take one away. A test holds this to the template.
"""

import json
from collections.abc import Mapping
from typing import Final

_PERIMETER: Final = frozenset({"RefusePlainHttp", "RefuseOtherAccounts"})
_OF_A_BUCKET: Final = _PERIMETER | {"RefuseTlsBefore12"}

REFUSALS: Final[Mapping[str, frozenset[str]]] = {
    "TransactionDataBucket": _OF_A_BUCKET
    | {
        "RefuseUploadsWithAnotherKey",
        "RefuseUploadsUnderAKeyThatTheSenderKeeps",
        "RefuseAnotherKeyForWhatIsStored",
    },
    "TransactionResultsBucket": _OF_A_BUCKET
    | {
        *("RefuseAnotherEncryption", "RefuseAnotherKey", "RefuseResultsOfAnybodyElse"),
        *("RefuseToReplaceReceipts", "RefuseDeletionOfResults"),
    },
    "CloudTrailLogsBucket": _OF_A_BUCKET
    | {"RefuseDeletionOfAuditFiles", "RefuseAuditFilesOfAnybodyElse"},
    "AccessLogsBucket": _OF_A_BUCKET
    | {"RefuseDeletionOfAccessLogs", "RefuseAccessLogsOfAnybodyElse"},
    "TransactionMetadataTable": _PERIMETER
    | {"RefuseChangesOfTransactions", "RefuseTransactionsOfAnybodyElse"},
    "FileLedgerTable": _PERIMETER | {"RefuseDeletionOfEntries", "RefuseEntriesOfAnybodyElse"},
}
"""Logical id of a bucket or table -> ids of what its policy refuses, whatever the parameters."""


def lost(logical_id: str, policy: str) -> list[str]:
    """Ids of the refusals that a policy has lost, sorted.

    Args:
        logical_id: Of its bucket or table.
        policy: The policy's document as JSON; empty if there is none.
    """
    statements = json.loads(policy or "{}").get("Statement", [])
    found = {one.get("Sid") for one in statements if one.get("Effect") == "Deny"}
    return sorted(REFUSALS[logical_id] - found)
