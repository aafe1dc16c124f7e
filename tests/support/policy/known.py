"""What this evaluator has rules for, and the error for all else: no guess is made.

A condition key that a request does not carry counts as absent. That is a guess about AWS unless the
requests here would carry the key where AWS does. So the keys are listed, and any other is an error.
Not listed, for instance, are `aws:CurrentTime`, `aws:RequestedRegion`, `aws:PrincipalType`,
`aws:UserAgent`, `aws:SourceIp`, `aws:SourceVpce` and `aws:ViaAWSService`: AWS sets them in all
requests or many, and no request here does.

Sources: IAM User Guide, "AWS global condition context keys" (the "Availability" of each key);
Service Authorization Reference, "Condition keys for Amazon S3" and "for AWS KMS"; Lambda Developer
Guide, "Using source function ARN to control function access behavior".
"""

from typing import Final

# Set by who signs, and absent as documented for those who do not have them.
_OF_CALLERS: Final = {
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:SourceAccount",
    "aws:SourceArn",
}
# Set by the way that a request takes; `aws:SourceVpc` only where it goes through an endpoint.
_OF_CONNECTIONS: Final = {
    "aws:SecureTransport",
    "aws:SourceVpc",
    "kms:CallerAccount",
    "s3:TlsVersion",
}
# Set by the row of a table, because the request itself says so, and absent where it does not: a
# header that was not sent, a call that no function's code and no service on the way makes.
_OF_REQUESTS: Final = {
    "kms:EncryptionContext:aws:cloudtrail:arn",
    "kms:EncryptionContext:aws:logs:arn",
    "kms:GrantIsForAWSResource",
    "kms:ViaService",
    "lambda:SourceFunctionArn",
    "s3:if-none-match",
    "s3:x-amz-acl",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:x-amz-server-side-encryption-customer-algorithm",
}
CONDITION_KEYS: Final = _OF_CALLERS | _OF_CONNECTIONS | _OF_REQUESTS
_FOLDED: Final = {key.casefold() for key in CONDITION_KEYS}


class UnknownPolicyElementError(Exception):
    """Raised when a policy says what this evaluator has no rule for: no guess is made."""


def require_known_key(key: str) -> None:
    """Lets a condition key pass that the requests here carry, or rightly lack.

    Raises:
        UnknownPolicyElementError: When it is any other.
    """
    if key.casefold() not in _FOLDED:
        raise UnknownPolicyElementError(f"condition key {key}: no request here would carry it")
