"""Errors that quote every value, as services and libraries raise them."""

import json
from collections.abc import Callable
from typing import Final

from botocore.exceptions import ClientError

from processor.errors import ServiceRefused, ServiceUnavailable
from tests.support.marked_files import BAD, GOOD

ALL_VALUES: Final = json.dumps(GOOD, ensure_ascii=False) + BAD


def _throttled() -> Exception:
    return ServiceUnavailable("PutObject: SlowDown")


def _refused() -> Exception:
    return ServiceRefused("PutObject: AccessDenied")


def _of_the_service() -> Exception:
    error = {"Code": "ValidationException", "Message": ALL_VALUES}
    # Services add members that the stubs do not know.
    return ClientError({"Error": error, "Item": GOOD}, "BatchExecuteStatement")  # type: ignore[typeddict-item]


def _unforeseen() -> Exception:
    return KeyError(ALL_VALUES)


def _of_the_group() -> Exception:
    return ExceptionGroup(ALL_VALUES, [ValueError(ALL_VALUES)])


KINDS: Final[dict[str, Callable[[], Exception]]] = {
    "throttled": _throttled,
    "refused": _refused,
    "of the service": _of_the_service,
    "unforeseen": _unforeseen,
    "a group": _of_the_group,
}


def raising_where(is_meant: Callable[[str, int], bool], kind: str) -> Callable[[str, int], None]:
    """Fails calls, by name and number; the cause quotes every value as well."""

    def fail(name: str, number: int) -> None:
        if is_meant(name, number):
            error = KINDS[kind]()
            raise error from ValueError(ALL_VALUES)

    return fail
