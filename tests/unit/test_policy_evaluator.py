"""The evaluator of policies, held to what the IAM User Guide says, not to the stack's policies."""

import pytest

from tests.support.policy import (
    ANONYMOUS,
    OTHER_ACCOUNT,
    Caller,
    Policies,
    Request,
    Statement,
    administrator,
    allowed,
    decide,
    not_allowed,
    refused,
    role,
    service,
)
from tests.support.policy.conditions import conditions_hold
from tests.support.policy.known import UnknownPolicyElementError
from tests.support.template import ACCOUNT, Json

BUCKET = "arn:aws:s3:::a-bucket"
ARN = f"arn:aws:iam::{ACCOUNT}:role/reader"
VPC, ACCOUNT_KEY, TLS = "aws:SourceVpc", "aws:SourceAccount", "aws:SecureTransport"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def statement(sid: str = "Decides", effect: str = "Allow", **elements: Json) -> Statement:
    body = {"Sid": sid, "Effect": effect, "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
    return Statement("Policy", body | elements)


def reads(caller: Caller, **keys: str) -> Request:
    return Request(caller, "s3:GetObject", f"{BUCKET}/a", keys)


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "holds"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", "a", "a", False),
        ("StringNotEqualsIgnoreCase", "a", "A", False),
        ("StringLike", "a*c", "abc", True),
        ("StringLike", "a?c", "ac", False),
        ("StringLike", "[ab]", "a", False),
        ("StringLike", "[ab]", "[ab]", True),
        ("StringNotLike", "a*", "abc", False),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("NumericLessThan", "1.2", "1.1", True),
        ("NumericLessThan", "1.2", "1.2", False),
        ("NumericLessThan", "9", "10", False),
        ("NumericGreaterThanEquals", "1.2", "1.2", True),
        ("Bool", "true", "TRUE", True),
        ("Bool", True, "true", True),
        ("Bool", "false", "true", False),
        ("ArnLike", "arn:aws:s3:::a*", "arn:aws:s3:::abc", True),
        ("ArnLike", "arn:aws:*:::a", "arn:aws:s3:::a", True),
        ("ArnLike", "arn:aws:s3:*:a:b", "arn:aws:s3:x:y:a:b", False),
        ("ArnLike", "arn:*:a", "arn:aws:s3:::a", UnknownPolicyElementError),
        ("ArnEquals", "arn:aws:s3:::a*", "arn:aws:s3:::abc", True),
        ("ArnEquals", "arn:aws:s3:::a", "no arn", False),
        ("ArnNotEquals", "arn:aws:s3:::a*", "arn:aws:s3:::abc", False),
        ("ArnNotLike", "arn:aws:s3:::a*", "arn:aws:s3:::b", True),
        ("Null", "true", "there", False),
        ("Null", "false", "there", True),
        ("DateLessThan", "2025-01-01T00:00:00Z", "x", UnknownPolicyElementError),
        ("ForAnyValue:StringEquals", "a", "a", UnknownPolicyElementError),
        ("StringEquals", "${aws:username}", "a", UnknownPolicyElementError),
    ],
)
def test_operator_compares_as_documented(
    operator: str, wanted: Json, value: str, holds: bool | type[Exception]
) -> None:
    condition = {operator: {"aws:SourceArn": wanted}}

    if isinstance(holds, bool):
        assert conditions_hold(condition, {"aws:SourceArn": value}) is holds
    else:
        with pytest.raises(holds):
            conditions_hold(condition, {"aws:SourceArn": value})


@pytest.mark.parametrize(
    ("operator", "holds"),
    [
        ("StringEquals", False),
        ("StringLike", False),
        ("Bool", False),
        ("NumericLessThan", False),
        ("ArnEquals", False),
        # The traps: a negated operator is true of what is not there, with IfExists or without.
        ("StringNotEquals", True),
        ("StringNotEqualsIfExists", True),
        ("ArnNotEquals", True),
        ("StringNotLike", True),
        ("StringEqualsIfExists", True),
        ("BoolIfExists", True),
        ("NumericLessThanIfExists", True),
    ],
)
def test_key_that_the_request_does_not_carry(operator: str, holds: bool) -> None:
    assert conditions_hold({operator: {"aws:SourceArn": "1"}}, {"aws:SourceAccount": "1"}) is holds


