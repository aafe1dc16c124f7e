"""samconfig.toml and events/: what `sam` is told really reaches it."""

import importlib
import json
import re
import shlex
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests.support.template import Json, source

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "build": "samcli.commands.build.command",
    "deploy": "samcli.commands.deploy.command",
    "local_invoke": "samcli.commands.local.invoke.cli",
    "validate": "samcli.commands.validate.validate",
}
ENVIRONMENTS = ["default", "prod"]


@cache
def config() -> Json:
    return tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))


def event(name: str) -> Json:
    return json.loads((ROOT / "events" / f"{name}.json").read_text(encoding="utf-8"))


def overrides(environment: str) -> dict[str, str]:
    """Parameter overrides of an environment; `sam deploy --guided` saves them as one string."""
    given = config()[environment]["deploy"]["parameters"]["parameter_overrides"]
    words = shlex.split(given) if isinstance(given, str) else given
    return dict(word.split("=", maxsplit=1) for word in words)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_key_is_an_option_of_its_command(environment: str, command: str) -> None:
    cli = importlib.import_module(COMMANDS[command]).cli
    options = {option.name for option in cli.params}

    assert config()[environment][command].keys() == {"parameters"}
    assert config()[environment][command]["parameters"].keys() <= options


def test_there_are_two_environments_and_each_is_complete() -> None:
    # `sam deploy --guided` adds a table of its own, "global".
    assert config().keys() >= {"version", *ENVIRONMENTS}
    for environment in ENVIRONMENTS:
        assert config()[environment].keys() - {"global"} == COMMANDS.keys()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_overrides_name_parameters_within_their_limits(environment: str) -> None:
    for name, value in overrides(environment).items():
        parameter = source()["Parameters"][name]
        if "AllowedValues" in parameter:
            assert value in map(str, parameter["AllowedValues"])
        if "AllowedPattern" in parameter:
            assert re.search(parameter["AllowedPattern"], value)


def test_environments_share_no_name() -> None:
    default, prod = (config()[name]["deploy"]["parameters"] for name in ENVIRONMENTS)

    assert default["stack_name"] != prod["stack_name"]
    assert default["s3_prefix"] != prod["s3_prefix"]
    assert overrides("default")["EnvironmentSuffix"] != overrides("prod")["EnvironmentSuffix"]


def test_prod_locks_its_audit_files_and_rolls_a_failed_update_back() -> None:
    assert overrides("prod")["AuditObjectLockMode"] == "COMPLIANCE"
    assert int(overrides("prod")["AuditObjectLockDays"]) >= 365
    assert config()["prod"]["deploy"]["parameters"]["disable_rollback"] is False


def test_local_event_names_the_default_bucket_and_pins_no_version() -> None:
    [record] = event("s3_put")["Records"]

    assert record["s3"]["bucket"]["name"] == "transaction-data-000000000000-dev"
    assert record["s3"]["object"].keys() == {"key", "sequencer"}
    assert record["s3"]["object"]["key"] == "transactions.csv"


def test_event_in_sqs_is_the_event_itself() -> None:
    [message] = event("sqs_wrapped_s3_put")["Records"]

    assert json.loads(message["body"]) == event("s3_put_version")
