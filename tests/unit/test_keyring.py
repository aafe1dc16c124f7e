"""Keys for tokens: those of the settings, and of the settings read again, once."""

from collections.abc import Mapping

import pytest

from processor.domain.card import TokenizationKey
from processor.errors import ConfigurationInvalid, ServiceUnavailable
from processor.keyring import Keyring

OLD, NEW = "o" * 32, "n" * 32


class Secret:
    """What is read again, and how often."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self.keys = keys
        self.read_count = 0

    def read(self) -> Mapping[str, str]:
        self.read_count += 1
        return self.keys


def test_a_known_key_is_given_without_reading_again() -> None:
    secret = Secret({})
    keyring = Keyring("k2", {"k1": OLD, "k2": NEW}, secret.read)

    assert keyring.current_id == "k2"
    assert keyring.key("k1") == TokenizationKey("k1", OLD.encode())
    assert keyring.key("k2") == TokenizationKey("k2", NEW.encode())
    assert secret.read_count == 0


def test_a_key_that_is_not_known_yet_is_read_past_the_cache() -> None:
    secret = Secret({"k1": OLD, "k2": NEW})
    keyring = Keyring("k1", {"k1": OLD}, secret.read)

    assert keyring.key("k2") == TokenizationKey("k2", NEW.encode())
    assert keyring.key("k2") == TokenizationKey("k2", NEW.encode())
    assert keyring.current_id == "k1"
    assert secret.read_count == 1


def test_a_key_that_nobody_has_is_named_and_asked_for_once() -> None:
    secret = Secret({"k1": OLD})
    keyring = Keyring("k1", {"k1": OLD}, secret.read)

    for _ in range(2):
        with pytest.raises(ConfigurationInvalid, match=r"holds no tokenisation key k0$"):
            keyring.key("k0")

    assert secret.read_count == 1


def test_a_reading_that_failed_is_tried_again() -> None:
    answers: list[Mapping[str, str] | Exception] = [ServiceUnavailable("throttled"), {"k2": NEW}]

    def read() -> Mapping[str, str]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    keyring = Keyring("k1", {"k1": OLD}, read)

    with pytest.raises(ServiceUnavailable):
        keyring.key("k2")
    assert keyring.key("k2") == TokenizationKey("k2", NEW.encode())


def test_a_key_stays_what_it_was_when_the_invocation_began() -> None:
    keyring = Keyring("k1", {"k1": OLD}, Secret({"k1": NEW, "k2": NEW}).read)
    keyring.key("k2")

    assert keyring.key("k1") == TokenizationKey("k1", OLD.encode())
