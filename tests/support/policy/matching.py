"""Which statements of a policy speak of a request.

Source: IAM User Guide, "IAM JSON policy elements" (Principal, Action, Resource). Actions are
matched without regard to case, resources with it.
"""

from dataclasses import dataclass
from typing import Final

from tests.support.policy.conditions import (
    conditions_hold,
    require_known_conditions,
    text_of,
)
from tests.support.policy.known import UnknownPolicyElementError
from tests.support.policy.patterns import is_like, is_resource_like
from tests.support.policy.requests import Caller, Request
from tests.support.template import Json, as_list

_KNOWN_ELEMENTS: Final = {
    "Action",
    "Condition",
    "Effect",
    "NotAction",
    "Principal",
    "Resource",
    "Sid",
}


@dataclass(frozen=True)
class Statement:
    """One statement.

    Attributes:
        holder: Logical id of the resource of the stack that holds it.
        body: As the policy has it.
        is_trust: Whether it belongs to a role's trust policy, which speaks of that role only and
            has no `Resource`. Every other statement must have one.
            Source: IAM User Guide, "IAM JSON policy elements: Resource"; "Role trust policies".
    """

    holder: str
    body: Json
    is_trust: bool = False

    @property
    def name(self) -> str:
        """Such as `TransactionDataBucketPolicy/RefusePlainHttp`."""
        return f"{self.holder}/{self.body['Sid']}"

    @property
    def denies(self) -> bool:
        return bool(self.body["Effect"] == "Deny")

    def applies(self, request: Request) -> bool:
        """Whether it speaks of this request.

        A statement without a principal belongs to an identity policy and speaks of whoever has it.

        Raises:
            UnknownPolicyElementError: When it has an element, an operator, a condition key or a
                variable that there is no rule for, or lacks an element that AWS asks for.
        """
        self._require_known()
        return (
            self._names_action(request.action)
            and self._names_resource(request.resource)
            and ("Principal" not in self.body or self.names_principal(request.caller))
            and conditions_hold(self.body.get("Condition", {}), request.carried)
        )

    def _require_known(self) -> None:
        unknown = self.body.keys() - _KNOWN_ELEMENTS
        if unknown:
            raise UnknownPolicyElementError(f"{self.name}: {sorted(unknown)}")
        if self.body["Effect"] not in {"Allow", "Deny"}:
            raise UnknownPolicyElementError(f"{self.name}: effect {self.body['Effect']}")
        if ("Resource" in self.body) is self.is_trust:
            has = "a" if self.is_trust else "no"
            raise UnknownPolicyElementError(f"{self.name}: {has} Resource")
        require_known_conditions(self.body.get("Condition", {}))

    def names_principal(self, caller: Caller) -> bool:
        """Whether the caller is among its principals, himself or through his account."""
        return self.names_caller(caller) or caller.account in self._accounts()

    def names_caller(self, caller: Caller) -> bool:
        """Whether the caller is among its principals himself, or everybody is."""
        principal = self.body["Principal"]
        if principal == "*":
            return True
        unknown = principal.keys() - {"AWS", "Service"}
        if unknown:
            raise UnknownPolicyElementError(f"{self.name}: principal {sorted(unknown)}")
        names = as_list(principal.get("AWS", []))
        if caller.kind == "service":
            return caller.name in as_list(principal.get("Service", [])) or "*" in names
        return "*" in names or caller.name in names

    def _accounts(self) -> set[str]:
        """Accounts named as a whole: by their number, or by the ARN that ends in `:root`."""
        principal = self.body["Principal"]
        names = [] if principal == "*" else as_list(principal.get("AWS", []))
        return {
            name.split(":")[4] if name.endswith(":root") else name
            for name in names
            if name.endswith(":root") or name.isdecimal()
        }

    def _names_action(self, action: str) -> bool:
        if "NotAction" in self.body:
            return not _is_any_action(action, self.body["NotAction"])
        return _is_any_action(action, self.body["Action"])

    def _names_resource(self, resource: str) -> bool:
        return self.is_trust or any(
            is_resource_like(resource, text_of(one)) for one in as_list(self.body["Resource"])
        )


def _is_any_action(action: str, patterns: Json) -> bool:
    texts = [text_of(one).casefold() for one in as_list(patterns)]
    return any(is_like(action.casefold(), text) for text in texts)
