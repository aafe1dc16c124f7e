"""What the evaluator of policies has no rule for is an error, and never an answer."""

from dataclasses import replace

import pytest

from tests.support.policy import (
    OTHER_ACCOUNT,
    Account,
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
from tests.support.policy.documents import denied_by
from tests.support.policy.known import CONDITION_KEYS, UnknownPolicyElementError
from tests.support.policy.table import DATA, FILES, PROCESSOR, at_work
from tests.support.template import ACCOUNT, Json, Stack, stack

BUCKET = "arn:aws:s3:::a-bucket"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
READS = Request(administrator(), "s3:GetObject", f"{BUCKET}/a")
DELIVERS = Request(service("logs.amazonaws.com"), "s3:PutObject", f"{BUCKET}/a")


def statement(**elements: Json) -> Statement:
    body = {"Sid": "Decides", "Effect": "Allow", "Action": "s3:*", "Resource": f"{BUCKET}/*"}
    return Statement("Policy", body | elements)


def changed(logical_id: str, **properties: Json) -> Stack:
    """The stack, with other properties of one resource."""
    whole = stack()
    resource = dict(whole.resources[logical_id])
    resource["Properties"] = resource["Properties"] | properties
    return replace(whole, resources={**whole.resources, logical_id: resource})


def with_resource(of_type: str, **properties: Json) -> Stack:
    resource = {"Type": of_type, "Properties": properties}
    return replace(stack(), resources={**stack().resources, "Another": resource})


@pytest.mark.parametrize(
    "key",
    [
        "aws:CurrentTime",
        "aws:MultiFactorAuthPresent",
        "aws:PrincipalOrgID",
        "aws:PrincipalType",
        "aws:RequestedRegion",
        "aws:SourceIp",
        "aws:SourceVpce",
        "aws:UserAgent",
        "aws:ViaAWSService",
        "aws:SecureTransprot",
        "s3:prefix",
    ],
)
def test_condition_key_that_no_request_carries_is_not_taken_for_absent(key: str) -> None:
    with pytest.raises(UnknownPolicyElementError, match=key):
        conditions_hold({"StringNotEquals": {key: "a"}}, {})
    with pytest.raises(UnknownPolicyElementError, match=key):
        Request(administrator(), "s3:GetObject", f"{BUCKET}/a", {key: "a"})


def test_condition_is_unknown_even_where_it_would_not_matter() -> None:
    condition = {"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}}
    elsewhere = statement(Action="s3:PutObject", Condition=condition)

    with pytest.raises(UnknownPolicyElementError, match="ViaAWSService"):
        elsewhere.applies(READS)
    with pytest.raises(UnknownPolicyElementError, match="ViaAWSService"):
        conditions_hold(condition, {"aws:SecureTransport": "true"})


def test_requests_carry_known_keys_of_the_service_that_is_asked() -> None:
    reads = Request(administrator(), "kms:Decrypt", "arn:aws:kms:eu-central-1::key/a")

    assert reads.carried.keys() <= CONDITION_KEYS
    assert reads.carried["kms:CallerAccount"] == ACCOUNT
    assert "s3:TlsVersion" in READS.carried
    assert "s3:TlsVersion" not in reads.carried
    with pytest.raises(UnknownPolicyElementError, match="s3:x-amz-acl"):
        replace(reads, keys={"s3:x-amz-acl": "private"})


@pytest.mark.parametrize(
    ("pattern", "resource", "applies"),
    [
        ("arn:aws:logs:*:1:log-group:a", "arn:aws:logs:eu:1:log-group:a", True),
        ("arn:aws:logs:eu:1:log-group:*", "arn:aws:logs:eu:1:log-group:a:log-stream:b", True),
        ("arn:aws:logs:eu:1:log-group:a*", "arn:aws:logs:eu:1:log-group:ab:log-stream:b", True),
        ("arn:aws:logs:eu:1:*:a", "arn:aws:logs:eu:1:log-group:a", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y:z\n", True),
        ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/2/test/3:4.jpg", True),
        ("arn:aws:s3:::b/?", "arn:aws:s3:::b/ab", False),
        ("arn:aws:logs:eu:1:*", "arn:aws:logs:eu:2:log-group:a", False),
        ("arn:aws:s3:::[ab]/*", "arn:aws:s3:::a/x", False),
        # Only if a wildcard went over a colon.
        ("arn:aws:logs:*:log-group:a", "arn:aws:logs:eu:1:log-group:a", UnknownPolicyElementError),
        ("arn:aws:logs:*:*:a", "arn:aws:logs:eu:1:log-group:a", UnknownPolicyElementError),
        ("arn:aws:logs:eu:1:*:b", "arn:aws:logs:eu:1:log-group:a:b", UnknownPolicyElementError),
        ("arn:aws:s3:::b/*.csv", "arn:aws:s3:::b/x:y.csv", UnknownPolicyElementError),
        ("arn:aws:s3:::b/x?y", "arn:aws:s3:::b/x:y", UnknownPolicyElementError),
        # What AWS would not take.
        ("arn:*", "arn:aws:s3:::b/x", UnknownPolicyElementError),
        ("arn:aws:*:::b/x", "arn:aws:s3:::b/x", UnknownPolicyElementError),
    ],
)
def test_wildcards_of_a_resource_stay_within_its_segments(
    pattern: str, resource: str, applies: bool | type[Exception]
) -> None:
    one = statement(Action="*", Resource=pattern)
    request = Request(administrator(), "sns:Publish", resource)

    if isinstance(applies, bool):
        assert one.applies(request) is applies
        assert bool(denied_by([one.body | {"Effect": "Deny"}], "*", resource, {})) is applies
    else:
        with pytest.raises(applies):
            one.applies(request)


def test_statement_without_a_resource_is_of_a_trust_policy() -> None:
    body = {"Sid": "Decides", "Effect": "Allow", "Action": "s3:*"}

    assert Statement("Role", body, is_trust=True).applies(READS)
    with pytest.raises(UnknownPolicyElementError, match="no Resource"):
        Statement("Policy", body).applies(READS)
    with pytest.raises(UnknownPolicyElementError, match="a Resource"):
        Statement("Role", body | {"Resource": "*"}, is_trust=True).applies(READS)


@pytest.mark.parametrize(
    "policies",
    [
        Policies(identity=(statement(Principal="*"),)),
        Policies(resource=(statement(Effect="Deny"),)),
        Policies(endpoint=(statement(),)),
    ],
)
def test_principal_stands_in_the_policies_of_resources_only(policies: Policies) -> None:
    with pytest.raises(UnknownPolicyElementError, match="principal"):
        decide(READS, policies)


def test_effect_is_one_of_two() -> None:
    with pytest.raises(UnknownPolicyElementError, match="deny"):
        statement(Effect="deny").applies(READS)


@pytest.mark.parametrize(
    ("effect", "condition"),
    [
        ("Deny", {"Null": {"aws:SecureTransport": "true"}}),
        ("Deny", {"BoolIfExists": {"aws:SecureTransport": "false"}}),
        ("Deny", {"NumericLessThanIfExists": {"s3:TlsVersion": "1.2"}}),
        ("Deny", {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}),
        ("Deny", {"Null": {"aws:PrincipalArn": "false"}}),
        ("Allow", {"Bool": {"aws:SecureTransport": "true"}}),
        ("Allow", {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}),
    ],
)
def test_request_of_a_service_has_no_answer_that_hangs_on_what_it_may_carry(
    effect: str, condition: Json
) -> None:
    lets = statement(Principal={"Service": "logs.amazonaws.com"})
    one = statement(Effect=effect, Principal="*", Condition=condition)
    policies = Policies(resource=(lets, one) if effect == "Deny" else (one,))

    with pytest.raises(UnknownPolicyElementError, match="does not tell"):
        decide(DELIVERS, policies)
    assert isinstance(decide(READS, policies).verdict, str)


def test_request_of_a_service_has_the_answer_of_all_its_forms() -> None:
    lets = statement(Principal={"Service": "logs.amazonaws.com"})
    http = statement(
        Sid="Http", Effect="Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": False}}
    )
    plain = replace(DELIVERS, keys={"aws:SecureTransport": "false"})

    assert decide(DELIVERS, Policies(resource=(lets, http))) == allowed("Policy/Decides")
    assert decide(plain, Policies(resource=(lets, http))) == refused("Policy/Http")
    assert decide(DELIVERS, Policies()) == not_allowed("resource")


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": ACCOUNT},
        {"AWS": ROOT},
        {"AWS": ["*", ROOT]},
        {"AWS": PROCESSOR.name},
        {"Service": "s3.amazonaws.com"},
    ],
)
@pytest.mark.parametrize(
    ("endpoint", "action", "resource"),
    [
        ("S3VPCEndpoint", "s3:GetObject", f"{DATA}/a"),
        ("DynamoDBVPCEndpoint", "dynamodb:Query", FILES),
    ],
)
def test_gateway_lets_nobody_through_by_the_principal(
    endpoint: str, action: str, resource: str, principal: Json
) -> None:
    everything = {"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Statement": [everything | {"Principal": principal}]}
    request = at_work(PROCESSOR, action, resource)

    with pytest.raises(UnknownPolicyElementError, match="gateway"):
        Account(changed(endpoint, PolicyDocument=document)).decide(request)
    assert Account(
        changed(endpoint, PolicyDocument={"Statement": [everything | {"Principal": "*"}]})
    ).decide(request)


