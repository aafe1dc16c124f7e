"""What AWS answers to a request, and which statements decide it.

Source: IAM User Guide, "Policy evaluation logic", "Identity-based policies and resource-based
policies", and "Cross-account policy evaluation logic"; VPC User Guide (PrivateLink), "Control
access to VPC endpoints using endpoint policies"; KMS Developer Guide, "Default key policy".

- An explicit Deny in any of the policies decides. Without one, somebody must have said Allow.
- Within the account an Allow for the caller's identity is enough, and so is one of the resource's
  policy that names the caller himself. One that names his account only lets IAM decide.
- A key and a role (who may assume it) go by their own policy: what IAM allows is not enough.
- Another account's caller needs both; a service or an unsigned request has no identity policy, and
  needs the resource's.
- A service's request is judged in every form in which it may come, and must have one answer.
- From a subnet of the stack a request goes through an endpoint, whose policy must allow it as
  well. Where there is no endpoint there is no way.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.support.policy.known import UnknownPolicyElementError
from tests.support.policy.matching import Statement
from tests.support.policy.requests import Request
from tests.support.template import ACCOUNT


@dataclass(frozen=True)
class Decision:
    """An answer with its reasons.

    Attributes:
        verdict: "allowed"; "refused" by a Deny; or "not allowed", because some policy says nothing.
        reasons: Names of the statements that allow or refuse. When not allowed: the kinds of
            policy that would have had to say Allow.
    """

    verdict: str
    reasons: frozenset[str]


def allowed(*reasons: str) -> Decision:
    """Allowed by exactly these statements. None of them: IAM alone, outside the stack, allows."""
    return Decision("allowed", frozenset(reasons))


def refused(*reasons: str) -> Decision:
    """Refused by exactly these statements."""
    return Decision("refused", frozenset(reasons))


def not_allowed(*kinds: str) -> Decision:
    """Allowed by none of these kinds of policy: "identity", "resource", "endpoint"."""
    return Decision("not allowed", frozenset(kinds))


@dataclass(frozen=True)
class Policies:
    """All policies that have a say in one request.

    Attributes:
        identity: Statements of the caller's own policies.
        resource: Statements of the resource's policy.
        endpoint: Statements of the endpoint's policy; None if no endpoint is on the way, empty if
            there is no endpoint where one is needed.
        resource_rules: Whether the resource's policy must allow, whatever IAM says.
    """

    identity: tuple[Statement, ...] = ()
    resource: tuple[Statement, ...] = ()
    endpoint: tuple[Statement, ...] | None = None
    resource_rules: bool = False


def decide(request: Request, policies: Policies) -> Decision:
    """What AWS answers to a request, and why.

    Raises:
        UnknownPolicyElementError: When a policy says what there is no rule for, or the answer hangs
            on what is not known of the request.
    """
    _require_principals(policies)
    answers = {_answer_to(one, policies) for one in request.as_it_may_come()}
    if len(answers) != 1:
        raise UnknownPolicyElementError(f"hangs on what AWS does not tell: {answers}")
    return answers.pop()


def _require_principals(policies: Policies) -> None:
    """A policy of a resource says of whom it speaks, one of a caller does not.

    Source: IAM User Guide, "AWS JSON policy elements: Principal".
    """
    wrong = [one.name for one in policies.identity if "Principal" in one.body] + [
        one.name
        for one in policies.resource + (policies.endpoint or ())
        if "Principal" not in one.body
    ]
    if wrong:
        raise UnknownPolicyElementError(f"with a principal, or without one: {wrong}")


def _answer_to(request: Request, policies: Policies) -> Decision:
    everything = policies.identity + policies.resource + (policies.endpoint or ())
    denials = [one for one in _applying(everything, request) if one.denies]
    if denials:
        return refused(*(one.name for one in denials))

    identity = _applying(policies.identity, request)
    resource = _applying(policies.resource, request)
    lacking, reasons = _answer(request, policies, identity, resource)
    if policies.endpoint is not None:
        endpoint = _applying(policies.endpoint, request)
        reasons += endpoint
        lacking |= set() if endpoint else {"endpoint"}
    return not_allowed(*lacking) if lacking else allowed(*(one.name for one in reasons))


def _applying(statements: Iterable[Statement], request: Request) -> list[Statement]:
    return [one for one in statements if one.applies(request)]


def _answer(
    request: Request, policies: Policies, identity: list[Statement], resource: list[Statement]
) -> tuple[set[str], list[Statement]]:
    """Which of identity and resource policy fails to allow, and which statements allow."""
    caller = request.caller
    by_identity = bool(identity) or caller.is_administrator
    himself = [one for one in resource if one.names_caller(caller)]
    if caller.kind != "role":
        return (set() if himself else {"resource"}), himself
    if caller.account != ACCOUNT:
        lacking = {
            kind
            for kind, allows in {"identity": by_identity, "resource": bool(resource)}.items()
            if not allows
        }
        return lacking, identity + resource
    if himself:
        return set(), himself + identity
    if not policies.resource_rules:
        return (set() if by_identity else {"identity"}), identity
    lacking = set() if resource else {"resource"}
    return lacking | (set() if by_identity else {"identity"}), identity + resource
