"""The configuration secret, through Powertools Parameters."""

from typing import TYPE_CHECKING, Final

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import (
    GetParameterError,
    TransformParameterError,
)

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
    """

    def __init__(self, client: "SecretsManagerClient") -> None:
        self._provider = SecretsProvider(boto3_client=client)

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
        with translated_errors("GetSecretValue"):
            try:
                return self._provider.get(
                    secret_arn,
                    max_age=SECRET_AGE_SECONDS_MAX,
                    transform="json",
                    force_fetch=past_cache,
                )
            except TransformParameterError:
                # The cause is not named: it could quote the secret.
                raise ConfigurationInvalid("the secret is no JSON") from None
            except GetParameterError as error:
                # Powertools wraps the service's error, and keeps it only as the context of its own.
                raise error.__context__ or error from error
