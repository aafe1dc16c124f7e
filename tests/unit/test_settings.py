"""Settings: all from the secret, fail closed, and going on for a while when it cannot be read."""

from dataclasses import dataclass, field, fields

import pytest

from processor.errors import ConfigurationInvalid, ServiceRefused, ServiceUnavailable
from processor.settings import STALE_SECONDS_MAX, Settings, SettingsSource, parse_settings

SECRET = {
    "database_table": "transaction-metadata-dev",
    "file_ledger_table": "file-ledger-dev",
    "data_bucket": "transaction-data-dev",
    "results_bucket": "transaction-results-dev",
    "encryption_key_id": "key",
    "encryption_key_arn": "arn:aws:kms:eu-central-1:123456789012:key/key",
    "environment": "dev",
    "tokenization_key_id": "k1",
    "tokenization_key": "s3cr3t" * 8,
}
OPTIONAL = {"previous_tokenization_keys", "part_bytes"}
NEEDED = [one.name for one in fields(Settings) if one.name not in OPTIONAL]
ENVIRONMENT = {"CONFIG_SECRET_ARN": "arn:secret"}


@dataclass
class World:
    """A secret that answers, or does not, and a clock that the test moves."""

    answer: object = field(default_factory=lambda: dict(SECRET))
    failure: Exception | None = None
    seconds: float = 50_000.0
    asked: list[str] = field(default_factory=list)
    past_cache: list[bool] = field(default_factory=list)

    def read(self, secret_arn: str, *, past_cache: bool = False) -> object:
        self.past_cache.append(past_cache)
        self.asked.append(secret_arn)
        if self.failure:
            raise self.failure
        return self.answer

    def source(self, environment: dict[str, str] | None = None) -> SettingsSource:
        return SettingsSource(
            ENVIRONMENT if environment is None else environment, self.read, lambda: self.seconds
        )


def test_settings_are_the_secret_s_values_and_other_keys_are_left_out() -> None:
    settings = parse_settings(SECRET)

    assert settings == Settings(*[SECRET[name] for name in NEEDED])  # type: ignore[arg-type]  # One has another type, and a default.
    assert "s3cr3t" not in repr(settings)


def test_the_size_of_a_part_may_be_set() -> None:
    assert parse_settings(SECRET | {"part_bytes": 65536}).part_bytes == 65536
    assert parse_settings(SECRET).part_bytes is None


@pytest.mark.parametrize("size", ["65536", 65535, 1024**3 + 1, 0, -1, True, 1e6, [], {}])
def test_a_size_of_a_part_that_cannot_be_is_refused(size: object) -> None:
    with pytest.raises(ConfigurationInvalid, match=r"part_bytes is no whole number from 65536 to"):
        parse_settings(SECRET | {"part_bytes": size})


@pytest.mark.parametrize("secret", [None, "text", 1, [], [SECRET]])
def test_a_secret_that_is_no_object_is_refused(secret: object) -> None:
    with pytest.raises(ConfigurationInvalid, match="no JSON object"):
        parse_settings(secret)


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("value", [None, "", 1, ["x"]])
def test_a_missing_setting_is_named_and_no_value_is(name: str, value: object) -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        parse_settings(SECRET | {name: value})

    assert str(caught.value) == f"the secret lacks {name}"


def test_all_missing_settings_are_named_at_once() -> None:
    with pytest.raises(ConfigurationInvalid, match="lacks database_table, file_ledger_table, "):
        parse_settings({})


@pytest.mark.parametrize("environment", [{}, {"CONFIG_SECRET_ARN": ""}])
def test_without_a_named_secret_nothing_is_read(environment: dict[str, str]) -> None:
    world = World()
    source = world.source(environment)

    with pytest.raises(ConfigurationInvalid, match="CONFIG_SECRET_ARN"):
        source.current()

    assert world.asked == []


def test_the_secret_that_the_environment_names_is_read() -> None:
    world = World()

    settings = world.source().current()

    assert settings == parse_settings(SECRET)
    assert world.asked == ["arn:secret"]


def test_a_changed_secret_changes_the_settings() -> None:
    world = World()
    source = world.source()
    source.current()
    world.answer = SECRET | {"environment": "prod"}

    assert source.current().environment == "prod"


