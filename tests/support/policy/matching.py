"""Which statements of a policy speak of a request.

Source: IAM User Guide, "IAM JSON policy elements" (Principal, Action, Resource). Actions are
matched without regard to case, resources with it; `*` is any text and `?` any one character.
"""

from dataclasses import dataclass
from typing import Final

from tests.support.policy.conditions import (
    UnknownPolicyElementError,
    conditions_hold,
    is_like,
    text_of,
)
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
    """One statement, and the logical id of the resource of the stack that holds it."""

    holder: str
    body: Json

    @property
    def name(self) -> str:
        """Such as `TransactionDataBucketPolicy/RefusePlainHttp`."""
        return f"{self.holder}/{self.body['Sid']}"

    @property
    def denies(self) -> bool:
        return bool(self.body["Effect"] == "Deny")

    def applies(self, request: Request) -> bool:
        """Whether it speaks of this request.

        A statement without a principal belongs to an identity policy and speaks of whoever has it;
        one without a resource belongs to a role's trust policy.

        Raises:
            UnknownPolicyElementError: When it has an element, an operator or a variable that there
                is no rule for.
        """
        unknown = self.body.keys() - _KNOWN_ELEMENTS
        if unknown:
            raise UnknownPolicyElementError(f"{self.name}: {sorted(unknown)}")
        return (
            self._names_action(request.action)
            and self._names_resource(request.resource)
            and ("Principal" not in self.body or self.names_principal(request.caller))
            and conditions_hold(self.body.get("Condition", {}), request.carried)
        )

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
            return not _is_any(action.casefold(), self.body["NotAction"], fold=True)
        return _is_any(action.casefold(), self.body["Action"], fold=True)

    def _names_resource(self, resource: str) -> bool:
        return "Resource" not in self.body or _is_any(resource, self.body["Resource"], fold=False)


def _is_any(value: str, patterns: Json, *, fold: bool) -> bool:
    texts = [text_of(one) for one in as_list(patterns)]
    return any(is_like(value, text.casefold() if fold else text) for text in texts)
