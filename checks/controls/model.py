"""What a control is: places of the template with what must stand there, and what proves it.

A control claims places. A place is named by its path in the stack after the SAM transform:

    EncryptionKey.EnableKeyRotation           a property; a number is an index of a list
    TransactionDataBucketPolicy/RefusePlainHttp    a policy statement, by its Sid

What must stand there is data. `${...}` in it is worked out as `!Sub` would, so that a name or ARN
is compared as deployed, not as spelled.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from checks.translation import policy_of

type Json = Any  # a value of the template; the controls say what it must be
type Resources = Mapping[str, Json]

_STATEMENT_LISTS: Final = ("Action", "Resource")


class Absent:
    """The one value that means that nothing may stand there."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True)
class Where:
    """One place of the template, and what must stand there.

    Attributes:
        path: As the module says.
        expected: The value; for a statement, as `allow` and `deny` make it. ABSENT: nothing.
        parameters: Parameters and values under which it holds; none means the defaults.
        words: What a reader is told instead of a value that is long.
    """

    path: str
    expected: Json
    parameters: tuple[tuple[str, str], ...] = ()
    words: str = ""

    @property
    def resource(self) -> str:
        """Logical id of the resource."""
        return self.path.replace("/", ".").partition(".")[0]

    @property
    def is_statement(self) -> bool:
        """Whether the place is a policy statement."""
        return "/" in self.path


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that holds for the whole stack, of which there is no single place.

    Attributes:
        words: The rule as a sentence.
        broken_by: Names what breaks it, given the resources of a stack after the SAM transform.
    """

    words: str
    broken_by: Callable[[Resources], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards:
    """Which requirements a control answers, by the numbers that their publishers use.

    Attributes:
        pci: Requirements of PCI DSS v4.0.1.
        nist: Controls of NIST SP 800-53 revision 5.
        cis: Recommendations of CIS AWS Foundations v5.0.0; of v1.4.0 with that as a prefix.
        security_hub: Controls of AWS Security Hub, most of them AWS FSBP.

    Source: Security Hub User Guide, "Related requirements" of each control; PCI DSS v4.0.1.
    """

    pci: tuple[str, ...] = ()
    nist: tuple[str, ...] = ()
    cis: tuple[str, ...] = ()
    security_hub: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One promise, the threat that it answers, where it is kept and what would notice its loss.

    Attributes:
        id: Letters of the group, hyphen, number. Never given to another control.
        proof: Test ids, and rules of the gates as "checkov CKV_AWS_7".
    """

    id: str
    title: str
    threat: str
    standards: Standards
    proof: tuple[str, ...]
    where: tuple[Where, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSatisfied:
    """A requirement that this template does not meet.

    Attributes:
        id: As its publisher names it.
        reason: Why one template for one stack in one region does not, or chooses not to.
        adopter: What whoever deploys it can do.
        standards: The numbers under which somebody looks for it.
    """

    id: str
    title: str
    reason: str
    adopter: str
    standards: Standards = Standards()


def everywhere(resources: Iterable[str], path: str, expected: Json) -> tuple[Where, ...]:
    """The same property with the same value on several resources."""
    return tuple(Where(f"{resource}.{path}", expected) for resource in resources)


def allow(
    *actions: str,
    to: Json = None,
    on: str | tuple[str, ...] = (),
    when: Json = None,
) -> Json:
    """A statement that allows exactly this; without `to` it stands in an identity's policy."""
    return _statement("Allow", actions, to, on, when)


def deny(
    *actions: str,
    to: Json = None,
    on: str | tuple[str, ...] = (),
    when: Json = None,
) -> Json:
    """A statement that refuses exactly this; without `to` it stands in an identity's policy."""
    return _statement("Deny", actions, to, on, when)


def _statement(
    effect: str, actions: tuple[str, ...], to: Json, on: str | tuple[str, ...], when: Json
) -> Json:
    statement = {
        "Effect": effect,
        "Principal": to,
        "Action": list(actions),
        "Resource": [on] if isinstance(on, str) else list(on),
        "Condition": when or {},
    }
    return normalised(statement)


def normalised(statement: Json) -> Json:
    """A statement without its Sid, lists for one or many, in an order of its own.

    A key that it does not have becomes an empty list or None, so that two statements are equal
    exactly when they decide the same.
    """
    unknown = statement.keys() - {
        *("Sid", "Effect", "Principal", "Condition"),
        *_STATEMENT_LISTS,
    }
    if unknown:
        raise ValueError(f"a statement has an element without a rule: {sorted(unknown)}")
    return {
        "Effect": statement["Effect"],
        "Principal": statement.get("Principal"),
        **{name: sorted(_many(statement.get(name, []))) for name in _STATEMENT_LISTS},
        "Condition": {
            operator: {key: sorted(_many(value)) for key, value in keys.items()}
            for operator, keys in statement.get("Condition", {}).items()
        },
    }


def statements(resource: Json) -> dict[str, Json]:
    """The statements of the policy that a resource holds, by Sid; empty if it holds none."""
    document = policy_of(resource)
    return {one["Sid"]: one for one in _many(document["Statement"])} if document else {}


def found(resources: Resources, path: str) -> Json:
    """What stands at a path, statements normalised; ABSENT if nothing does."""
    logical_id, slash, sid = path.partition("/")
    if slash:
        resource = resources.get(logical_id)
        statement = statements(resource).get(sid) if resource else None
        return normalised(statement) if statement else ABSENT
    logical_id, *steps = path.split(".")
    value: Json = resources.get(logical_id, {}).get("Properties", ABSENT)
    for step in steps:
        match value:
            case dict():
                value = value.get(step, ABSENT)
            case list() if step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            case _:
                return ABSENT
    return value


def _many(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list | tuple) else [value]
