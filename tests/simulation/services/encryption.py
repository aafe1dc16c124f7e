"""The keys that services encrypt under, and what each service answers when one is disabled."""

from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from tests.simulation.services.errors import service_error


@dataclass
class EncryptionKeys:
    """KMS as its callers see it: keys work, until they are disabled.

    Args:
        disabled: ARNs of the keys that are. Add and remove at will.
    """

    disabled: set[str] = field(default_factory=set)

    def s3_error(self, operation: str, key_arn: str | None) -> ClientError | None:
        """What S3 answers for an object under the key; None if the key works.

        Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
        (DisabledException, 400; S3 hands it on with the prefix "KMS.")
        """
        if key_arn not in self.disabled:
            return None
        return service_error(operation, "KMS.DisabledException", f"{key_arn} is disabled.")
