"""Paginators: one call a page, as boto3's."""

from collections.abc import Callable, Iterator
from typing import Any


class Pages:
    """The pages of one list.

    Args:
        call: The client's method.
        markers: Member of a reply -> parameter of the next call.
        size: The parameter that limits a page.
    """

    def __init__(
        self, call: Callable[..., dict[str, Any]], markers: dict[str, str], size: str
    ) -> None:
        self._call = call
        self._markers = markers
        self._size = size

    def paginate(self, **parameters: Any) -> Iterator[dict[str, Any]]:
        """The replies, one after the other, until one names no next.

        Of PaginationConfig, `PageSize` is obeyed.
        """
        config = parameters.pop("PaginationConfig", {})
        if config.keys() - {"PageSize"}:
            raise NotImplementedError(f"not simulated: {sorted(config)}")
        if "PageSize" in config:
            parameters[self._size] = config["PageSize"]
        while True:
            page = self._call(**parameters)
            yield page
            following = {
                parameter: page[member]
                for member, parameter in self._markers.items()
                if page.get(member) is not None
            }
            if not following:
                return
            for parameter in self._markers.values():
                parameters.pop(parameter, None)
            parameters |= following
