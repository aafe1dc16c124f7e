"""Audit, the files: where the records lie, who may add to them, and that nobody deletes them."""

from typing import Final

from checks.controls.model import ABSENT, Control, Standards, Where, allow, deny
from checks.controls.names import (
    ACCOUNT,
    EVERYBODY,
    KEY,
    TRAIL,
    bucket_arn,
    checkov,
    guard,
    nag,
    on_a_stack,
    service,
    unit,
)

_LOCKED: Final = (("AuditObjectLockDays", "400"), ("AuditObjectLockMode", "COMPLIANCE"))
_BUCKET: Final = "CloudTrailLogsBucket"


def _written_by_its_service(path: str) -> Where:
    """A refusal of everybody's own files where AWS writes its logs."""
    bucket = path.partition("Policy/")[0]
    return Where(
        path,
        deny(
            *("s3:PutObject", "s3:ReplicateObject"),
            to=EVERYBODY,
            on=f"${{{bucket}.Arn}}/*",
            when={"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}},
        ),
    )


AUDIT_FILES: Final = (
    Control(
        id="AUD-3",
        title="Trail files lie encrypted in a bucket that takes files of this trail only",
        threat="Somebody reads the record, or fills it with inventions",
        standards=Standards(
            pci=("10.3.2",),
            nist=("AU-9", "SC-28"),
            cis=("3.5",),
            security_hub=("CloudTrail.2",),
        ),
        where=(
            Where("TransactionDataTrail.KMSKeyId", KEY),
            Where("TransactionDataTrail.S3BucketName", f"${{{_BUCKET}}}"),
            Where(
                f"{_BUCKET}Policy/LetTheTrailCheckTheBucket",
                allow(
                    "s3:GetBucketAcl",
                    to=service("cloudtrail"),
                    on=f"${{{_BUCKET}.Arn}}",
                    when={"StringEquals": {"aws:SourceArn": TRAIL}},
                ),
            ),
            Where(
                f"{_BUCKET}Policy/LetTheTrailWriteItsFiles",
                allow(
                    "s3:PutObject",
                    to=service("cloudtrail"),
                    on=f"${{{_BUCKET}.Arn}}/AWSLogs/{ACCOUNT}/*",
                    when={
                        "StringEquals": {
                            "aws:SourceArn": TRAIL,
                            "s3:x-amz-acl": "bucket-owner-full-control",
                        }
                    },
                ),
            ),
        ),
        proof=(
            *unit("policy_buckets", "audit_files_come_from_this_trail_only"),
            *unit("template_defects", "10_trail_bucket_takes_files_of_this_trail_only"),
            *on_a_stack(
                "trail", "the_trails_files_are_encrypted_by_the_key_and_lie_in_the_audit_bucket"
            ),
            *checkov(35),
            *nag("CloudTrailEncryptionEnabled"),
            *guard("audit_bucket_takes_this_trail_only"),
        ),
    ),
    Control(
        id="AUD-4",
        title="Nobody deletes a trail file, or puts it under another key",
        threat="An administrator removes the record of what he did",
        standards=Standards(
            pci=("10.3.2", "10.5.1"),
            nist=("AU-9", "CP-6(2)"),
            security_hub=("S3.15",),
        ),
        where=(
            Where(
                f"{_BUCKET}Policy/RefuseDeletionOfAuditFiles",
                deny(
                    *("s3:BypassGovernanceRetention", "s3:PutObjectRetention"),
                    *("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ReplicateDelete"),
                    "s3:UpdateObjectEncryption",
                    to=EVERYBODY,
                    on=f"${{{_BUCKET}.Arn}}/*",
                ),
            ),
            _written_by_its_service(f"{_BUCKET}Policy/RefuseAuditFilesOfAnybodyElse"),
            Where(f"{_BUCKET}.ObjectLockEnabled", True),
            Where(f"{_BUCKET}.ObjectLockConfiguration", ABSENT),
            Where(f"{_BUCKET}.ObjectLockConfiguration.ObjectLockEnabled", "Enabled", _LOCKED),
            Where(
                f"{_BUCKET}.ObjectLockConfiguration.Rule.DefaultRetention.Mode",
                "${AuditObjectLockMode}",
                _LOCKED,
            ),
            Where(
                f"{_BUCKET}.ObjectLockConfiguration.Rule.DefaultRetention.Days",
                "${AuditObjectLockDays}",
                _LOCKED,
            ),
        ),
        proof=(
            *unit(
                "policy_buckets",
                "logs_are_deleted_by_nobody",
                "logs_are_written_by_their_service_only",
            ),
            *unit("template_controls", "nobody_deletes_audit_files"),
            *unit("template_controls", "audit_files_are_locked_on_request"),
            *on_a_stack(
                "buckets", "the_audit_bucket_has_object_lock_and_refuses_deletion_to_everybody"
            ),
            *guard("audit_files_cannot_be_deleted"),
        ),
    ),
    Control(
        id="AUD-7",
        title="The access log takes entries of these three buckets only, and keeps them",
        threat="Somebody writes inventions into the log of accesses, or removes what is true",
        standards=Standards(pci=("10.3.2",), nist=("AU-9",)),
        where=(
            Where(
                "AccessLogsBucketPolicy/LetS3DeliverTheAccessLogsOfTheseBuckets",
                allow(
                    "s3:PutObject",
                    to=service("logging.s3"),
                    on=tuple(
                        f"${{AccessLogsBucket.Arn}}/{prefix}/*"
                        for prefix in ("audit", "data", "results")
                    ),
                    when={
                        "StringEquals": {"aws:SourceAccount": ACCOUNT},
                        "ArnEquals": {
                            "aws:SourceArn": [
                                bucket_arn(kind) for kind in ("audit-logs", "data", "results")
                            ]
                        },
                    },
                ),
            ),
            Where(
                "AccessLogsBucketPolicy/RefuseDeletionOfAccessLogs",
                deny(
                    *("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ReplicateDelete"),
                    "s3:UpdateObjectEncryption",
                    to=EVERYBODY,
                    on="${AccessLogsBucket.Arn}/*",
                ),
            ),
            _written_by_its_service("AccessLogsBucketPolicy/RefuseAccessLogsOfAnybodyElse"),
        ),
        proof=(
            *unit(
                "policy_buckets",
                "access_logs_come_from_these_buckets_only",
                "logs_are_deleted_by_nobody",
                "logs_are_written_by_their_service_only",
            ),
            *unit("template_controls", "access_logs_may_come_where_the_buckets_send_them"),
        ),
    ),
)
