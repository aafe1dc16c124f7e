"""Storage: who reaches the buckets, over what, and with which encryption a file must come."""

from typing import Final

from checks.controls.model import ABSENT, Control, Json, Standards, Where, deny, everywhere
from checks.controls.names import (
    BUCKETS,
    EVERYBODY,
    KEY,
    LOGGED_BUCKETS,
    OTHER_ACCOUNTS,
    PLAIN_HTTP,
    checkov,
    guard,
    nag,
    on_a_stack,
    unit,
)

_SSE: Final = "s3:x-amz-server-side-encryption"
_SSE_KEY: Final = "s3:x-amz-server-side-encryption-aws-kms-key-id"
_BUCKET_DEFAULT: Final = (("UploadEncryption", "bucket-default"),)
_PUBLIC_ACCESS: Final = (
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "IgnorePublicAcls",
    "RestrictPublicBuckets",
)
_OTHER_ENCRYPTION: Final = {
    "Null": {_SSE: "false"},
    "StringNotEquals": {_SSE: "aws:kms"},
}
_OTHER_KEY: Final = {"Null": {_SSE_KEY: "false"}, "ArnNotEquals": {_SSE_KEY: KEY}}
_SSE_C: Final = {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}}


def _refused_everywhere(sid: str, when: Json) -> tuple[Where, ...]:
    """The same refusal of everything, on each bucket and its objects."""
    return tuple(
        Where(
            f"{bucket}Policy/{sid}",
            deny(
                "s3:*",
                to=EVERYBODY,
                on=(f"${{{bucket}.Arn}}", f"${{{bucket}.Arn}}/*"),
                when=when,
            ),
        )
        for bucket in BUCKETS
    )


def _refused_uploads(bucket: str, sid: str, when: Json) -> Where:
    return Where(
        f"{bucket}Policy/{sid}",
        deny("s3:PutObject", to=EVERYBODY, on=f"${{{bucket}.Arn}}/*", when=when),
    )


