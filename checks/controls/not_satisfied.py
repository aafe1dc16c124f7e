"""What this template does not satisfy, and what whoever deploys it can do about it.

The one place for it: what stands here is suppressed nowhere without a reason beside the resource,
and what is suppressed there for another reason is listed next to it in `docs/security.md`.
"""

from typing import Final

from checks.controls.model import NotSatisfied, Standards

NOT_SATISFIED: Final = (
    NotSatisfied(
        id="S3.1",
        title="Public access blocked for the whole account",
        reason="It is a setting of the account, and CloudFormation has no resource for it. Every "
        "bucket here blocks public access itself (STO-1).",
        adopter="`aws s3control put-public-access-block` once for the account, or a policy of the "
        "organisation.",
        standards=Standards(security_hub=("S3.1",), cis=("2.1.4",)),
    ),
    NotSatisfied(
        id="S3.7",
        title="Files replicated to another region",
        reason="The stack lives in one region; a copy needs a bucket and a key in a second one. "
        "Versions, Retain and the refusal to delete audit files protect here (RES-1, RES-2).",
        adopter="Add a replication rule from the data and audit buckets to buckets of a second "
        "stack, with a role that may read this key.",
        standards=Standards(security_hub=("S3.7",)),
    ),
    NotSatisfied(
        id="S3.9 and S3.17 (AccessLogsBucket)",
        title="Access log and KMS encryption of the bucket that holds access logs",
        reason="S3 delivers access logs to no bucket with a key of KMS, and a log of itself would "
        "feed itself. It is encrypted by S3 (SSE-S3) and holds names of objects, never their "
        "content.",
        adopter="Nothing: AWS asks to suppress the finding for such a bucket.",
        standards=Standards(security_hub=("S3.9", "S3.17")),
    ),
    NotSatisfied(
        id="S3.15 (all but CloudTrailLogsBucket)",
        title="Object Lock on the data and results buckets",
        reason="A lock would forbid to delete files with card numbers in time (PCI DSS, "
        "requirement 3.2.1). On the audit bucket it is possible from the beginning, and a "
        "parameter turns it on (AUD-4).",
        adopter="`AuditObjectLockMode=COMPLIANCE` for production, as `samconfig.toml` has it.",
        standards=Standards(security_hub=("S3.15",)),
    ),
    NotSatisfied(
        id="S3.20",
        title="MFA delete",
        reason="Only the root user can turn it on, by hand, and not for a bucket with lifecycle "
        "rules. Security Hub reports nothing for such buckets.",
        adopter="Nothing. Object Lock protects the audit files better.",
        standards=Standards(security_hub=("S3.20",), cis=("2.1.2",)),
    ),
    NotSatisfied(
        id="S3.22 and S3.23",
        title="Data events of all buckets of the account",
        reason="The trail records the objects of uploads and results (AUD-1). These controls pass "
        "only if it records every bucket of the account, at the cost of all of them.",
        adopter="A trail of the organisation usually does it.",
        standards=Standards(security_hub=("S3.22", "S3.23"), cis=("3.8", "3.9")),
    ),
    NotSatisfied(
        id="EC2.2",
        title="Default security group without rules",
        reason="CloudFormation cannot change the rules of the group that comes with a VPC without "
        "code that runs at deployment. Nothing uses it here (NET-3, NET-4).",
        adopter="`aws ec2 revoke-security-group-ingress` and `-egress` on the default group, once.",
        standards=Standards(security_hub=("EC2.2",), cis=("5.5",)),
    ),
    NotSatisfied(
        id="EC2.10, EC2.55, EC2.56, EC2.57, EC2.58 and EC2.60",
        title="Endpoints for EC2, ECR, Docker and Systems Manager in the VPC",
        reason="Nothing in this VPC calls these services, and the code is refused to call EC2 "
        "(IAM-2). Each endpoint more is one way out more.",
        adopter="Nothing.",
        standards=Standards(
            security_hub=("EC2.10", "EC2.55", "EC2.56", "EC2.57", "EC2.58", "EC2.60")
        ),
    ),
    NotSatisfied(
        id="EC2.21",
        title="Network ACLs that let nothing in from everywhere to ports 22 and 3389",
        reason="The VPC keeps its default ACL, which lets everything pass; security groups decide "
        "here (NET-3, NET-4), and no route comes from outside (NET-1). Security Hub makes no "
        "finding for default ACLs.",
        adopter="Nothing.",
        standards=Standards(security_hub=("EC2.21",), cis=("5.2",)),
    ),
    NotSatisfied(
        id="S3.11 (both log buckets)",
        title="Notifications of a bucket's events",
        reason="Uploads and tasks start the function (IAM-6). What AWS writes into the log buckets "
        "starts nothing here, and their changes ring through the trail (DET-6).",
        adopter="Add a notification for whoever processes these logs.",
        standards=Standards(security_hub=("S3.11",)),
    ),
    NotSatisfied(
        id="Lambda.7",
        title="Active tracing by X-Ray",
        reason="There is no endpoint for X-Ray, so that what the code traces would not leave the "
        "VPC. Each file's way is in the log and in its receipt.",
        adopter="Add an endpoint for X-Ray, its policy and the right to write to it.",
        standards=Standards(security_hub=("Lambda.7",)),
    ),
    NotSatisfied(
        id="CloudWatch.16",
        title="Log groups kept for a year",
        reason="`LogRetentionDays` is 90 by default. The trail's own files stay without an end, "
        "access logs for 400 days; PCI DSS 10.5.1 asks for twelve months, three of them at hand.",
        adopter="`LogRetentionDays=365` or more for production.",
        standards=Standards(security_hub=("CloudWatch.16",), pci=("10.5.1",)),
    ),
    NotSatisfied(
        id="SecretsManager.1, SecretsManager.2 and SecretsManager.4",
        title="The secret rotates by itself",
        reason="A new tokenisation key changes the token of every card number, and a key in use "
        "must stay beside it. That is a decision of a key custodian, with the steps of [key "
        "rotation](#key-rotation), not of a timer.",
        adopter="Put the rotation into the custodian's calendar (PCI DSS 3.7.4).",
        standards=Standards(
            security_hub=("SecretsManager.1", "SecretsManager.2", "SecretsManager.4"),
            pci=("8.6.3",),
        ),
    ),
    NotSatisfied(
        id="DynamoDB.4",
        title="Tables in a backup plan",
        reason="Point-in-time recovery returns to any second of 35 days (RES-3). A plan belongs to "
        "the account's vault, not to one stack.",
        adopter="Add both tables to the account's AWS Backup plan.",
        standards=Standards(security_hub=("DynamoDB.4",)),
    ),
    NotSatisfied(
        id="Data events of the tables",
        title="A record of who read which item",
        reason="`DynamoDBDataEvents` is `false` by default: a record of every item costs more than "
        "the item. Nobody but the processor writes (DAT-4, DAT-5), so that what goes unrecorded "
        "is reading.",
        adopter="`DynamoDBDataEvents=true`, where people read the tables.",
        standards=Standards(pci=("10.2.1",)),
    ),
    NotSatisfied(
        id="CloudWatch.1 to CloudWatch.14 (`AlarmEmail` empty)",
        title="Somebody who is told of the account's alarms",
        reason="Security Hub counts an alarm only if its topic has a subscriber, and "
        "`AlarmEmail` is empty by default (DET-1).",
        adopter="`AlarmEmail`, or a subscription of your own to `AlarmTopicArn`.",
    ),
    NotSatisfied(
        id="Lambda permission without SourceArn",
        title="The permission for S3 names the bucket as well as the account",
        reason="SAM's event source makes the permission and writes `SourceAccount` only (IAM-6). "
        "Another bucket of this account could start the function; the function reads the "
        "data bucket only, and ends such an event with AccessDenied.",
        adopter="Nothing; who can add a notification to a bucket of the account is in its IAM.",
    ),
    NotSatisfied(
        id="IAM actions on every resource",
        title="Rights to network interfaces on a narrower resource",
        reason="The actions by which Lambda attaches a function to a VPC know no narrower one. "
        "The code itself is refused all of them (IAM-2).",
        adopter="Nothing.",
    ),
    NotSatisfied(
        id="Trust of CloudTrail's role",
        title="A condition on who makes CloudTrail use its logging role",
        reason="AWS documents no condition key that CloudTrail fills in there. The role can write "
        "streams of this account's trail into one log group, and nothing else (AUD-5).",
        adopter="Nothing.",
    ),
    NotSatisfied(
        id="CKV_AWS_115, LambdaConcurrency",
        title="Concurrency reserved for the function",
        reason="A new account has too little of it to reserve any, and the first deployment would "
        "fail. `ReservedConcurrency` reserves it, and caps the function too (RES-4).",
        adopter="`ReservedConcurrency=50` or more, once the account's quota allows it.",
    ),
    NotSatisfied(
        id="AwsSolutions-L1",
        title="The newest runtime that Lambda offers",
        reason="The function runs on Python 3.13, for which it is tested, and which gets security "
        "updates (RES-5).",
        adopter="Nothing.",
    ),
    NotSatisfied(
        id="DNS firewall",
        title="The VPC resolves only the names that the function needs",
        reason="The resolver of a VPC asks the internet for any name, with or without a way there "
        "(NET-1). Rules for it are shared by the networks of an account.",
        adopter="Associate a rule group of Route 53 Resolver DNS Firewall with the VPC that allows "
        "`*.amazonaws.com` and blocks the rest, and log the queries.",
    ),
    NotSatisfied(
        id="Code signing of the function",
        title="Lambda takes signed packages only",
        reason="A signing profile and who may sign belong to whoever builds and deploys. The "
        "dependencies are pinned to exact versions.",
        adopter="Add a `CodeSigningConfigArn` of your signing profile, and sign with `sam deploy`.",
    ),
)
