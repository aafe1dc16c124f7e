"""Command line for operators: `python -m desk redrive | sweep | replay | export-rejects | verify`.

Exit codes: 0 all is well; 1 something needs a person, or differs; 2 the command could not do it.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from desk import stack
from desk.errors import DeskError
from desk.items import DynamoDbItems
from desk.reading import backoff
from desk.redrive import FailedEvent, RedriveReport, redrive
from desk.rejects import export_rejects, new_file
from desk.replay import replay_file, replay_rejects
from desk.services import LambdaProcessor, S3Results, S3Uploads, SqsFailedEvents
from desk.verify import Evidence, verify
from processor.adapters.aws import translated_errors
from processor.adapters.s3 import S3SourceFiles
from processor.domain.file import ObjectVersion
from processor.domain.masking import mask
from processor.errors import ProcessorError
from processor.keyring import Keyring
from processor.settings import parse_settings

MESSAGES_MAX: Final = 1000
OLDER_THAN_MINUTES: Final = 60


def main() -> int:
    """Runs one command; answers the exit code."""
    arguments = _parser().parse_args()
    try:
        deployed = stack.find(arguments.stack, arguments.region, arguments.profile)
        code: int = arguments.run(deployed, arguments)
    except (DeskError, ProcessorError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        named = f"{mask(str(error.filename))[0]}: " if error.filename is not None else ""
        print(f"{named}{error.strerror or type(error).__name__}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--stack", required=True, help="name of the deployed stack")
    common.add_argument("--region", help="as of the AWS CLI")
    common.add_argument("--profile", help="as of the AWS CLI")
    parser = argparse.ArgumentParser(prog="python -m desk", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[common], help=text, description=text)
        added.set_defaults(run=run)
        return added

    one = command("redrive", _redrive, "send failed events to the function again")
    one.add_argument("--max", type=int, default=MESSAGES_MAX, help="messages at most")
    one = command("sweep", _sweep, "find files without a receipt, and start them again")
    one.add_argument("--older-than-minutes", type=int, default=OLDER_THAN_MINUTES)
    one = command("replay", _replay, "process a file again, or its corrected rejects")
    _add_file(one)
    one.add_argument("--rejects", type=Path, help="file of the corrected records")
    one = command("export-rejects", _export, "write a file's quarantined records for correction")
    _add_file(one)
    one.add_argument("target", type=Path, help="file to write")
    _add_file(command("verify", _verify, "recount a file, and compare it with its receipt"))
    return parser


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", help="key of the uploaded file")
    parser.add_argument("--version-id", help="its version; the current one if absent")


def _redrive(deployed: stack.Stack, arguments: argparse.Namespace) -> int:
    report = RedriveReport()
    queue = SqsFailedEvents(deployed.client("sqs"), deployed.output("FailedEventsQueueUrl"))
    try:
        redrive(queue, _processor(deployed), report, arguments.max)
    finally:
        for name in ("sent", "undeleted", "poison", "left"):
            events: list[FailedEvent] = getattr(report, name)
            print(f"{name}: {len(events)}")
            for event in events:
                print(f"  {', '.join(event.files) or event.message_id} {event.reason}".rstrip())
                for attribute, text in event.attributes.items() if event.reason else ():
                    print(f"    {attribute}: {text}")
    return 0 if report.is_clear else 1


def _sweep(deployed: stack.Stack, arguments: argparse.Namespace) -> int:
    event = {"sweep": {"olderThanMinutes": arguments.older_than_minutes}}
    (swept,) = _processor(deployed).answer(event)["sweeps"]
    print(f"versions looked at: {swept['versions']}")
    for why, count in swept["withoutReceipt"].items():
        print(f"without receipt, {why}: {count}")
    print(f"started again: {swept['started']}")
    if swept["goesOn"]:
        print("the function goes on with the rest: its log tells of it")
    return 1 if swept["withoutReceipt"] else 0


def _replay(deployed: stack.Stack, arguments: argparse.Namespace) -> int:
    uploads = S3Uploads(
        deployed.client("s3"),
        deployed.output("TransactionDataBucketName"),
        deployed.output("EncryptionKeyArn"),
    )
    key, version_id = arguments.key, arguments.version_id
    if arguments.rejects:
        done = replay_rejects(uploads, key, version_id, arguments.rejects)
    else:
        done = replay_file(uploads, key, version_id)
    print(f"replays:  {done.replayed}")
    print(f"uploaded: {done.replaying}{'' if done.created else ' (was there before)'}")
    print(f"receipt:  {mask(done.replaying.receipt_key)[0]}")
    if done.metadata_dropped:
        print("the first sender's metadata found no room beside the replay's")
    return 0


def _export(deployed: stack.Stack, arguments: argparse.Namespace) -> int:
    with new_file(arguments.target) as target:
        version = _version(deployed, arguments)
        files, results = S3SourceFiles(deployed.client("s3")), _results(deployed)
        done = export_rejects(version, files, results, backoff(), target)
    print(f"{mask(str(arguments.target))[0]}: {done.record_count} records, {done.format}")
    if done.incomplete:
        numbers = ", ".join(map(str, done.incomplete))
        print(f"to be completed from the file itself ({done.masked_count} masked,")
        print(f"{done.cut_count} cut): records {numbers}")
    return 0


def _verify(deployed: stack.Stack, arguments: argparse.Namespace) -> int:
    table = deployed.output("TransactionMetadataTableName")
    evidence = Evidence(
        S3SourceFiles(deployed.client("s3")),
        DynamoDbItems(deployed.client("dynamodb"), table),
        _results(deployed),
        lambda: _keys(deployed),
        backoff(),
    )
    done = verify(_version(deployed, arguments), evidence)
    for one in done.differences.listed:
        record = f" record {one.record_number}" if one.record_number else ""
        print(f"{one.place}{record}: says {one.said}, found {one.found}")
    print(f"{done.version}: {'ok' if done.ok else f'{done.differences.count} differences'}")
    if not done.ok and done.other_software:
        print(f"the receipt was made by {', '.join(done.other_software)}: its rules may differ")
    return 0 if done.ok else 1


def _version(deployed: stack.Stack, arguments: argparse.Namespace) -> ObjectVersion:
    """The version that is meant, by its id."""
    bucket = deployed.output("TransactionDataBucketName")
    named = ObjectVersion(bucket, arguments.key, arguments.version_id)
    if named.version_id:
        return named
    described = S3SourceFiles(deployed.client("s3")).describe(named)
    return described.object_version


def _results(deployed: stack.Stack) -> S3Results:
    return S3Results(deployed.client("s3"), deployed.output("TransactionResultsBucketName"))


def _processor(deployed: stack.Stack) -> LambdaProcessor:
    client = deployed.client("lambda", waits_for_function=True)
    return LambdaProcessor(client, deployed.output("TransactionProcessorFunctionName"))


def _keys(deployed: stack.Stack) -> Keyring:
    client = deployed.client("secretsmanager")
    with translated_errors("GetSecretValue"):
        answer = client.get_secret_value(SecretId=deployed.output("SecretsManagerSecretArn"))
    settings = parse_settings(json.loads(answer["SecretString"]))
    keys = settings.tokenization_keys
    return Keyring(settings.tokenization_key_id, keys, lambda: keys)


if __name__ == "__main__":
    sys.exit(main())
