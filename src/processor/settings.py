"""Environment and secret to Settings; the only reader of both."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Final, Protocol

from processor.errors import ConfigurationInvalid, ServiceUnavailable

SECRET_ENVIRONMENT_VARIABLE: Final = "CONFIG_SECRET_ARN"  # noqa: S105  The name of a variable.

STALE_SECONDS_MAX: Final = 3600.0
"""How long a container goes on with old settings while the secret cannot be read."""


TOKENIZATION_KEY_CHARACTERS_MIN: Final = 32
"""A key of letters and digits has 190 bits then. Source: NIST SP 800-107, 5.3.4 (112 at least)."""

PART_BYTES_MIN: Final = 64 * 1024
PART_BYTES_MAX: Final = 1024**3
"""A part of that size takes ten minutes; of larger ones hardly any would end in its invocation."""

_PREVIOUS_KEYS: Final = "previous_tokenization_keys"
_PART_BYTES: Final = "part_bytes"
_KEY_ID = re.compile(r"[a-z0-9]{1,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the function must be told, all of it from the secret. Fields are its JSON keys.

    Args:
        database_table: Name of TransactionMetadataTable.
        file_ledger_table: Name of FileLedgerTable.
        data_bucket: Name of TransactionDataBucket.
        results_bucket: Name of TransactionResultsBucket.
        encryption_key_id: Id of EncryptionKey.
        encryption_key_arn: Its ARN, which uploads of results name.
        environment: The environment's suffix, a dimension of the metrics.
        tokenization_key_id: Id of the current key for tokens of card numbers.
        tokenization_key: That key; never printed.
        previous_tokenization_keys: Key id -> key, of those that were current before: transactions
            were stored under them. The secret may leave it out.
        part_bytes: Size of a part of a large file; None, if the secret leaves it out, for the
            processor's own (planner.py).
    """

    database_table: str
    file_ledger_table: str
    data_bucket: str
    results_bucket: str
    encryption_key_id: str
    encryption_key_arn: str
    environment: str
    tokenization_key_id: str
    tokenization_key: str = field(repr=False)
    previous_tokenization_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    part_bytes: int | None = None

    @property
    def tokenization_keys(self) -> Mapping[str, str]:
        """All keys by id, the current one among them."""
        return {
            **self.previous_tokenization_keys,
            self.tokenization_key_id: self.tokenization_key,
        }


class ReadSecret(Protocol):
    """Secret's ARN to its parsed JSON; raises ServiceUnavailable or ServiceRefused."""

    def __call__(self, secret_arn: str, *, past_cache: bool = False) -> object:
        """The JSON, at most some minutes old, or as it is now."""
        ...


def parse_settings(secret: object) -> Settings:
    """Checks a secret's parsed JSON. The message names keys, never values.

    Raises:
        ConfigurationInvalid: It is no object, lacks a setting, or a tokenisation key, the id of one
            or the size of a part cannot be.
    """
    if not isinstance(secret, Mapping):
        raise ConfigurationInvalid("the secret is no JSON object")
    optional = (_PREVIOUS_KEYS, _PART_BYTES)
    names = [one.name for one in fields(Settings) if one.name not in optional]
    missing = [name for name in names if not isinstance(secret.get(name), str) or not secret[name]]
    if missing:
        raise ConfigurationInvalid(f"the secret lacks {', '.join(missing)}")
    previous = secret.get(_PREVIOUS_KEYS, {})
    _check_keys(secret["tokenization_key_id"], secret["tokenization_key"], previous)
    part_bytes = _part_bytes(secret.get(_PART_BYTES))
    return Settings(
        **{name: secret[name] for name in names},
        previous_tokenization_keys=previous,
        part_bytes=part_bytes,
    )


def _part_bytes(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and PART_BYTES_MIN <= value <= PART_BYTES_MAX:
        return value
    limits = f"{PART_BYTES_MIN} to {PART_BYTES_MAX}"
    raise ConfigurationInvalid(f"the secret's {_PART_BYTES} is no whole number from {limits}")


def _check_keys(current_id: str, current: str, previous: object) -> None:
    """Refuses keys that nobody could use. A text that is no key id is never named: it may be a key.

    Raises:
        ConfigurationInvalid: See parse_settings.
    """
    if not _KEY_ID.fullmatch(current_id):
        raise ConfigurationInvalid(f"the secret's tokenization_key_id is not {_KEY_ID.pattern}")
    if not isinstance(previous, Mapping):
        raise ConfigurationInvalid(f"the secret's {_PREVIOUS_KEYS} is no JSON object")
    if not all(_KEY_ID.fullmatch(key_id) for key_id in previous):
        raise ConfigurationInvalid(
            f"an id in the secret's {_PREVIOUS_KEYS} is not {_KEY_ID.pattern}"
        )
    if current_id in previous:
        raise ConfigurationInvalid(
            f"the secret's tokenization_key_id {current_id} is also in its {_PREVIOUS_KEYS}"
        )
    named = {f"{_PREVIOUS_KEYS}.{key_id}": key for key_id, key in previous.items()}
    for name, key in {"tokenization_key": current, **named}.items():
        if not isinstance(key, str) or len(key) < TOKENIZATION_KEY_CHARACTERS_MIN:
            raise ConfigurationInvalid(
                f"the secret's {name} is no text of {TOKENIZATION_KEY_CHARACTERS_MIN} characters"
            )


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
        try:
            return self._read(past_cache=False)
        except ServiceUnavailable:
            age = self._monotonic() - self._read_at
            if self._settings and age < STALE_SECONDS_MAX:
                return self._settings
            raise

    def read_again(self) -> Settings:
        """The settings as they are now, past the cache: earlier ones lack something.

        Raises:
            ConfigurationInvalid, ServiceUnavailable, ServiceRefused: As `current`.
        """
        return self._read(past_cache=True)

    def _read(self, *, past_cache: bool) -> Settings:
        arn = self._environment.get(SECRET_ENVIRONMENT_VARIABLE)
        if not arn:
            raise ConfigurationInvalid(f"the environment lacks {SECRET_ENVIRONMENT_VARIABLE}")
        self._settings = parse_settings(self._read_secret(arn, past_cache=past_cache))
        self._read_at = self._monotonic()
        return self._settings
