"""Services' errors as botocore raises them, and replies as it returns them."""

from collections.abc import Collection, Sequence
from itertools import zip_longest
from typing import Any

from botocore.exceptions import ClientError


def service_error(
    operation: str, code: str, message: str = "", *, status: int = 400, **members: Any
) -> ClientError:
    """An error of a service.

    Args:
        operation: The API's name, as "PutObject".
        code: The error's code.
        message: The service's own words.
        status: The HTTP status.
        members: What else the response holds.
    """
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0},
        **members,
    }
    return ClientError(response, operation)


def transaction_canceled(
    codes: Sequence[str],
    messages: Sequence[str | None] = (),
    items: Sequence[dict[str, Any] | None] = (),
) -> ClientError:
    """A cancelled TransactWriteItems.

    Args:
        codes: One for each of its operations, "None" for those that are not to blame.
        messages: The same of their messages.
        items: The same of the items that refused conditions found, where they were asked for.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    """
    reasons = [
        {
            name: value
            for name, value in (("Code", code), ("Message", message), ("Item", item))
            if value is not None
        }
        for code, message, item in zip_longest(codes, messages, items)
    ]
    return service_error(
        "TransactWriteItems",
        "TransactionCanceledException",
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        f"[{', '.join(codes)}]",
        CancellationReasons=reasons,
    )


def reply(status: int = 200, /, **members: Any) -> dict[str, Any]:
    """A response: the members that are not None, and the metadata botocore adds."""
    present = {name: value for name, value in members.items() if value is not None}
    present["ResponseMetadata"] = {
        "HTTPStatusCode": status,
        "HTTPHeaders": {},
        "RetryAttempts": 0,
    }
    return present


def accept(
    operation: str,
    parameters: dict[str, Any],
    required: Collection[str],
    optional: Collection[str] = (),
) -> None:
    """Refuses what the simulation would not obey: nothing is silently ignored.

    Raises:
        NotImplementedError: A parameter is missing or unknown here.
    """
    missing = [name for name in required if name not in parameters]
    unknown = [name for name in parameters if name not in required and name not in optional]
    if missing or unknown:
        raise NotImplementedError(f"{operation}: missing {missing}, not simulated {unknown}")
