# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""A table's own policy has a say in each call on it, as a bucket's has.

Source: Amazon DynamoDB Developer Guide, "Using resource-based policies for DynamoDB".
"""

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import dynamodb


def install() -> None:
    """Have the policy of a table looked up wherever one of its actions is judged."""
    dynamodb.table_policy_for_arn = _table_policy
    iam_evaluator._RESOURCE_POLICY_LOOKUPS["dynamodb"] = ("dynamodb", "table_policy_for_arn")


def _table_policy(resource_arn: str) -> tuple[str, str]:
    """The policy of a table, or of the table of an index, and whose it is."""
    table_arn = resource_arn.partition("/index/")[0]
    entry = dynamodb._resource_policies.get(table_arn) or {}
    return str(entry.get("Policy", "")), get_account_id()
