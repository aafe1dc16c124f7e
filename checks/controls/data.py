"""Data: what of a record is kept, in which form, and who holds the key to its tokens."""

from typing import Final

from checks.controls.model import Control, Json, Resources, Rule, Standards, Where, deny
from checks.controls.names import (
    EVERYBODY,
    FUNCTION_ROLE,
    OTHER_ACCOUNTS,
    PLAIN_HTTP,
    arn_of,
    checkov,
    guard,
    on_a_stack,
    unit,
)

_CONFIG: Final = "LambdaConfigSecret"
_CUSTODIAN: Final = (("KeyCustodianArn", "arn:aws:iam::123456789012:role/key-custodian"),)


def _keys_in_the_template(resources: Resources) -> list[str]:
    """Secrets whose text comes from the template instead of from Secrets Manager."""
    return [
        name
        for name, resource in resources.items()
        if resource["Type"] == "AWS::SecretsManager::Secret"
        and (
            "SecretString" in resource["Properties"]
            or "GenerateSecretString" not in resource["Properties"]
        )
    ]


_TABLES: Final = {
    "TransactionMetadataTable": "transaction-metadata",
    "FileLedgerTable": "file-ledger",
}
_NOT_THE_PROCESSOR: Final = {"ArnNotEquals": {"aws:PrincipalArn": FUNCTION_ROLE}}


def _of_a_table(table: str, sid: str, *actions: str, when: Json = None) -> Where:
    """A refusal in the policy of a table, by the names of DynamoDB's actions."""
    return Where(
        f"{table}/{sid}",
        deny(
            *(f"dynamodb:{action}" for action in actions),
            to=EVERYBODY,
            on=arn_of(f"dynamodb table/{_TABLES[table]}-${{EnvironmentSuffix}}"),
            when=when,
        ),
    )


def _of_the_secret(sid: str, *actions: str, when: Json) -> Json:
    return Where(f"{_CONFIG}Policy/{sid}", deny(*actions, to=EVERYBODY, on="*", when=when))


