# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""The two checks that AWS makes beyond identity and bucket policies, and MiniStack does not.

- A function in a VPC reaches a service only through an endpoint of that VPC, and only as far as
  the endpoint's policy goes. Without an endpoint the call hangs on AWS; here it is refused at once.
- Whoever reads or writes something encrypted with a customer's key needs `kms:Decrypt` or
  `kms:GenerateDataKey` on that key, asked by the service on the caller's behalf
  (`kms:ViaService`), from the identity policies and the key policy both.
  Sources: S3 User Guide, "Using server-side encryption with AWS KMS"; DynamoDB Developer Guide,
  "DynamoDB encryption at rest"; Secrets Manager User Guide, "Secret encryption and decryption";
  SQS Developer Guide, "Key management".
"""

import logging
import os
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import ec2, lambda_svc, sts

from local.emulator import encryption
from local.emulator.bridge import SAM_PLACEHOLDER_KEY, over_bridge

log = logging.getLogger("local.authorization")


def install() -> None:
    """Add both checks behind MiniStack's own, and leave nobody but the launcher as root."""
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
        context = dict(service_context or {})
        vpc = _vpc_of_caller(access_key_id)
        endpoint = _endpoint(vpc, service) if vpc else None
        if endpoint:
            context["aws:SourceVpc"] = vpc
            context["aws:SourceVpce"] = endpoint["VpcEndpointId"]
        denied = original(access_key_id, iam_action, service, region, resource_arn, context)
        if denied:
            return denied
        principal = iam_evaluator.resolve_principal(
            access_key_id or "", iam_evaluator._account_from_arn(resource_arn) or _account()
        )
        if isinstance(principal, iam_evaluator.AuthError) or principal.policies is None:
            return None
        if vpc:
            denied = _endpoint_refusal(
                endpoint, _context(principal, iam_action, resource_arn, region, context), service
            )
        return denied or _key_refusal(principal, iam_action, resource_arn, region, context)

    iam_evaluator.enforce = enforce


def _is_root(access_key_id: str) -> bool:
    """Whether a key is root's: the launcher's random one, or none at all (MiniStack's own calls).

    MiniStack also takes `test` and every account number for root, with any secret whatever.
    """
    return not access_key_id or access_key_id == os.environ["AWS_ACCESS_KEY_ID"]


def _account() -> str:
    account: str = get_account_id()
    return account


def _context(
    principal: Any, action: str, resource_arn: str, region: str, context: dict[str, Any]
) -> Any:
    return iam_evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=action,
        resource_arn=resource_arn,
        region=region,
        service_context={name.lower(): value for name, value in context.items()},
        principal_keys=principal.keys,
    )


def _vpc_of_caller(access_key_id: str) -> str | None:
    """The VPC of the function whose own session calls, None for any other caller.

    A function's session is named after the function. What the Lambda service does for a function
    (dead letters) has a session of another name, and comes from outside the VPC, as on AWS.
    """
    acts_as = SAM_PLACEHOLDER_KEY if over_bridge.get() else access_key_id
    session = sts._sessions.get(acts_as) or {}
    name = str(session.get("Arn", "")).rpartition("/")[2]
    function = lambda_svc._functions.get(name) if name else None
    vpc = (function or {}).get("config", {}).get("VpcConfig") or {}
    return vpc.get("VpcId") or None


def _endpoint(vpc_id: str, service: str) -> dict[str, Any] | None:
    for endpoint in ec2._vpc_endpoints.values():
        if endpoint["VpcId"] == vpc_id and endpoint["ServiceName"].endswith(f".{service}"):
            found: dict[str, Any] = endpoint
            return found
    return None


def _endpoint_refusal(endpoint: dict[str, Any] | None, context: Any, service: str) -> Any:
    if endpoint is None:
        return iam_evaluator.AuthError(
            "NoRouteOutOfTheVpc", f"No endpoint for {service} in the VPC: on AWS this call hangs."
        )
    if not endpoint.get("PolicyDocument"):
        return None
    result = iam_evaluator.evaluate_resource_policy(endpoint["PolicyDocument"], context)
    if result.decision == "Allow":
        return None
    result.principal_arn = context.principal_arn
    log.warning(
        "%s refuses %s on %s to %s",
        endpoint["VpcEndpointId"],
        context.action,
        context.resource_arn,
        context.principal_arn,
    )
    return result


def _key_refusal(
    principal: Any, action: str, resource_arn: str, region: str, context: dict[str, Any]
) -> Any:
    use = encryption.key_use(action, resource_arn, context)
    if use is None:
        return None
    for kms_action in use.actions:
        key_context = _context(principal, kms_action, use.key_arn, region, use.conditions(region))
        found = iam_evaluator._resource_policy("kms", use.key_arn)
        if found is None:
            log.warning("%s names a key that does not exist: %s", resource_arn, use.key_arn)
            return iam_evaluator.EvalResult("Deny", principal.arn)
        result = iam_evaluator.combine_resource_policy(
            iam_evaluator.evaluate(key_context, principal.policies, *principal.limits),
            key_context,
            *found,
            required=True,
            limits=principal.limits,
        )
        if result.decision != "Allow":
            result.principal_arn = principal.arn
            log.warning(
                "%s on %s is refused: %s may not %s via %s with %s",
                action,
                resource_arn,
                principal.arn,
                kms_action,
                use.service,
                use.key_arn,
            )
            return result
    return None
