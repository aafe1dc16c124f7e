"""The parts of a deployed stack as commands use them, put together here alone."""

import json

from desk.errors import DeskError
from desk.files import FileReading
from desk.found import Transactions
from desk.items import DynamoDbItems
from desk.options import FileName
from desk.reading import backoff
from desk.services import LambdaProcessor, S3Listing, S3Results, S3Uploads, SqsFailedEvents
from desk.stack import Stack
from desk.verify import Evidence
from processor.adapters.aws import translated_errors
from processor.adapters.ledger import DynamoDbFileLedger
from processor.adapters.s3 import S3SourceFiles
from processor.domain.file import ObjectVersion
from processor.errors import ObjectChanged, ObjectGone
from processor.keyring import Keyring
from processor.settings import parse_settings


def file_reading(stack: Stack) -> FileReading:
    """Where the state of files is read."""
    return FileReading(
        S3Listing(stack.client("s3"), data_bucket(stack)),
        file_ledger(stack),
        results(stack),
        backoff(),
    )


def file_ledger(stack: Stack) -> DynamoDbFileLedger:
    """FileLedgerTable."""
    return DynamoDbFileLedger(stack.client("dynamodb"), stack.output("FileLedgerTableName"))


def transactions(stack: Stack) -> Transactions:
    """TransactionMetadataTable."""
    client = stack.client("dynamodb")
    return Transactions(client, stack.output("TransactionMetadataTableName"))


def data_bucket(stack: Stack) -> str:
    """TransactionDataBucket."""
    return stack.output("TransactionDataBucketName")


def files(stack: Stack) -> S3SourceFiles:
    """TransactionDataBucket, as the function reads it."""
    return S3SourceFiles(stack.client("s3"))


def uploads(stack: Stack) -> S3Uploads:
    """TransactionDataBucket, as a sender has it."""
    return S3Uploads(stack.client("s3"), data_bucket(stack), stack.output("EncryptionKeyArn"))


def results(stack: Stack) -> S3Results:
    """TransactionResultsBucket."""
    return S3Results(stack.client("s3"), stack.output("TransactionResultsBucketName"))


def failed_events(stack: Stack) -> SqsFailedEvents:
    """FailedEventsQueue."""
    return SqsFailedEvents(stack.client("sqs"), stack.output("FailedEventsQueueUrl"))


def processor(stack: Stack) -> LambdaProcessor:
    """TransactionProcessorFunction."""
    client = stack.client("lambda", waits_for_function=True)
    return LambdaProcessor(client, stack.output("TransactionProcessorFunctionName"))


def evidence(stack: Stack) -> Evidence:
    """What a recount reads."""
    table = stack.output("TransactionMetadataTableName")
    items = DynamoDbItems(stack.client("dynamodb"), table)
    return Evidence(files(stack), items, results(stack), lambda: _keys(stack), backoff())


def named_version(stack: Stack, named: FileName) -> ObjectVersion:
    """The version that is meant, whether it is there or not: the current one if none is named."""
    if named.version_id:
        return ObjectVersion(data_bucket(stack), named.key, named.version_id)
    return version_of(stack, named)


def version_of(stack: Stack, named: FileName) -> ObjectVersion:
    """The version that is meant, by its id: the current one if none is named.

    Raises:
        DeskError: There is none.
        ServiceUnavailable, ServiceRefused: S3 cannot be asked now, or may not.
    """
    version = ObjectVersion(data_bucket(stack), named.key, named.version_id)
    try:
        return files(stack).describe(version).object_version
    except (ObjectGone, ObjectChanged) as error:
        which = f"version {named.version_id} of" if named.version_id else "file"
        raise DeskError(
            f"there is no {which} {version.key_shown} in {version.bucket}: desk status lists files"
        ) from error


def _keys(stack: Stack) -> Keyring:
    client = stack.client("secretsmanager")
    with translated_errors("GetSecretValue"):
        answer = client.get_secret_value(SecretId=stack.output("SecretsManagerSecretArn"))
    settings = parse_settings(json.loads(answer["SecretString"]))
    keys = settings.tokenization_keys
    return Keyring(settings.tokenization_key_id, keys, lambda: keys)
