# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""The checks that AWS makes beyond identity and bucket policies, and MiniStack does not.

- A function in a VPC reaches a service only through an endpoint of that VPC, and only as far as
  the endpoint's policy goes. Without an endpoint the call hangs on AWS; here it is refused at once.
  A gateway's policy lets nobody but root through by naming an account: its statements must be for
  everybody. Source: AWS PrivateLink guide, "Principals for gateway endpoints".
- Whoever reads or writes something encrypted with a customer's key needs `kms:Decrypt` or
  `kms:GenerateDataKey` on that key, asked by the service on the caller's behalf
  (`kms:ViaService`), from the identity policies and the key policy both.
  Sources: S3 User Guide, "Using server-side encryption with AWS KMS"; DynamoDB Developer Guide,
  "DynamoDB encryption at rest"; Secrets Manager User Guide, "Secret encryption and decryption";
  SQS Developer Guide, "Key management".
- A key that is disabled, or waits for its deletion, serves nobody, whatever his rights.
- What a function's own code calls carries `lambda:SourceFunctionArn`; what the Lambda service calls
  with the same role does not. Source: Lambda Developer Guide, "Using source function ARN to control
  function access behavior".

Each call of a function's role is recorded with the statements that allowed it; see calls.py.
"""

import json
import logging
import os
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import ec2, lambda_svc, sts

from local.emulator import encryption
from local.emulator.bridge import SAM_PLACEHOLDER_KEY, over_bridge
from local.emulator.calls import SERVICE_SESSION_PREFIX, Call, CallRecord, KeyRight, caller

log = logging.getLogger("local.authorization")

#: The access key of the request that was authorised last in this context; empty for none.
authorised_key: ContextVar[str] = ContextVar("authorised_key", default="")


@dataclass(frozen=True)
class _Request:
    """What is asked, in the terms of MiniStack's evaluator."""

    principal: Any
    action: str
    resource_arn: str
    region: str
    context: dict[str, Any]

    def evaluator_context(self) -> Any:
        return iam_evaluator.EvalContext(
            principal_arn=self.principal.arn,
            principal_type=self.principal.type,
            principal_account=self.principal.account,
            action=self.action,
            resource_arn=self.resource_arn,
            region=self.region,
            service_context={name.lower(): value for name, value in self.context.items()},
            principal_keys=self.principal.keys,
        )

    def identity_statement(self) -> str:
        """Sid of the identity statement that allows it, empty if none does."""
        result = iam_evaluator.evaluate(
            self.evaluator_context(), self.principal.policies, *self.principal.limits
        )
        return str(result.matched_sid) if result.decision == "Allow" else ""


