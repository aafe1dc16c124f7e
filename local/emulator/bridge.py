# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""The second way in, for containers on this machine's Docker bridge.

`sam local invoke` runs the function in a container, which cannot reach the loopback address. So
the emulator also listens on the bridge's gateway address. Nothing else may use that door: callers
must come from the bridge's own network, and whatever credentials they sign with, they act as the
deployed function's role. A container therefore never gets the rights of the shell it was started
from, and `sam local invoke` proves the same policies as the deployed function does.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_address
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import sts

#: Whether the request being served came over the Docker bridge.
over_bridge: ContextVar[bool] = ContextVar("over_bridge", default=False)

#: What `sam local` puts into the container when the shell has no credentials at all.
#: Published by the SAM CLI. Source: samcli.local.lambdafn.env_vars.EnvironmentVariables.
SAM_PLACEHOLDER_KEY = "defaultkey"
SAM_PLACEHOLDER_SECRET = "defaultsecret"  # noqa: S105  # nosec B105  # Opens nothing at all.


@dataclass(frozen=True)
class Bridge:
    """The gateway address to listen on, and the network that may call it."""

    address: str
    network: str

    def admits(self, client_address: str) -> bool:
        """Whether a caller's address lies in the bridge's own network."""
        return ip_address(client_address) in IPv4Network(self.network)


class FunctionIdentity:
    """The session under which calls over the bridge are judged: the first deployed function's."""

    def __init__(self) -> None:
        self._access_key: str | None = None

    def become(self, credentials: dict[str, str]) -> None:
        """Take a function's session, and let SAM's placeholder credentials sign for it.

        A second stack in the same emulator changes nothing: `.local/env.json` is of the first.
        """
        if self._access_key not in (None, credentials["AWS_ACCESS_KEY_ID"]):
            return
        self._access_key = credentials["AWS_ACCESS_KEY_ID"]
        session = dict(sts._sessions[self._access_key])
        session["SecretAccessKey"] = SAM_PLACEHOLDER_SECRET
        session.pop("SessionToken", None)
        sts.register_session(SAM_PLACEHOLDER_KEY, session)

    def install(self) -> None:
        """Judge what comes over the bridge as the function, after its signature was checked."""
        original = iam_evaluator.resolve_principal

        def resolve_principal(access_key_id: str, account_id: str, credential: Any = None) -> Any:
            if not over_bridge.get():
                return original(access_key_id, account_id, credential)
            if not access_key_id:
                return iam_evaluator.AuthError("MissingAuthenticationToken", "Sign the request.")
            if self._access_key is None:
                return iam_evaluator.AuthError("AccessDenied", "No function is deployed yet.")
            return original(self._access_key, account_id)

        iam_evaluator.resolve_principal = resolve_principal
