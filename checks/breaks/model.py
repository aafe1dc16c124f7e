"""One way to break the stack, and the words to write it with."""

from dataclasses import dataclass
from typing import Any, Final

type Json = Any  # a part of a template

_GONE: Final = object()
OFF: Final = False
ANOTHER_KEY: Final = {"Fn::GetAtt": ["AnotherKey", "Arn"]}
_RETAINED: Final = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}


@dataclass(frozen=True)
class Break:
    """One change to the resources of a deployment, or to its outputs.

    `path` is written with slashes, from the resources on, or with a leading one from the sections
    on; `Sid=X` and `Id=X` choose an item of a list by that key, a number by its place, and `+`
    appends. Without `value` the last key is taken out.
    """

    rule: str
    path: str
    value: Json = _GONE
    deployment: str = "defaults"

    def __str__(self) -> str:
        change = "without" if self.value is _GONE else f"{self.value!r} at"
        return f"{self.rule}: {change} {self.path}"

    def apply(self, deployment: Json) -> None:
        """Change the deployment in place.

        Raises:
            KeyError, IndexError, StopIteration: the path leads nowhere.
        """
        *way, last = self.path.removeprefix("/").split("/")
        place = deployment if self.path.startswith("/") else deployment["Resources"]
        for step in way:
            place = _item(place, step)
        if last == "+":
            place.append(self.value)
        elif self.value is _GONE:
            del place[_key(place, last)]
        else:
            place[_key(place, last)] = self.value


def _item(place: Json, step: str) -> Json:
    return place[_key(place, step)]


def _key(place: Json, step: str) -> str | int:
    if not isinstance(place, list):
        return step
    name, is_choice, value = step.partition("=")
    if is_choice:
        return next(number for number, item in enumerate(place) if item[name] == value)
    return int(step)


def statement(resource: str, sid: str, rest: str = "") -> str:
    """Path to a statement of a policy, or to `rest` below it."""
    document = "KeyPolicy" if resource == "EncryptionKey" else "PolicyDocument"
    return f"{resource}/Properties/{document}/Statement/Sid={sid}{rest}"


def resource(kind: str) -> Json:
    """One that is kept, so that only its presence can be what is wrong."""
    return {"Type": kind, **_RETAINED, "Properties": {}}


PROCESSOR: Final = "TransactionProcessorFunction/Properties"
POLICY: Final = "TransactionProcessorPolicy"
TRAIL: Final = "TransactionDataTrail/Properties"
DATA: Final = "TransactionDataBucket/Properties"
RESULTS: Final = "TransactionResultsBucket/Properties"
BUCKETS: Final = (
    "AccessLogsBucket",
    "CloudTrailLogsBucket",
    "TransactionDataBucket",
    "TransactionResultsBucket",
)