def test_interface_endpoint_lets_accounts_through_by_the_principal() -> None:
    everything = {"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Statement": [everything | {"Principal": {"AWS": ROOT}}]}
    account = Account(changed("SecretsManagerVPCEndpoint", PolicyDocument=document))
    secret = stack().properties("LambdaConfigSecretPolicy")["SecretId"]

    decision = account.decide(at_work(PROCESSOR, "secretsmanager:GetSecretValue", secret))

    assert "SecretsManagerVPCEndpoint/A" in decision.reasons


def test_endpoint_without_a_policy_is_not_taken_for_closed() -> None:
    with pytest.raises(UnknownPolicyElementError, match="S3VPCEndpoint"):
        Account(changed("S3VPCEndpoint", PolicyDocument={})).decide(
            at_work(PROCESSOR, "s3:GetObject", f"{DATA}/a")
        )


ROLE, POLICY = "LambdaExecutionRole", "TransactionProcessorPolicy"
ALLOWS = {"Statement": [{"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.mark.parametrize(
    ("logical_id", "properties"),
    [
        (ROLE, {"Policies": [{"PolicyName": "inline", "PolicyDocument": ALLOWS}]}),
        (ROLE, {"PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        (ROLE, {"Path": "/service/"}),
        (POLICY, {"Roles": ["another"]}),
        (POLICY, {"Users": ["another"]}),
        (POLICY, {"Groups": ["another"]}),
        ("SweepPermission", {"PrincipalOrgID": "o-1234567890"}),
        ("SweepPermission", {"FunctionUrlAuthType": "NONE"}),
        ("FileLedgerTable", {"StreamSpecification": {"ResourcePolicy": ALLOWS}}),
    ],
)
def test_property_that_changes_rights_is_not_passed_over(
    logical_id: str, properties: dict[str, Json]
) -> None:
    with pytest.raises(UnknownPolicyElementError, match=logical_id):
        Account(changed(logical_id, **properties))


@pytest.mark.parametrize(
    ("of_type", "properties"),
    [
        ("AWS::IAM::RolePolicy", {"RoleName": "a", "PolicyDocument": ALLOWS}),
        ("AWS::IAM::UserToGroupAddition", {"GroupName": "a"}),
        ("AWS::S3::AccessPoint", {"Bucket": "a", "Policy": ALLOWS}),
        ("AWS::Logs::ResourcePolicy", {"PolicyDocument": '{"Statement": []}'}),
    ],
)
def test_resource_that_gives_rights_is_not_passed_over(
    of_type: str, properties: dict[str, Json]
) -> None:
    with pytest.raises(UnknownPolicyElementError, match="Another"):
        Account(with_resource(of_type, **properties))


@pytest.mark.parametrize("principal", [OTHER_ACCOUNT, "*", role("a").name])
def test_permission_for_others_than_services_is_not_guessed(principal: str) -> None:
    account = Account(changed("SweepPermission", Principal=principal))
    function = stack().properties("TransactionProcessorFunction")["FunctionName"]
    arn = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:{function}"

    with pytest.raises(UnknownPolicyElementError, match="permission"):
        account.decide(Request(administrator(), "lambda:InvokeFunction", arn))
