"""How answers of AWS are changed, so that a stack seems broken."""

import json
from collections.abc import Callable
from typing import Any

from desk.doctor.policies import REFUSALS
from tests.support.canned import SECRET, Answers, error

type Break = Callable[[Answers], object]


def but(service: str, operation: str, **members: Any) -> Break:
    """The healthy answer of an operation, but for these members."""

    def break_it(answers: Answers) -> None:
        before = answers[service, operation]
        answers[service, operation] = lambda parameters: {
            **(before(parameters) if callable(before) else before),
            **members,
        }

    return break_it


def within(service: str, operation: str, outer: str, **members: Any) -> Break:
    """The same, for members of the answer's one member."""

    def break_it(answers: Answers) -> None:
        answer = answers[service, operation]
        answers[service, operation] = {**answer, outer: {**answer[outer], **members}}

    return break_it


def raising(service: str, operation: str, code: str, status: int = 400) -> Break:
    def break_it(answers: Answers) -> None:
        name = "".join(word.title() for word in operation.split("_"))
        answers[service, operation] = error(code, name, status)

    return break_it


def alarm(**members: Any) -> Break:
    def break_it(answers: Answers) -> None:
        (one,) = answers["cloudwatch", "describe_alarms"]["MetricAlarms"]
        one.update(members)

    return break_it


def secret_holding(**members: Any) -> Break:
    return but("secretsmanager", "get_secret_value", SecretString=json.dumps({**SECRET, **members}))


def policy_that_allows(sid: str) -> str:
    """A policy with every refusal but one, whose statement allows instead."""
    every = {one for refusals in REFUSALS.values() for one in refusals}
    effects = {one: "Allow" if one == sid else "Deny" for one in every}
    return json.dumps({"Statement": [{"Sid": one, "Effect": is_} for one, is_ in effects.items()]})