STORAGE: Final = (
    Control(
        id="STO-1",
        title="No bucket is ever public",
        threat="A policy or an ACL opens a bucket to the internet, by mistake or on purpose",
        standards=Standards(
            pci=("1.4.4",),
            nist=("AC-3", "AC-4", "AC-6", "SC-7"),
            cis=("2.1.4",),
            security_hub=("S3.2", "S3.3", "S3.8", "CloudTrail.6"),
        ),
        where=tuple(
            where
            for name in _PUBLIC_ACCESS
            for where in everywhere(BUCKETS, f"PublicAccessBlockConfiguration.{name}", True)
        ),
        proof=(
            *unit(
                "template_controls", "bucket_is_private_versioned_and_moves_to_infrequent_access"
            ),
            *on_a_stack("buckets", "the_bucket_blocks_every_public_access"),
            *checkov(53, 54, 55, 56),
            *nag("S2", "S3BucketLevelPublicAccessProhibited"),
            *guard("buckets_are_not_public"),
        ),
    ),
    Control(
        id="STO-2",
        title="Access control lists are off",
        threat="Whoever uploads an object keeps it, or shares it, past the bucket's policy",
        standards=Standards(nist=("AC-3", "AC-6"), security_hub=("S3.12",)),
        where=(
            *everywhere(
                BUCKETS, "OwnershipControls.Rules", [{"ObjectOwnership": "BucketOwnerEnforced"}]
            ),
            *everywhere(BUCKETS, "AccessControl", ABSENT),
        ),
        proof=(
            *unit(
                "template_controls", "bucket_is_private_versioned_and_moves_to_infrequent_access"
            ),
            *on_a_stack("buckets", "the_bucket_owner_owns_every_object_and_acls_are_off"),
            *checkov(20, 57),
        ),
    ),
    Control(
        id="STO-3",
        title="Buckets answer over TLS 1.2 or later only",
        threat="Somebody on the way reads or changes a file",
        standards=Standards(
            pci=("4.2.1",),
            nist=("AC-17(2)", "SC-8", "SC-8(1)", "SC-13", "SC-23"),
            cis=("2.1.1",),
            security_hub=("S3.5",),
        ),
        where=(
            *_refused_everywhere("RefusePlainHttp", PLAIN_HTTP),
            *_refused_everywhere(
                "RefuseTlsBefore12", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
            ),
        ),
        proof=(
            *unit("policy_buckets", "perimeter_of_every_bucket"),
            *unit("template_controls", "bucket_refuses_whom_it_should"),
            *on_a_stack("buckets", "the_bucket_denies_everybody_everything_over"),
            *nag("S10", "S3BucketSSLRequestsOnly"),
            *guard("buckets_refuse_plain_http", "buckets_refuse_tls_before_12"),
        ),
    ),
    Control(
        id="STO-4",
        title="No identity of another account reaches a bucket",
        threat="Stolen or foreign credentials are given a right here, or ours give it away",
        standards=Standards(
            pci=("7.2.1",), nist=("AC-3", "CA-9(1)", "CM-2"), security_hub=("S3.6",)
        ),
        where=(
            *(Where(f"{bucket}Policy.Bucket", f"${{{bucket}}}") for bucket in BUCKETS),
            *_refused_everywhere("RefuseOtherAccounts", OTHER_ACCOUNTS),
        ),
        proof=(
            *unit("policy_buckets", "perimeter_of_every_bucket"),
            *unit(
                "template_controls",
                *("bucket_refuses_whom_it_should", "bucket_lets_the_services_of_aws_deliver"),
            ),
            *on_a_stack("buckets", "the_bucket_lets_nobody_in_but_services_and_its_own_account"),
            *guard("every_bucket_has_a_policy", "buckets_refuse_other_accounts"),
        ),
    ),
    Control(
        id="STO-5",
        title="An upload must name its encryption, and no key but this one",
        threat="A sender stores a file under a key of his own, which he can later take away",
        standards=Standards(pci=("3.5.1",), nist=("SC-13", "SC-28"), security_hub=("S3.17",)),
        where=(
            _refused_uploads(
                "TransactionDataBucket",
                "RefuseUploadsThatDoNotNameTheirEncryption",
                {"StringNotEquals": {_SSE: "aws:kms"}},
            ),
            Where(
                "TransactionDataBucketPolicy/RefuseUploadsWithAnotherEncryption",
                deny(
                    "s3:PutObject",
                    to=EVERYBODY,
                    on="${TransactionDataBucket.Arn}/*",
                    when=_OTHER_ENCRYPTION,
                ),
                _BUCKET_DEFAULT,
            ),
            _refused_uploads("TransactionDataBucket", "RefuseUploadsWithAnotherKey", _OTHER_KEY),
            _refused_uploads(
                "TransactionDataBucket", "RefuseUploadsUnderAKeyThatTheSenderKeeps", _SSE_C
            ),
            Where(
                "TransactionDataBucketPolicy/RefuseAnotherKeyForWhatIsStored",
                deny(
                    "s3:UpdateObjectEncryption", to=EVERYBODY, on="${TransactionDataBucket.Arn}/*"
                ),
            ),
        ),
        proof=(
            *unit(
                "policy_uploads",
                "uploads_must_name_their_encryption",
                "uploads_may_leave_the_encryption_to_the_bucket",
                "what_is_stored_stays_under_its_key",
            ),
            *unit(
                "template_defects", "05_refusal_of_unnamed_encryption_is_meant_and_can_be_lifted"
            ),
            *on_a_stack(
                "buckets",
                "an_upload_that_names_its_encryption_is_taken_and_encrypted_by_the_key",
                "an_upload_is_refused_that_names_the_encryption",
            ),
            *guard("uploads_name_their_encryption"),
        ),
    ),
    Control(
        id="STO-6",
        title="Results lie under this key only",
        threat="Receipts or quarantine are written under another key",
        standards=Standards(pci=("3.5.1",), nist=("SC-13", "SC-28"), security_hub=("S3.17",)),
        where=(
            _refused_uploads(
                "TransactionResultsBucket", "RefuseAnotherEncryption", _OTHER_ENCRYPTION
            ),
            _refused_uploads("TransactionResultsBucket", "RefuseAnotherKey", _OTHER_KEY),
        ),
        proof=(*unit("policy_uploads", "results_are_encrypted_with_this_key"),),
    ),
    Control(
        id="STO-7",
        title="Every access to files is in S3's own log",
        threat="Somebody reads files and leaves no trace in the trail",
        standards=Standards(
            pci=("10.2.1",),
            nist=("AU-2", "AU-3", "AU-12"),
            cis=("3.4",),
            security_hub=("S3.9", "CloudTrail.7"),
        ),
        where=(
            *everywhere(
                LOGGED_BUCKETS, "LoggingConfiguration.DestinationBucketName", "${AccessLogsBucket}"
            ),
            *(
                Where(f"{bucket}.LoggingConfiguration.LogFilePrefix", prefix)
                for bucket, prefix in zip(
                    LOGGED_BUCKETS, ("audit/", "data/", "results/"), strict=True
                )
            ),
        ),
        proof=(
            *unit("template_controls", "access_logs_may_come_where_the_buckets_send_them"),
            *on_a_stack("buckets", "access_to_the_bucket_is_logged"),
            *checkov(18),
            *nag("S1", "S3BucketLoggingEnabled"),
            *guard("every_bucket_but_the_target_of_logs_is_logged"),
        ),
    ),
    Control(
        id="STO-8",
        title="Access logs are encrypted by S3 itself",
        threat="S3 cannot deliver them: it does so to no bucket with another encryption",
        standards=Standards(nist=("AU-9", "SC-28")),
        where=(
            Where(
                "AccessLogsBucket.BucketEncryption.ServerSideEncryptionConfiguration",
                [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}],
                words="SSE-S3",
            ),
        ),
        proof=(
            *unit(
                "template_controls",
                "bucket_is_encrypted_with_the_key_unless_it_takes_access_logs",
            ),
            *on_a_stack(
                "buckets",
                "the_bucket_of_access_logs_is_sse_s3_since_s3_delivers_them_to_no_other",
            ),
        ),
    ),
)