def test_null_asks_whether_the_key_is_absent() -> None:
    assert conditions_hold({"Null": {"aws:SourceArn": "true"}}, {})
    assert not conditions_hold({"Null": {"aws:SourceArn": "false"}}, {})


def test_every_operator_and_every_key_must_hold() -> None:
    condition = {"StringEquals": {VPC: "1", ACCOUNT_KEY: "2"}, "Bool": {TLS: "true"}}

    assert conditions_hold(condition, {VPC: "1", ACCOUNT_KEY: "2", TLS: "true"})
    assert not conditions_hold(condition, {VPC: "1", ACCOUNT_KEY: "3", TLS: "true"})
    assert not conditions_hold(condition, {VPC: "1", ACCOUNT_KEY: "2", TLS: "false"})


def test_names_of_keys_know_no_case() -> None:
    assert conditions_hold(
        {"Bool": {"AWS:SecureTransport": "true"}}, {"aws:securetransport": "true"}
    )


@pytest.mark.parametrize(
    ("elements", "applies"),
    [
        ({}, True),
        ({"Action": "S3:getobject"}, True),
        ({"Action": "s3:Get*"}, True),
        ({"Action": ["s3:PutObject", "s3:GetObjec?"]}, True),
        ({"Action": "s3:GetObjectVersion"}, False),
        ({"Action": "s3:GetObjec"}, False),
        ({"Resource": f"{BUCKET}/A"}, False),
        ({"Resource": f"{BUCKET}"}, False),
        ({"Resource": "*"}, True),
        ({"Resource": ["arn:aws:s3:::b/*", f"{BUCKET}/?"]}, True),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, False),
    ],
)
def test_statement_applies_by_action_resource_and_condition(
    elements: dict[str, Json], applies: bool
) -> None:
    assert statement(**elements).applies(reads(role("reader"))) is applies


def test_not_action_is_every_other_action() -> None:
    spared = Statement(
        "Policy", {"Sid": "A", "Effect": "Deny", "NotAction": "S3:Get*", "Resource": "*"}
    )

    assert not spared.applies(reads(role("reader")))
    assert spared.applies(Request(role("reader"), "s3:PutObject", f"{BUCKET}/a"))


@pytest.mark.parametrize("element", ["NotPrincipal", "NotResource"])
def test_element_without_a_rule_is_not_guessed(element: str) -> None:
    with pytest.raises(UnknownPolicyElementError, match=element):
        statement(**{element: "*"}).applies(reads(role("reader")))


@pytest.mark.parametrize(
    ("principal", "caller", "named"),
    [
        ("*", role("reader"), True),
        ("*", ANONYMOUS, True),
        ("*", service("s3.amazonaws.com"), True),
        ({"AWS": "*"}, ANONYMOUS, True),
        ({"AWS": ARN}, role("reader"), True),
        ({"AWS": ARN}, role("writer"), False),
        ({"AWS": ARN}, role("reader", account=OTHER_ACCOUNT), False),
        ({"AWS": ROOT}, role("reader"), True),
        ({"AWS": ACCOUNT}, role("reader"), True),
        ({"AWS": ROOT}, role("reader", account=OTHER_ACCOUNT), False),
        ({"AWS": ROOT}, ANONYMOUS, False),
        ({"AWS": ROOT}, service("s3.amazonaws.com"), False),
        ({"Service": "s3.amazonaws.com"}, service("s3.amazonaws.com"), True),
        ({"Service": "s3.amazonaws.com"}, service("sns.amazonaws.com"), False),
        ({"Service": "s3.amazonaws.com"}, role("reader"), False),
    ],
)
def test_principal_names_callers(principal: Json, caller: Caller, named: bool) -> None:
    assert statement(Principal=principal).applies(reads(caller)) is named