DATA: Final = (
    Control(
        id="DAT-1",
        title="The tokenisation key is generated, and in no template, log or environment",
        threat="Somebody reads the key where it should not be, and tries card numbers with it",
        standards=Standards(
            pci=("3.5.1.1", "8.6.2"),
            nist=("IA-5(7)", "SC-12"),
            security_hub=("SecretsManager.3",),
        ),
        where=(
            Where(f"{_CONFIG}.GenerateSecretString.GenerateStringKey", "tokenization_key"),
            Where(f"{_CONFIG}.GenerateSecretString.PasswordLength", 64),
            Where(f"{_CONFIG}.GenerateSecretString.ExcludePunctuation", True),
            Where(
                "TransactionProcessorFunction.Environment.Variables",
                {
                    "CONFIG_SECRET_ARN": f"${{{_CONFIG}}}",
                    "POWERTOOLS_SERVICE_NAME": "transaction-processor-${EnvironmentSuffix}",
                    "POWERTOOLS_METRICS_NAMESPACE": "TransactionProcessing",
                    "POWERTOOLS_LOG_LEVEL": "${LogLevel}",
                },
                words="where the secret is, and how to log",
            ),
        ),
        rules=(Rule("The text of a secret is generated, never written", _keys_in_the_template),),
        proof=(
            *unit(
                "template_defects_processing",
                "19_secret_holds_a_secret_and_exactly_what_the_function_reads",
                "19_an_update_that_changes_parameters_does_not_make_a_new_secret",
            ),
            *unit(
                "template_controls",
                "environment_is_exactly_how_to_find_the_secret_and_how_to_log",
            ),
            *unit("secret", "a_secret_that_is_no_json_is_invalid_and_never_printed"),
            *on_a_stack(
                "secret",
                "the_tokenisation_key_is_64_random_letters_and_digits",
                "the_tokenisation_key_is_in_no_template",
            ),
            *checkov(45),
            *guard(
                "secret_is_generated_and_never_written_down", "environment_holds_no_configuration"
            ),
        ),
    ),
    Control(
        id="DAT-2",
        title="A named custodian alone replaces the tokenisation key, and besides him only the "
        "processor reads it",
        threat="An administrator with a broad policy reads the key, or puts one of his own",
        standards=Standards(pci=("3.6.1", "3.7", "7.2.1"), nist=("AC-3", "AC-5", "AC-6")),
        where=(
            Where(f"{_CONFIG}Policy.SecretId", f"${{{_CONFIG}}}"),
            Where(f"{_CONFIG}Policy.BlockPublicPolicy", True),
            _of_the_secret("RefusePlainHttp", "secretsmanager:*", when=PLAIN_HTTP),
            _of_the_secret("RefuseOtherAccounts", "secretsmanager:*", when=OTHER_ACCOUNTS),
            Where(
                f"{_CONFIG}Policy/RefuseAllButProcessorAndCustodian",
                deny(
                    *("secretsmanager:DeleteSecret", "secretsmanager:GetSecretValue"),
                    *("secretsmanager:PutSecretValue", "secretsmanager:ReplicateSecretToRegions"),
                    *("secretsmanager:RotateSecret", "secretsmanager:UpdateSecret"),
                    "secretsmanager:UpdateSecretVersionStage",
                    to=EVERYBODY,
                    on="*",
                    when={
                        "ArnNotEquals": {"aws:PrincipalArn": [FUNCTION_ROLE, "${KeyCustodianArn}"]}
                    },
                ),
                _CUSTODIAN,
            ),
        ),
        proof=(
            *unit(
                "policy_queue_topic_secret",
                "secret_stays_in_the_account",
                "secret_is_read_by_processor_and_custodian_only",
            ),
            *guard("no_secret_is_resolved_into_the_stack"),
            *on_a_stack("secret", "the_secrets_own_policy_keeps_other_accounts_and_plain_http_out"),
        ),
    ),
    Control(
        id="DAT-3",
        title="No value of a record is written to logs, errors or metrics",
        threat="Who may read logs reads card and account numbers",
        standards=Standards(pci=("3.5.1",), nist=("AU-3", "SI-11")),
        proof=(
            *unit(
                "marked_values",
                "no_reason_tells_a_value",
                "no_format_tells_a_value",
                "no_failing_call_tells_a_value",
            ),
            *unit("marked_values_search", "one_leak_is_found_in_its_channel"),
            *unit("marked_values_services", "no_error_of_a_service_tells_what_it_quotes"),
            *unit(
                "marked_statements",
                "no_reply_is_told",
                "no_request_that_is_not_sent_or_answered_is_told",
            ),
            *unit(
                "marked_parts",
                "no_part_tells_a_value",
                "no_hand_over_tells_a_value",
                "no_failing_call_among_the_parts_tells_a_value",
            ),
            *unit(
                "marked_services_parts",
                "no_error_of_a_service_among_parts_tells_what_it_quotes",
            ),
            *unit(
                "marked_sweep",
                "no_sweep_tells_a_value",
                "no_file_that_vanishes_tells_a_value",
                "what_is_no_task_tells_no_value",
            ),
            *unit("adapters_telemetry", "no_value_of_a_record_is_written"),
            *unit("app", "an_unforeseen_error_is_told_by_its_type_and_place_never_by_its_text"),
            *unit("template_defects_processing", "16_events_are_not_logged"),
            *on_a_stack("log", "no_value_of_a_record_is_in_the_log"),
        ),
    ),
    Control(
        id="DAT-4",
        title="A stored transaction is changed by nobody",
        threat="A second file, compromised code or an administrator overwrites what was recorded",
        standards=Standards(nist=("AC-6", "SI-7")),
        where=(
            Where(
                "TransactionMetadataTable.KeySchema",
                [
                    {"AttributeName": "transactionId", "KeyType": "HASH"},
                    {"AttributeName": "timestamp", "KeyType": "RANGE"},
                ],
                words="transactionId and timestamp",
            ),
            Where(
                "FileLedgerTable.KeySchema",
                [
                    {"AttributeName": "fileId", "KeyType": "HASH"},
                    {"AttributeName": "entry", "KeyType": "RANGE"},
                ],
                words="fileId and entry",
            ),
            _of_a_table(
                *("TransactionMetadataTable", "RefuseChangesOfTransactions"),
                *("BatchWriteItem", "DeleteItem", "PartiQLDelete", "PartiQLUpdate"),
                *("PutItem", "UpdateItem"),
            ),
            _of_a_table(
                *("TransactionMetadataTable", "RefuseTransactionsOfAnybodyElse", "PartiQLInsert"),
                when=_NOT_THE_PROCESSOR,
            ),
        ),
        proof=(
            *unit("policy_tables", "transactions_are_inserted_by_the_processor_and_never_changed"),
            *on_a_stack("tables", "the_tables_own_policy_refuses_changes_to_everybody"),
            *unit(
                "template_defects_processing",
                "13_a_replay_finds_its_own_row_and_cannot_overwrite_one",
            ),
            *unit(
                "store", "other_content_under_the_same_identity_is_a_conflict_and_changes_nothing"
            ),
            *on_a_stack(
                "least_privilege", "the_functions_own_session_may_insert_by_partiql_but_not"
            ),
            *guard("transactions_are_identified_by_id_and_time"),
        ),
    ),
    Control(
        id="DAT-5",
        title="Tables answer this account only, over TLS only; the ledger is the processor's alone",
        threat="Somebody on the way, or of another account, reads items; or marks a file as done",
        standards=Standards(pci=("4.2.1", "7.2.1"), nist=("AC-3", "AC-6", "SC-8", "SI-7")),
        where=(
            *(
                _of_a_table(table, sid, "*", when=when)
                for table in _TABLES
                for sid, when in (
                    ("RefusePlainHttp", PLAIN_HTTP),
                    ("RefuseOtherAccounts", OTHER_ACCOUNTS),
                )
            ),
            _of_a_table(
                *("FileLedgerTable", "RefuseDeletionOfEntries"),
                *("BatchWriteItem", "DeleteItem", "PartiQLDelete"),
            ),
            _of_a_table(
                *("FileLedgerTable", "RefuseEntriesOfAnybodyElse"),
                *("PartiQLInsert", "PartiQLUpdate", "PutItem", "UpdateItem"),
                when=_NOT_THE_PROCESSOR,
            ),
        ),
        proof=(
            *unit(
                "policy_tables",
                "tables_answer_this_account_over_tls",
                "the_ledger_is_written_by_the_processor_only",
            ),
            *on_a_stack("tables", "the_tables_own_policy_refuses_changes_to_everybody"),
        ),
    ),
)
