"""Taking a policy apart loses nothing but the one right."""

import pytest

from tests.support.rights import Json, rights, with_condition, without

KEY = "arn:aws:kms:us-east-1:000000000000:key/k"
POLICY: Json = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "One", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:queue"},
        {
            "Sid": "Many",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": ["arn:aws:s3:::results/receipts/*", "arn:aws:s3:::results/rejected/*"],
        },
        {
            "Sid": "Key",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": KEY,
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": ["s3.us-east-1.amazonaws.com", "sqs.us-east-1.amazonaws.com"]
                }
            },
        },
        {
            "Sid": "No",
            "Effect": "Deny",
            "Action": ["ec2:A", "ec2:B"],
            "Resource": "*",
            "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": "arn:f"}},
        },
    ],
}


def facts(document: Json) -> set[tuple[str, ...]]:
    """What a policy says, however its statements are cut."""
    return {
        (right.effect, right.action, right.resource, str(right.via)) for right in rights(document)
    }


def test_each_right_has_a_name_of_its_own() -> None:
    names = [str(right) for right in rights(POLICY)]

    assert names == [
        "One-sqs:SendMessage",
        "Many-s3:GetObject-results/receipts/*",
        "Many-s3:GetObject-results/rejected/*",
        "Many-s3:PutObject-results/receipts/*",
        "Many-s3:PutObject-results/rejected/*",
        "Key-kms:Decrypt-s3",
        "Key-kms:Decrypt-sqs",
        "Key-kms:GenerateDataKey-s3",
        "Key-kms:GenerateDataKey-sqs",
        "No-ec2:A",
        "No-ec2:B",
    ]


@pytest.mark.parametrize("right", rights(POLICY), ids=str)
def test_without_a_right_the_policy_says_all_the_rest_under_unique_sids(right: object) -> None:
    [gone] = [one for one in rights(POLICY) if one == right]

    rest = without(POLICY, gone)

    left_out = {(gone.effect, gone.action, gone.resource, str(gone.via))}
    sids = [statement["Sid"] for statement in rest["Statement"]]
    assert facts(rest) == facts(POLICY) - left_out
    assert len(sids) == len(set(sids))


def test_other_conditions_of_a_statement_stay() -> None:
    right = rights(POLICY)[-1]

    [denies] = [one for one in without(POLICY, right)["Statement"] if one["Effect"] == "Deny"]

    assert denies["Action"] == ["ec2:A"]
    assert denies["Condition"] == {"ArnEquals": {"lambda:SourceFunctionArn": "arn:f"}}


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (("s3:PutObject", "arn:aws:s3:::results/receipts/a/b", None), ["Many"]),
        (("s3:PutObject", "arn:aws:s3:::results/work/a", None), []),
        (("s3:DeleteObject", "arn:aws:s3:::results/receipts/a", None), []),
        (("kms:Decrypt", KEY, "s3"), ["Key"]),
        (("kms:Decrypt", KEY, "dynamodb"), []),
        (("kms:Decrypt", KEY, None), []),
    ],
)
def test_a_call_is_covered_by_its_right_alone(
    call: tuple[str, str, str | None], names: list[str]
) -> None:
    covering = [right.sid for right in rights(POLICY) if right.covers(*call)]

    assert covering == names


def test_a_log_streams_brackets_are_no_pattern() -> None:
    [right] = rights({"Statement": [POLICY["Statement"][0] | {"Resource": "arn:log:stream:[x]*"}]})

    assert right.covers("sqs:SendMessage", "arn:log:stream:[x]1")
    assert not right.covers("sqs:SendMessage", "arn:log:stream:x1")


@pytest.mark.parametrize(
    ("value", "condition"),
    [("arn:g", {"ArnEquals": {"lambda:SourceFunctionArn": "arn:g"}}), (None, {})],
)
def test_a_condition_is_changed_or_lifted_in_one_statement(
    value: str | None, condition: Json
) -> None:
    changed = with_condition(POLICY, "No", "ArnEquals", "lambda:SourceFunctionArn", value)

    assert changed["Statement"][3]["Condition"] == condition
    assert changed["Statement"][:3] == POLICY["Statement"][:3]
    assert POLICY["Statement"][3]["Condition"] != condition
