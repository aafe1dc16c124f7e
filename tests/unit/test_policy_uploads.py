"""With which encryption files may come into the buckets of uploads and results."""

from tests.support.policy import KEY_ARN, OTHER_ACCOUNT, administrator, allowed, refused
from tests.support.policy.table import DATA, RESULTS, Row, table, upload

SENDER = administrator()
STRANGER = administrator(account=OTHER_ACCOUNT)
OTHER_KEY = KEY_ARN.replace("1111", "9999")
BUCKET_DEFAULT = {"UploadEncryption": "bucket-default"}

NAMELESS = "TransactionDataBucketPolicy/RefuseUploadsThatDoNotNameTheirEncryption"
OTHER_ENCRYPTION = "TransactionDataBucketPolicy/RefuseUploadsWithAnotherEncryption"
OTHERS_KEY = "TransactionDataBucketPolicy/RefuseUploadsWithAnotherKey"
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
RESULT_OTHERS = "TransactionResultsBucketPolicy/RefuseOtherAccounts"
RESULT_ROWS = [
    Row("a result names nothing", upload(SENDER, RESULTS), allowed()),
    Row("a result names KMS", upload(SENDER, RESULTS, sse="aws:kms"), allowed()),
    Row("a result names this key", upload(SENDER, RESULTS, sse="aws:kms", key=KEY_ARN), allowed()),
    Row("a result names SSE-S3", upload(SENDER, RESULTS, sse="AES256"), refused(RESULT_ENCRYPTION)),
    Row(
        "a result names another key",
        upload(SENDER, RESULTS, sse="aws:kms", key=OTHER_KEY),
        refused(RESULT_KEY),
    ),
    Row(
        "a stranger's result names SSE-S3",
        upload(STRANGER, RESULTS, sse="AES256"),
        refused(RESULT_ENCRYPTION, RESULT_OTHERS),
    ),
    Row(
        "a stranger's result names another key",
        upload(STRANGER, RESULTS, sse="aws:kms", key=OTHER_KEY),
        refused(RESULT_KEY, RESULT_OTHERS),
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
