"""The doctor knows every refusal of the template's policies."""

import pytest

from desk.doctor.policies import REFUSALS, lost
from tests.support.policy import statements
from tests.support.template import stack

POLICIES = {
    "TransactionDataBucket": "TransactionDataBucketPolicy",
    "TransactionResultsBucket": "TransactionResultsBucketPolicy",
    "CloudTrailLogsBucket": "CloudTrailLogsBucketPolicy",
    "AccessLogsBucket": "AccessLogsBucketPolicy",
    "TransactionMetadataTable": "TransactionMetadataTable",
    "FileLedgerTable": "FileLedgerTable",
}


def refusals(policy: str, **parameters: str) -> set[str]:
    found = statements(stack(**parameters), policy)
    return {one["Sid"] for one in found if one["Effect"] == "Deny"}


@pytest.mark.parametrize("logical_id", POLICIES)
def test_what_the_template_refuses_whatever_its_parameters_must_be_there(logical_id: str) -> None:
    policy = POLICIES[logical_id]

    always = refusals(policy) & refusals(policy, UploadEncryption="bucket-default")

    assert REFUSALS[logical_id] == always
    assert REFUSALS.keys() == POLICIES.keys()


@pytest.mark.parametrize("policy", ["", "{}", '{"Statement": []}'])
def test_a_policy_that_is_gone_has_lost_everything(policy: str) -> None:
    assert lost("FileLedgerTable", policy) == sorted(REFUSALS["FileLedgerTable"])
