"""With which encryption files may come into the buckets of uploads and results."""

from tests.support.policy import (
    ANONYMOUS,
    KEY_ARN,
    OTHER_ACCOUNT,
    Request,
    administrator,
    allowed,
    refused,
)
from tests.support.policy.table import (
    DATA,
    PROCESSOR,
    Row,
    result,
    table,
    upload,
)

SENDER = administrator()
STRANGER = administrator(account=OTHER_ACCOUNT)
OTHER_KEY = KEY_ARN.replace("1111", "9999")
BUCKET_DEFAULT = {"UploadEncryption": "bucket-default"}

NAMELESS = "TransactionDataBucketPolicy/RefuseUploadsThatDoNotNameTheirEncryption"
OTHER_ENCRYPTION = "TransactionDataBucketPolicy/RefuseUploadsWithAnotherEncryption"
OTHERS_KEY = "TransactionDataBucketPolicy/RefuseUploadsWithAnotherKey"
SENDERS_KEY = "TransactionDataBucketPolicy/RefuseUploadsUnderAKeyThatTheSenderKeeps"
OTHERS = "TransactionDataBucketPolicy/RefuseOtherAccounts"

REQUIRED_ROWS = [
    Row("a sender names nothing", upload(SENDER), refused(NAMELESS)),
    Row("a sender names KMS", upload(SENDER, sse="aws:kms"), allowed()),
    Row("a sender names KMS and this key", upload(SENDER, sse="aws:kms", key=KEY_ARN), allowed()),
    Row("a sender names SSE-S3", upload(SENDER, sse="AES256"), refused(NAMELESS)),
    Row("a sender names double KMS", upload(SENDER, sse="aws:kms:dsse"), refused(NAMELESS)),
    Row(
        "a sender names KMS and another key",
        upload(SENDER, sse="aws:kms", key=OTHER_KEY),
        refused(OTHERS_KEY),
    ),
    Row("a sender names this key without KMS", upload(SENDER, key=KEY_ARN), refused(NAMELESS)),
    Row(
        "a sender sends a key of his own with the file (SSE-C)",
        upload(SENDER, own_key="AES256"),
        refused(NAMELESS, SENDERS_KEY),
    ),
    Row(
        "a sender sends a key of his own and names KMS",
        upload(SENDER, sse="aws:kms", own_key="AES256"),
        refused(SENDERS_KEY),
    ),
    Row("a stranger names nothing", upload(STRANGER), refused(NAMELESS, OTHERS)),
    Row(
        "a stranger names another key",
        upload(STRANGER, sse="aws:kms", key=OTHER_KEY),
        refused(OTHERS_KEY, OTHERS),
    ),
]
BUCKET_DEFAULT_ROWS = [
    Row(row.sentence, row.request, row.answer, BUCKET_DEFAULT)
    for row in [
        Row("a sender names nothing", upload(SENDER), allowed()),
        Row("a sender names KMS", upload(SENDER, sse="aws:kms"), allowed()),
        Row("a sender names this key", upload(SENDER, sse="aws:kms", key=KEY_ARN), allowed()),
        Row("a sender names SSE-S3", upload(SENDER, sse="AES256"), refused(OTHER_ENCRYPTION)),
        Row(
            "a sender sends a key of his own with the file (SSE-C)",
            upload(SENDER, own_key="AES256"),
            refused(SENDERS_KEY),
        ),
        Row(
            "a stranger sends a key of his own with the file",
            upload(STRANGER, own_key="AES256"),
            refused(SENDERS_KEY, OTHERS),
        ),
        Row(
            "a sender names another key",
            upload(SENDER, sse="aws:kms", key=OTHER_KEY),
            refused(OTHERS_KEY),
        ),
        Row(
            "a stranger names SSE-S3",
            upload(STRANGER, sse="AES256"),
            refused(OTHER_ENCRYPTION, OTHERS),
        ),
    ]
]

RESULT_ENCRYPTION = "TransactionResultsBucketPolicy/RefuseAnotherEncryption"
RESULT_KEY = "TransactionResultsBucketPolicy/RefuseAnotherKey"
RESULT_WRITER = "TransactionResultsBucketPolicy/RefuseResultsOfAnybodyElse"
RESULT_OTHERS = "TransactionResultsBucketPolicy/RefuseOtherAccounts"
STRANGER_REFUSED = (RESULT_WRITER, RESULT_OTHERS)
WRITTEN = allowed(
    "TransactionProcessorPolicy/WriteAndReadBackReceiptsAndQuarantine",
    "S3VPCEndpoint/WriteAndReadBackReceiptsAndQuarantine",
)
RESULT_ROWS = [
    Row("a result names nothing", result(PROCESSOR), WRITTEN),
    Row("a result names KMS", result(PROCESSOR, sse="aws:kms"), WRITTEN),
    Row("a result names this key", result(PROCESSOR, sse="aws:kms", key=KEY_ARN), WRITTEN),
    Row("a result names SSE-S3", result(PROCESSOR, sse="AES256"), refused(RESULT_ENCRYPTION)),
    Row(
        "a result names another key",
        result(PROCESSOR, sse="aws:kms", key=OTHER_KEY),
        refused(RESULT_KEY),
    ),
    Row(
        "a stranger's result names SSE-S3",
        result(STRANGER, sse="AES256"),
        refused(RESULT_ENCRYPTION, *STRANGER_REFUSED),
    ),
    Row(
        "a stranger's result names another key",
        result(STRANGER, sse="aws:kms", key=OTHER_KEY),
        refused(RESULT_KEY, *STRANGER_REFUSED),
    ),
]

UPDATE = "s3:UpdateObjectEncryption"
STORED = "TransactionDataBucketPolicy/RefuseAnotherKeyForWhatIsStored"
STORED_ROWS = [
    Row(
        "an administrator puts an upload under another key",
        Request(SENDER, UPDATE, f"{DATA}/a.csv"),
        refused(STORED),
    ),
    Row(
        "somebody without a signature puts an upload under another key",
        Request(ANONYMOUS, UPDATE, f"{DATA}/a.csv"),
        refused(STORED, OTHERS),
    ),
]


@table(REQUIRED_ROWS)
def test_uploads_must_name_their_encryption(row: Row) -> None:
    assert row.request.resource.startswith(f"{DATA}/")
    assert row.decided() == row.answer


@table(BUCKET_DEFAULT_ROWS)
def test_uploads_may_leave_the_encryption_to_the_bucket(row: Row) -> None:
    assert row.decided() == row.answer


@table(RESULT_ROWS)
def test_results_are_encrypted_with_this_key(row: Row) -> None:
    assert row.decided() == row.answer


@table(STORED_ROWS)
def test_what_is_stored_stays_under_its_key(row: Row) -> None:
    assert row.decided() == row.answer