def test_unknown_principal_is_not_guessed() -> None:
    with pytest.raises(UnknownPolicyElementError, match="Federated"):
        statement(Principal={"Federated": "x"}).applies(reads(role("reader")))


ALLOW = statement("Allows")
ALLOW_HIM = statement("AllowsHim", Principal={"AWS": ARN})
ALLOW_HIM_THERE = statement(
    "AllowsHim", Principal={"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"}
)
ALLOW_ACCOUNT = statement("AllowsAccount", Principal={"AWS": ROOT})
ALLOW_ALL = statement("AllowsAll", Principal="*")
DENY = statement("Refuses", "Deny", Principal="*")
ELSEWHERE = role("reader", account=OTHER_ACCOUNT)


@pytest.mark.parametrize(
    ("caller", "policies", "decision"),
    [
        (role("reader"), Policies(), not_allowed("identity")),
        (role("reader"), Policies(identity=(ALLOW,)), allowed("Policy/Allows")),
        (role("reader"), Policies(resource=(ALLOW_HIM,)), allowed("Policy/AllowsHim")),
        (role("reader"), Policies(resource=(ALLOW_ACCOUNT,)), not_allowed("identity")),
        (administrator(), Policies(), allowed()),
        (administrator(), Policies(resource=(DENY,)), refused("Policy/Refuses")),
        (
            role("reader"),
            Policies(identity=(ALLOW,), resource=(ALLOW_HIM, DENY)),
            refused("Policy/Refuses"),
        ),
        # A key and a role go by their own policy.
        (administrator(), Policies(resource_rules=True), not_allowed("resource")),
        (
            administrator(),
            Policies(resource=(ALLOW_ACCOUNT,), resource_rules=True),
            allowed("Policy/AllowsAccount"),
        ),
        (
            role("reader"),
            Policies(resource=(ALLOW_ACCOUNT,), resource_rules=True),
            not_allowed("identity"),
        ),
        (
            role("reader"),
            Policies(resource=(ALLOW_HIM,), resource_rules=True),
            allowed("Policy/AllowsHim"),
        ),
        # Another account's caller needs both sides.
        (ELSEWHERE, Policies(identity=(ALLOW,)), not_allowed("resource")),
        (ELSEWHERE, Policies(resource=(ALLOW_HIM_THERE,)), not_allowed("identity")),
        (
            ELSEWHERE,
            Policies(identity=(ALLOW,), resource=(ALLOW_HIM_THERE,)),
            allowed("Policy/Allows", "Policy/AllowsHim"),
        ),
        # A service and an unsigned request have the resource's policy only.
        (ANONYMOUS, Policies(), not_allowed("resource")),
        (ANONYMOUS, Policies(resource=(ALLOW_ALL,)), allowed("Policy/AllowsAll")),
        (ANONYMOUS, Policies(resource=(ALLOW_ACCOUNT,)), not_allowed("resource")),
        (service("s3.amazonaws.com"), Policies(), not_allowed("resource")),
        # An endpoint on the way must allow as well.
        (administrator(), Policies(endpoint=()), not_allowed("endpoint")),
        (administrator(), Policies(endpoint=(ALLOW_ALL,)), allowed("Policy/AllowsAll")),
        (administrator(), Policies(endpoint=(ALLOW_ALL, DENY)), refused("Policy/Refuses")),
        (role("reader"), Policies(endpoint=(ALLOW_ALL,)), not_allowed("identity")),
        (role("reader"), Policies(endpoint=()), not_allowed("identity", "endpoint")),
    ],
)
def test_policies_combine_as_documented(
    caller: Caller, policies: Policies, decision: object
) -> None:
    assert decide(reads(caller), policies) == decision


def test_headers_of_a_request_win_over_what_the_connection_says() -> None:
    plain = reads(role("reader"), **{"aws:SecureTransport": "false"})

    assert plain.carried["aws:SecureTransport"] == "false"
    assert reads(role("reader")).carried["aws:SecureTransport"] == "true"
    assert "aws:SecureTransport" not in reads(service("s3.amazonaws.com")).carried
