"""A Lambda client whose asynchronous invocations are noted, for a simulation to deliver."""

from typing import Any, Final, NamedTuple

from tests.simulation.border import Border
from tests.simulation.services.errors import accept, reply, service_error

_EVENT_BYTES_MAX: Final = 1024 * 1024


class Invocation(NamedTuple):
    """An event that waits in a function's internal queue."""

    function_name: str
    payload: bytes


class LambdaStore:
    """The events that were taken, in order, of the functions that exist."""

    def __init__(self, *function_names: str) -> None:
        self.function_names = set(function_names)
        self.invocations: list[Invocation] = []


class LambdaClient:
    """The call of a boto3 Lambda client that hands an event over.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (202; at most 1 MB)
    """

    def __init__(self, store: LambdaStore, border: Border) -> None:
        self._store = store
        self._border = border

    def invoke(self, **parameters: Any) -> dict[str, Any]:
        """Takes an event, and says no more than that."""
        accept("Invoke", parameters, ("FunctionName", "InvocationType"), ("Payload",))
        if parameters["InvocationType"] != "Event":
            raise NotImplementedError("a simulation invokes functions itself")
        return self._border.call("lambda", "Invoke", parameters, lambda: self._invoke(parameters))

    def _invoke(self, parameters: dict[str, Any]) -> dict[str, Any]:
        name = parameters["FunctionName"]
        if name not in self._store.function_names:
            raise service_error(
                "Invoke", "ResourceNotFoundException", f"Function not found: {name}", status=404
            )
        payload = parameters.get("Payload", b"{}")
        payload = payload.encode() if isinstance(payload, str) else payload
        if len(payload) > _EVENT_BYTES_MAX:
            raise service_error(
                "Invoke", "RequestTooLargeException", "The payload is too large", status=413
            )
        self._store.invocations.append(Invocation(name, payload))
        return reply(202, StatusCode=202)