def install(record: CallRecord) -> None:
    """Add the checks behind MiniStack's own, and leave nobody but the launcher as root."""
    iam_evaluator.is_root_access_key = _is_root
    original = iam_evaluator.enforce

    def enforce(  # noqa: PLR0913, PLR0917 - the signature is MiniStack's
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        authorised_key.set(access_key_id or "")
        context = dict(service_context or {})
        function = _function_of_caller(access_key_id)
        vpc = _vpc_of(function)
        endpoint = _endpoint(vpc, service) if vpc else None
        if function:
            context["lambda:SourceFunctionArn"] = function["FunctionArn"]
        if endpoint:
            context["aws:SourceVpc"] = vpc
            context["aws:SourceVpce"] = endpoint["VpcEndpointId"]
        denied = original(access_key_id, iam_action, service, region, resource_arn, context)
        principal = iam_evaluator.resolve_principal(
            access_key_id or "", iam_evaluator._account_from_arn(resource_arn) or _account()
        )
        if isinstance(principal, iam_evaluator.AuthError) or principal.policies is None:
            return denied
        request = _Request(principal, iam_action, resource_arn, region, context)
        acts_as = _acting_key(access_key_id)
        by = caller(principal.arn, acts_as, is_functions=function is not None)
        call = Call(principal.arn, iam_action, resource_arn, by)
        if denied:
            call.refused_by = "identity"
        else:
            call.statement = request.identity_statement()
            if vpc:
                denied = _endpoint_refusal(endpoint, request, service, call)
            denied = denied or _key_refusal(request, call)
        record.note(call)
        return denied

    iam_evaluator.enforce = enforce


class ServiceOfLambda:
    """The Lambda service, where it acts with the rights of a function's role.

    Args:
        record: Where its calls are noted.
    """

    def __init__(self, record: CallRecord) -> None:
        self._record = record

    def may(self, config: dict[str, Any], action: str, resource_arn: str) -> bool:
        """Whether a function's role lets Lambda do something for it, from outside the VPC.

        Args:
            config: The function's configuration.
            action: IAM's name of what it does.
            resource_arn: What it does it to.
        """
        region, account = config["FunctionArn"].split(":")[3:5]
        role = config["Role"].rpartition("/")[2]
        principal = iam_evaluator.PrincipalInfo(
            arn=f"arn:aws:sts::{account}:assumed-role/{role}/{SERVICE_SESSION_PREFIX}service",
            type="AssumedRole",
            account=account,
            policies=iam_evaluator._gather_role_policies(role, account),
        )
        request = _Request(principal, action, resource_arn, region, {})
        statement = request.identity_statement()
        refused_by = None if statement else "identity"
        if refused_by:
            log.warning("%s may not %s on %s", principal.arn, action, resource_arn)
        call = Call(principal.arn, action, resource_arn, "lambda", statement, refused_by=refused_by)
        if not refused_by:
            _key_refusal(request, call)
        self._record.note(call)
        return not call.refused_by


def _is_root(access_key_id: str) -> bool:
    """Whether a key is root's: the launcher's random one, or none at all (MiniStack's own calls).

    MiniStack also takes `test` and every account number for root, with any secret whatever.
    """
    return not access_key_id or access_key_id == os.environ["AWS_ACCESS_KEY_ID"]


def _account() -> str:
    account: str = get_account_id()
    return account


def _function_of_caller(access_key_id: str) -> dict[str, Any] | None:
    """The configuration of the function whose own session calls, None for any other caller.

    A function's session is named after the function. What the Lambda service does for a function
    (dead letters) has a session of another name, and comes from outside the VPC, as on AWS.
    """
    session = sts._sessions.get(_acting_key(access_key_id)) or {}
    name = str(session.get("Arn", "")).rpartition("/")[2]
    function = lambda_svc._functions.get(name) if name else None
    return function["config"] if function else None


def _acting_key(access_key_id: str) -> str:
    """The key whose session a request is judged by: over the Docker bridge the function's."""
    return SAM_PLACEHOLDER_KEY if over_bridge.get() else access_key_id or ""


def _vpc_of(function: dict[str, Any] | None) -> str | None:
    vpc = (function or {}).get("VpcConfig") or {}
    return vpc.get("VpcId") or None


def _endpoint(vpc_id: str, service: str) -> dict[str, Any] | None:
    for endpoint in ec2._vpc_endpoints.values():
        if endpoint["VpcId"] == vpc_id and endpoint["ServiceName"].endswith(f".{service}"):
            found: dict[str, Any] = endpoint
            return found
    return None


def _endpoint_refusal(
    endpoint: dict[str, Any] | None, request: _Request, service: str, call: Call
) -> Any:
    if endpoint is None:
        call.refused_by = "route"
        return iam_evaluator.AuthError(
            "NoRouteOutOfTheVpc", f"No endpoint for {service} in the VPC: on AWS this call hangs."
        )
    call.endpoint = endpoint["VpcEndpointId"]
    if not endpoint.get("PolicyDocument"):
        return None
    result = iam_evaluator.evaluate_resource_policy(
        _effective_policy(endpoint), request.evaluator_context()
    )
    if result.decision == "Allow":
        call.endpoint_statement = result.matched_sid
        return None
    call.refused_by = "endpoint"
    result.principal_arn = request.principal.arn
    log.warning(
        "%s refuses %s on %s to %s",
        endpoint["VpcEndpointId"],
        request.action,
        request.resource_arn,
        request.principal.arn,
    )
    return result


def _effective_policy(endpoint: dict[str, Any]) -> dict[str, Any]:
    """An endpoint's policy without the statements that speak of nobody here; nobody is root."""
    given = endpoint["PolicyDocument"]
    policy: dict[str, Any] = json.loads(given) if isinstance(given, str) else given
    if endpoint["VpcEndpointType"] != "Gateway":
        return policy
    statements = policy["Statement"]
    return policy | {
        "Statement": [
            one
            for one in (statements if isinstance(statements, list) else [statements])
            if one.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        ]
    }


def _key_refusal(request: _Request, call: Call) -> Any:
    principal = request.principal
    use = encryption.key_use(request.action, request.resource_arn, request.context)
    if use is None:
        return None
    for kms_action in use.actions:
        asked = _Request(
            principal, kms_action, use.key_arn, request.region, use.conditions(request.region)
        )
        found = iam_evaluator._resource_policy("kms", use.key_arn)
        if found is None:
            call.refused_by = "key"
            log.warning("%s names a key that does not exist: %s", call.resource, use.key_arn)
            return iam_evaluator.EvalResult("Deny", principal.arn)
        key_context = asked.evaluator_context()
        result = iam_evaluator.combine_resource_policy(
            iam_evaluator.evaluate(key_context, principal.policies, *principal.limits),
            key_context,
            *found,
            required=True,
            limits=principal.limits,
        )
        right = KeyRight(kms_action, use.key_arn, use.service, asked.identity_statement())
        if result.decision == "Allow":
            unusable = encryption.unusable(use)
            if unusable is None:
                call.key_uses.append(right)
                continue
            call.refused_by, call.refused_key_use = "key", right
            log.warning("%s on %s: %s", request.action, request.resource_arn, unusable[1])
            return iam_evaluator.AuthError(*unusable)
        call.refused_by, call.refused_key_use = "key", right
        result.principal_arn = principal.arn
        log.warning(
            "%s on %s is refused: %s may not %s via %s with %s",
            request.action,
            request.resource_arn,
            principal.arn,
            kms_action,
            use.service,
            use.key_arn,
        )
        return result
    return None
