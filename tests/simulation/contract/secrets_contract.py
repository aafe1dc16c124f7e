"""What a Secrets Manager client must do, by the API reference.

Needs the fixtures `client`, `secret` (the ARN of a secret with the text `first`) and `put`, which
gives that secret another text.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.simulation.contract.answers import refusal

type Put = Callable[[str], None]

NOT_FOUND = ("ResourceNotFoundException", 400)


class SecretsContract:
    """GetSecretValue."""

    def test_the_current_text_is_read(self, client: Any, secret: str) -> None:
        answer = client.get_secret_value(SecretId=secret)

        assert (answer["ARN"], answer["SecretString"]) == (secret, "first")
        assert answer["VersionStages"] == ["AWSCURRENT"]

    def test_the_text_before_is_read_by_its_stage_or_version(
        self, client: Any, secret: str, put: Put
    ) -> None:
        before = client.get_secret_value(SecretId=secret)["VersionId"]

        put("second")

        current = client.get_secret_value(SecretId=secret)
        assert (current["SecretString"], current["VersionId"] != before) == ("second", True)
        for named in ({"VersionStage": "AWSPREVIOUS"}, {"VersionId": before}):
            previous = client.get_secret_value(SecretId=secret, **named)
            assert (previous["SecretString"], previous["VersionId"]) == ("first", before)
            assert previous["VersionStages"] == ["AWSPREVIOUS"]

    def test_the_last_but_one_text_has_no_stage(self, client: Any, secret: str, put: Put) -> None:
        put("second")
        put("third")

        previous = client.get_secret_value(SecretId=secret, VersionStage="AWSPREVIOUS")

        assert previous["SecretString"] == "second"


class AbsentSecretsContract:
    """GetSecretValue of what is not there, which moto answers with 404, and AWS with 400."""

    @pytest.mark.parametrize(
        "named",
        [
            {"VersionStage": "AWSPREVIOUS"},
            {"VersionId": "00000000-0000-4000-8000-00000000abcd"},
        ],
    )
    def test_what_never_was_is_not_found(
        self, client: Any, secret: str, named: dict[str, str]
    ) -> None:
        assert refusal(client.get_secret_value, SecretId=secret, **named) == NOT_FOUND

    def test_an_absent_secret_is_not_found(self, client: Any, secret: str) -> None:
        assert refusal(client.get_secret_value, SecretId=f"{secret}-absent") == NOT_FOUND
