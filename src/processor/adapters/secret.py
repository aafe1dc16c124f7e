"""The configuration secret, read seldom."""

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from processor.adapters.aws import translated_errors
from processor.errors import ConfigurationInvalid

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SECRET_AGE_SECONDS_MAX: Final = 300
"""A change of the secret reaches every container within five minutes, at one call in that time."""


class ConfigurationSecret:
    """Reads the secret, and keeps it for SECRET_AGE_SECONDS_MAX.

    Args:
        client: A Secrets Manager client.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self, client: "SecretsManagerClient", monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._monotonic = monotonic
        self._kept: tuple[str, object] | None = None
        self._read_at = 0.0

    def read(self, secret_arn: str, *, past_cache: bool = False) -> object:
        """The secret's JSON.

        Args:
            secret_arn: Its ARN or name.
            past_cache: Whether it is read however young what is kept is.

        Raises:
            ConfigurationInvalid: It is no JSON.
            ServiceUnavailable: It cannot be read now.
            ServiceRefused: It does not exist, or may not be read.
        """
        now = self._monotonic()
        if self._kept and not past_cache:
            kept_arn, secret = self._kept
            if kept_arn == secret_arn and now - self._read_at < SECRET_AGE_SECONDS_MAX:
                return secret
        with translated_errors("GetSecretValue"):
            answer = self._client.get_secret_value(SecretId=secret_arn)
        try:
            secret = json.loads(answer.get("SecretString", ""))
        except ValueError:
            # The cause is not named: it could quote the secret.
            raise ConfigurationInvalid("the secret is no JSON") from None
        self._kept, self._read_at = (secret_arn, secret), now
        return secret
