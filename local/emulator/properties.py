"""A resource's properties, which know what of them was looked at.

A template may grow, and MiniStack's handlers simply do not look at what they do not serve. So what
nobody looked at is what is not emulated, down to the last level: `GenerateSecretString` may be read
and its `ExcludePunctuation` not.
"""

from collections.abc import ItemsView, Iterator, ValuesView
from typing import Any


class ReadProperties(dict[str, Any]):
    """A mapping of properties that remembers which were asked for, nested ones too.

    Whoever walks over a mapping, or turns it into text, has seen all of it.
    """

    def __init__(self, properties: dict[str, Any]) -> None:
        super().__init__({name: _watched(value) for name, value in properties.items()})
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """As of any mapping."""
        self.read.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.read.add(str(name))
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self.see_everything()
        return super().__iter__()

    # The views of dict itself cannot be made.
    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
        """As of any mapping."""
        self.see_everything()
        return super().items()

    # The views of dict itself cannot be made.
    def values(self) -> ValuesView[Any]:  # type: ignore[override]
        """As of any mapping."""
        self.see_everything()
        return super().values()

    def unread(self) -> list[str]:
        """Paths of what is set and was never asked for, such as `Rules.Transitions`, sorted."""
        found: set[str] = set()
        for name in dict.keys(self):
            value = dict.__getitem__(self, name)
            if name not in self.read:
                found.add(name)
                continue
            for part in _mappings(value):
                found.update(f"{name}.{path}" for path in part.unread())
        return sorted(found)

    def see_everything(self) -> None:
        """Count all of it as read: for who keeps the mapping as it is."""
        for name in dict.keys(self):
            self.read.add(name)
            for part in _mappings(dict.__getitem__(self, name)):
                part.see_everything()


def _watched(value: Any) -> Any:
    if isinstance(value, dict):
        return ReadProperties(value)
    if isinstance(value, list):
        return [_watched(element) for element in value]
    return value


def _mappings(value: Any) -> Iterator[ReadProperties]:
    if isinstance(value, ReadProperties):
        yield value
    elif isinstance(value, list):
        for element in value:
            yield from _mappings(element)
