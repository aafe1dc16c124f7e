"""A Secrets Manager client on secrets in memory."""

from dataclasses import dataclass, field
from typing import Any

from tests.simulation.border import Border
from tests.simulation.services.clock import Clock
from tests.simulation.services.encryption import EncryptionKeys
from tests.simulation.services.errors import accept, reply, service_error


@dataclass
class Secret:
    """One secret.

    Args:
        versions: Version id -> text.
        stages: Stage -> version id; AWSCURRENT always, AWSPREVIOUS after a rotation.
    """

    arn: str
    key_arn: str | None = None
    versions: dict[str, str] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict)


class SecretStore:
    """All secrets, found by their ARN.

    Args:
        clock: The simulated time.
        keys: The keys that they are encrypted under.
    """

    def __init__(self, clock: Clock, keys: EncryptionKeys | None = None) -> None:
        self.clock = clock
        self.keys = keys or EncryptionKeys()
        self.secrets: dict[str, Secret] = {}

    def create(self, arn: str, text: str, key_arn: str | None = None) -> None:
        """Adds a secret."""
        self.secrets[arn] = Secret(arn, key_arn)
        self.rotate(arn, text)

    def rotate(self, arn: str, text: str) -> None:
        """A new current version; the one before is AWSPREVIOUS."""
        secret = self.secrets[arn]
        version_id = f"00000000-0000-4000-8000-{len(secret.versions) + 1:012}"
        secret.versions[version_id] = text
        if "AWSCURRENT" in secret.stages:
            secret.stages["AWSPREVIOUS"] = secret.stages["AWSCURRENT"]
        secret.stages["AWSCURRENT"] = version_id


class SecretsManagerClient:
    """The call of a boto3 client that reads a secret.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
    """

    def __init__(self, store: SecretStore, border: Border) -> None:
        self._store = store
        self._border = border

    def get_secret_value(self, **parameters: Any) -> dict[str, Any]:
        """A version of a secret: the current one, if none is named."""
        accept("GetSecretValue", parameters, ("SecretId",), ("VersionId", "VersionStage"))
        return self._border.call(
            "secretsmanager", "GetSecretValue", parameters, lambda: self._get(parameters)
        )

    def _get(self, parameters: dict[str, Any]) -> dict[str, Any]:
        operation = "GetSecretValue"
        secret = self._store.secrets.get(parameters["SecretId"])
        stage = parameters.get("VersionStage", "AWSCURRENT")
        version_id = secret and parameters.get("VersionId", secret.stages.get(stage))
        if secret is None or version_id not in secret.versions:
            raise service_error(
                operation,
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret.",
            )
        if secret.key_arn in self._store.keys.disabled:
            raise service_error(
                operation,
                "DecryptionFailure",
                "Secrets Manager can't decrypt the protected secret text using the provided key.",
            )
        return reply(
            ARN=secret.arn,
            Name=secret.arn.rpartition(":")[2],
            VersionId=version_id,
            SecretString=secret.versions[version_id],
            VersionStages=[name for name, of in secret.stages.items() if of == version_id],
            CreatedDate=self._store.clock(),
        )
