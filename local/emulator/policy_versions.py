# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""`SetDefaultPolicyVersion`, which MiniStack does not know.

Source: IAM API Reference, "SetDefaultPolicyVersion".
"""

from typing import Any

from ministack.services import iam


def install() -> None:
    """Add the action."""
    iam._IAM_HANDLERS["SetDefaultPolicyVersion"] = _set_default


def _set_default(parameters: Any) -> Any:
    policy = iam._policies.get(iam._p(parameters, "PolicyArn"))
    wanted = iam._p(parameters, "VersionId")
    if policy is None or wanted not in policy["Versions"]:
        return iam._error(404, "NoSuchEntity", "Policy or version not found.", ns="iam")
    policy["DefaultVersionId"] = wanted
    for version_id, version in policy["Versions"].items():
        version["IsDefaultVersion"] = version_id == wanted
    return iam._xml(200, "SetDefaultPolicyVersionResponse", "", ns="iam")