@pytest.mark.parametrize("failure", [ServiceUnavailable("throttled"), ServiceRefused("missing")])
def test_a_first_reading_that_fails_fails_closed(failure: Exception) -> None:
    world = World(failure=failure)
    source = world.source()

    with pytest.raises(type(failure), match=str(failure)):
        source.current()


def test_earlier_settings_serve_for_an_hour_while_the_secret_is_unavailable() -> None:
    world = World()
    source = world.source()
    settings = source.current()
    world.failure = ServiceUnavailable("throttled")
    world.seconds += STALE_SECONDS_MAX - 1

    assert source.current() == settings


def test_earlier_settings_serve_no_longer_than_that() -> None:
    world = World()
    source = world.source()
    source.current()
    world.failure = ServiceUnavailable("throttled")
    world.seconds += STALE_SECONDS_MAX

    with pytest.raises(ServiceUnavailable, match="throttled"):
        source.current()


def test_each_reading_starts_the_hour_again() -> None:
    world = World()
    source = world.source()
    source.current()
    world.seconds += STALE_SECONDS_MAX
    source.current()
    world.failure = ServiceUnavailable("throttled")
    world.seconds += STALE_SECONDS_MAX - 1

    assert source.current() == parse_settings(SECRET)


@pytest.mark.parametrize(
    "failure", [ServiceRefused("AccessDeniedException"), ConfigurationInvalid("no JSON")]
)
def test_earlier_settings_do_not_serve_when_waiting_cannot_help(failure: Exception) -> None:
    world = World()
    source = world.source()
    source.current()
    world.failure = failure

    with pytest.raises(type(failure), match=str(failure)):
        source.current()


def test_earlier_settings_do_not_serve_when_the_secret_became_invalid() -> None:
    world = World()
    source = world.source()
    source.current()
    world.answer = {}

    with pytest.raises(ConfigurationInvalid, match="lacks"):
        source.current()


PREVIOUS = {"k0": "previous" * 4}


def test_keys_that_were_current_before_are_kept_and_never_printed() -> None:
    settings = parse_settings(SECRET | {"previous_tokenization_keys": PREVIOUS})

    assert settings.tokenization_keys == {**PREVIOUS, "k1": SECRET["tokenization_key"]}
    assert "previous" * 4 not in repr(settings)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tokenization_key_id": "K1"}, "tokenization_key_id is not"),
        ({"tokenization_key_id": "k" * 17}, "tokenization_key_id is not"),
        ({"tokenization_key_id": "k.1"}, "tokenization_key_id is not"),
        ({"tokenization_key": "s3cr3t" * 5}, "tokenization_key is no text of 32"),
        ({"previous_tokenization_keys": []}, "previous_tokenization_keys is no JSON object"),
        ({"previous_tokenization_keys": None}, "previous_tokenization_keys is no JSON object"),
        ({"previous_tokenization_keys": {"s3cr3t" * 6: "k0"}}, "an id in the secret's previous"),
        ({"previous_tokenization_keys": {"k0": "s3cr3t"}}, r"keys\.k0 is no text of 32"),
        ({"previous_tokenization_keys": {"k0": 1}}, r"keys\.k0 is no text of 32"),
        ({"previous_tokenization_keys": {"k1": "s3cr3t" * 8}}, "k1 is also in its previous"),
    ],
)
def test_keys_that_cannot_be_used_are_refused_and_no_value_is_named(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigurationInvalid, match=message) as caught:
        parse_settings(SECRET | change)

    assert "s3cr3t" not in str(caught.value)


def test_settings_are_read_again_past_the_cache() -> None:
    world = World()
    source = world.source()
    source.current()
    world.answer = SECRET | {"previous_tokenization_keys": PREVIOUS}

    again = source.read_again()

    assert again.previous_tokenization_keys == PREVIOUS
    assert source.current() == again
    assert world.past_cache == [False, True, False]


def test_earlier_settings_do_not_serve_when_they_lack_something() -> None:
    world = World()
    source = world.source()
    source.current()
    world.failure = ServiceUnavailable("throttled")

    with pytest.raises(ServiceUnavailable, match="throttled"):
        source.read_again()
