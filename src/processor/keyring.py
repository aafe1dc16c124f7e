"""The keys for tokens of card numbers, as the configuration holds them."""

from collections.abc import Callable, Mapping

from processor.domain.card import TokenizationKey
from processor.errors import ConfigurationInvalid

type KeyTexts = Mapping[str, str]
"""Key id -> key, the current one and those before it."""


class Keyring:
    """One invocation's keys. A container's settings may be minutes older than a rotation.

    Another container may have registered a file, or stored a transaction, under a key that this one
    has not heard of yet: then the configuration is read again, once, past every cache.

    Args:
        current_id: Id of the current key.
        keys: All keys.
        read_again: Gives the keys as they are now.
    """

    def __init__(self, current_id: str, keys: KeyTexts, read_again: Callable[[], KeyTexts]) -> None:
        self.current_id = current_id
        self._keys = _as_keys(keys)
        self._read_again: Callable[[], KeyTexts] | None = read_again

    def key(self, key_id: str) -> TokenizationKey:
        """See TokenizationKeys. Raises also what reading the configuration raises."""
        if key_id not in self._keys and self._read_again:
            self._keys = _as_keys(self._read_again()) | self._keys
            # Not before: a reading that failed may be tried again.
            self._read_again = None
        if key_id not in self._keys:
            raise ConfigurationInvalid(f"the secret holds no tokenisation key {key_id}")
        return self._keys[key_id]


def _as_keys(keys: KeyTexts) -> dict[str, TokenizationKey]:
    return {key_id: TokenizationKey(key_id, text.encode()) for key_id, text in keys.items()}
