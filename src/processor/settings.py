"""Environment and secret to Settings; the only reader of both."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Final

from processor.errors import ConfigurationInvalid, ServiceUnavailable

SECRET_ENVIRONMENT_VARIABLE: Final = "CONFIG_SECRET_ARN"  # noqa: S105  A name.

STALE_SECONDS_MAX: Final = 3600.0
"""How long a container goes on with old settings while the secret cannot be read."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the function must be told, all of it from the secret. Fields are its JSON keys.

    Args:
        database_table: Name of TransactionMetadataTable.
        file_ledger_table: Name of FileLedgerTable.
        results_bucket: Name of TransactionResultsBucket.
        encryption_key_id: Id of EncryptionKey.
        encryption_key_arn: Its ARN, which uploads of results name.
        environment: The environment's suffix, a dimension of the metrics.
    """

    database_table: str
    file_ledger_table: str
    results_bucket: str
    encryption_key_id: str
    encryption_key_arn: str
    environment: str


type ReadSecret = Callable[[str], object]
"""Secret's ARN to its parsed JSON, at most some minutes old; raises ServiceUnavailable or
ServiceRefused."""


def parse_settings(secret: object) -> Settings:
    """Checks a secret's parsed JSON. The message names keys, never values.

    Raises:
        ConfigurationInvalid: It is no object, or lacks a setting.
    """
    if not isinstance(secret, Mapping):
        raise ConfigurationInvalid("the secret is no JSON object")
    names = [field.name for field in fields(Settings)]
    missing = [name for name in names if not isinstance(secret.get(name), str) or not secret[name]]
    if missing:
        raise ConfigurationInvalid(f"the secret lacks {', '.join(missing)}")
    return Settings(**{name: secret[name] for name in names})


class SettingsSource:
    """Gives the current settings, one source per container.

    Fails closed without any settings. With earlier ones it goes on for a while if the secret is
    only unavailable (throttled): the names in it rarely change, and files wait.

    Args:
        environment: The process's environment.
        read_secret: Reads the secret, from a cache where that is young enough.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        read_secret: ReadSecret,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._environment = environment
        self._read_secret = read_secret
        self._monotonic = monotonic
        self._settings: Settings | None = None
        self._read_at = 0.0

    def current(self) -> Settings:
        """The settings.

        Raises:
            ConfigurationInvalid: No secret is named, or it lacks a setting.
            ServiceUnavailable: The secret cannot be read now, and no settings are young enough.
            ServiceRefused: The secret may not be read.
        """
        arn = self._environment.get(SECRET_ENVIRONMENT_VARIABLE)
        if not arn:
            raise ConfigurationInvalid(f"the environment lacks {SECRET_ENVIRONMENT_VARIABLE}")
        try:
            secret = self._read_secret(arn)
        except ServiceUnavailable:
            age = self._monotonic() - self._read_at
            if self._settings and age < STALE_SECONDS_MAX:
                return self._settings
            raise
        self._settings = parse_settings(secret)
        self._read_at = self._monotonic()
        return self._settings
