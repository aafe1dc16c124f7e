"""Tokenization keys that are what they were when their first token was made."""

from processor.backoff import Backoff
from processor.domain.card import TokenizationKey
from processor.errors import ConfigurationInvalid
from processor.ledger_ports import FileLedger
from processor.ports import TokenizationKeys


class ProvenKeys:
    """Keys whose every use the ledger vouches for.

    An id that means another key than before would give a known card a new token, silently: the
    same transaction sent again would be a conflict. CloudFormation does just that to a secret whose
    template text changes. So the ledger keeps a check value of each key from its first use on.

    Args:
        keys: As the configuration holds them.
        ledger: Keeps the check values.
        backoff: For calls that must be tried again.
    """

    def __init__(self, keys: TokenizationKeys, ledger: FileLedger, backoff: Backoff) -> None:
        self._keys = keys
        self._ledger = ledger
        self._backoff = backoff
        self._proven: dict[str, TokenizationKey] = {}

    @property
    def current_id(self) -> str:
        """See TokenizationKeys."""
        return self._keys.current_id

    def key(self, key_id: str) -> TokenizationKey:
        """See TokenizationKeys. Raises ConfigurationInvalid also for a key that was exchanged."""
        if key_id not in self._proven:
            key = self._keys.key(key_id)
            if self._backoff.call(self._ledger.pin_key, key_id, key.check_value) != key.check_value:
                raise ConfigurationInvalid(
                    f"the secret's tokenisation key {key_id} is not the one that tokens were made "
                    "with: restore that one, and give the new one an id of its own"
                )
            self._proven[key_id] = key
        return self._proven[key_id]
