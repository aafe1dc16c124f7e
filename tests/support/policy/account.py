"""One account with the stack in it: finds the policies that have a say in a request, and asks them.

Policies are found as AWS finds them: a bucket policy by the bucket that it names, a role's by what
is attached to it, an endpoint's by its service. A policy that is attached to nothing has no say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tests.support.policy.decision import Decision, Policies, decide
from tests.support.policy.documents import statements
from tests.support.policy.known import UnknownPolicyElementError
from tests.support.policy.matching import Statement
from tests.support.policy.places import require_everybody, require_known_places
from tests.support.policy.requests import Request
from tests.support.template import ACCOUNT, KEY_ID, REGION, Json, Stack, as_list

KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"


@dataclass(frozen=True)
class Account:
    """The account in which a stack is deployed."""

    stack: Stack

    def __post_init__(self) -> None:
        require_known_places(self.stack)

    def decide(self, request: Request) -> Decision:
        """What AWS answers to a request, and which statements of the stack decide it."""
        return decide(
            request,
            Policies(
                identity=self._identity.get(request.caller.name, ()),
                resource=self._resource_policy(request),
                endpoint=self._endpoint_policy(request) if request.from_subnet else None,
                resource_rules=request.action.startswith(("kms:", "sts:")),
            ),
        )

    def _resource_policy(self, request: Request) -> tuple[Statement, ...]:
        if request.action.startswith("sts:"):
            return self._trust.get(request.resource, ())
        # An object goes by its bucket's policy; no other ARN here has a slash that matters.
        held_by = request.resource
        if held_by.startswith("arn:aws:s3:::"):
            held_by = held_by.partition("/")[0]
        return tuple(one for arn, one in self._of_resources if arn == held_by)

    def _endpoint_policy(self, request: Request) -> tuple[Statement, ...]:
        service = f"com.amazonaws.{REGION}.{request.action.partition(':')[0]}"
        found: list[Statement] = []
        for logical_id, endpoint in self.stack.of_type("AWS::EC2::VPCEndpoint").items():
            if endpoint["ServiceName"] != service:
                continue
            own = self._statements(logical_id)
            if not own:
                # AWS would give it one that allows everything: PrivateLink guide, "Default
                # endpoint policy".
                raise UnknownPolicyElementError(f"{logical_id}: an endpoint without a policy")
            # CloudFormation makes a gateway of an endpoint that does not say what it is.
            if endpoint.get("VpcEndpointType", "Gateway") == "Gateway":
                require_everybody(logical_id, [one.body for one in own])
            found += own
        return tuple(found)

    @cached_property
    def _identity(self) -> dict[str, tuple[Statement, ...]]:
        """Statements of the policies that are attached to each role, by the role's ARN."""
        by_arn = {
            f"arn:aws:iam::{ACCOUNT}:policy/{policy['ManagedPolicyName']}": logical_id
            for logical_id, policy in self.stack.of_type("AWS::IAM::ManagedPolicy").items()
        }
        return {
            f"arn:aws:iam::{ACCOUNT}:role/{role['RoleName']}": tuple(
                one for arn in role["ManagedPolicyArns"] for one in self._statements(by_arn[arn])
            )
            for role in self.stack.of_type("AWS::IAM::Role").values()
        }

    @cached_property
    def _trust(self) -> dict[str, tuple[Statement, ...]]:
        """Statements on who may assume each role, by the role's ARN."""
        return {
            f"arn:aws:iam::{ACCOUNT}:role/{role['RoleName']}": self._statements(logical_id)
            for logical_id, role in self.stack.of_type("AWS::IAM::Role").items()
        }

    @cached_property
    def _of_resources(self) -> list[tuple[str, Statement]]:
        """Each statement of a resource's policy, beside the ARN of that resource."""
        return [
            (arn, one)
            for logical_id, resource in self.stack.resources.items()
            for arn in _governed(resource["Type"], resource.get("Properties", {}))
            for one in self._statements(logical_id)
        ]

    def _statements(self, logical_id: str) -> tuple[Statement, ...]:
        resource = self.stack.resources[logical_id]
        if resource["Type"] == "AWS::Lambda::Permission":
            return (Statement(logical_id, _permission(resource["Properties"])),)
        is_trust = resource["Type"] == "AWS::IAM::Role"
        return tuple(
            Statement(logical_id, one, is_trust) for one in statements(self.stack, logical_id)
        )


def _governed(resource_type: str, properties: Json) -> Iterator[str]:
    """ARNs of what a resource of the stack holds the policy of."""
    match resource_type:
        case "AWS::DynamoDB::Table":
            yield f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{properties['TableName']}"
        case "AWS::KMS::Key":
            yield KEY_ARN
        case "AWS::Lambda::Permission":
            yield _function(properties)
        case "AWS::S3::BucketPolicy":
            yield f"arn:aws:s3:::{properties['Bucket']}"
        case "AWS::SNS::TopicPolicy":
            yield from properties["Topics"]
        case "AWS::SQS::QueuePolicy":
            for url in properties["Queues"]:
                yield f"arn:aws:sqs:{REGION}:{ACCOUNT}:{url.rpartition('/')[2]}"
        case "AWS::SecretsManager::ResourcePolicy":
            yield properties["SecretId"]


def _function(permission: Json) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{permission['FunctionName']}"


def _permission(properties: Json) -> Json:
    """The statement that Lambda makes of a permission.

    Source: Lambda API reference, "AddPermission".

    Raises:
        UnknownPolicyElementError: When it is for an account, an organisation or everybody.
    """
    if not properties["Principal"].endswith(".amazonaws.com"):
        raise UnknownPolicyElementError(f"permission for {properties['Principal']}")
    condition: dict[str, Json] = {}
    if "SourceAccount" in properties:
        condition["StringEquals"] = {"aws:SourceAccount": properties["SourceAccount"]}
    if "SourceArn" in properties:
        condition["ArnLike"] = {"aws:SourceArn": properties["SourceArn"]}
    return {
        "Sid": "Permission",
        "Effect": "Allow",
        "Principal": {"Service": as_list(properties["Principal"])},
        "Action": properties["Action"],
        "Resource": _function(properties),
        "Condition": condition,
    }
