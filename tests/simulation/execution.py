"""An execution environment of the function, and an invocation's time in it."""

from datetime import datetime
from typing import Any, Final, cast

from processor.adapters.secret import ConfigurationSecret
from processor.settings import SECRET_ENVIRONMENT_VARIABLE, SettingsSource
from tests.simulation.account import Account
from tests.simulation.function import Invocation
from tests.simulation.interference import Interference

SECRET: Final = "secret"


class InvocationClock:
    """Time as an invocation has it; see Clock."""

    def __init__(self, border: Interference, invocation: Invocation) -> None:
        self._border = border
        self._invocation = invocation

    def now(self) -> datetime:
        return self._border.schedule.now()

    def sleep(self, seconds: float) -> None:
        self._border.pass_time(self._invocation, seconds)

    def remaining_seconds(self) -> float:
        return self._invocation.deadline - self._border.schedule.seconds


class Container:
    """An execution environment: what stays from one invocation to the next, its settings."""

    def __init__(self, account: Account, border: Interference) -> None:
        schedule = border.schedule
        secret = ConfigurationSecret(
            cast("Any", account.secrets_client(border)), lambda: schedule.seconds
        )
        self.settings = SettingsSource(
            {SECRET_ENVIRONMENT_VARIABLE: SECRET}, secret.read, lambda: schedule.seconds
        )
