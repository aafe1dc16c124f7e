# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""Completing CloudFormation: what its handlers reject or drop is set through the services' API.

A completion runs right after MiniStack's own handler, or instead of one, with the resource's
resolved properties. Whatever property neither of them reads is recorded as *not emulated*: a
template may grow, and nothing that it asks for is dropped without a word.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ministack.services.cloudformation import provisioners, stacks

from local.emulator.properties import ReadProperties
from local.emulator.record import Record
from local.emulator.service import Clients

Properties = dict[str, Any]
Attributes = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where in a template a resource stands."""

    resource_type: str
    logical_id: str
    stack_name: str


class Resource:
    """One resource while it is being completed."""

    def __init__(
        self,
        aws: Clients,
        record: Record,
        place: Place,
        physical_id: str,
        properties: ReadProperties,
    ) -> None:
        self.aws = aws
        self.place = place
        self.physical_id = physical_id
        self.properties = properties
        self._record = record

    def completed(self, feature: str) -> None:
        """Note what a completion has just set."""
        self._record.completed(self.place.logical_id, self.place.resource_type, feature)

    def not_emulated(self, feature: str, why: str) -> None:
        """Note what the template asks for in vain."""
        self._record.not_emulated(self.place.logical_id, self.place.resource_type, feature, why)


#: Sets what MiniStack's handler dropped; answers attributes to add for Fn::GetAtt, and may put
#: right the resource's physical id, which is what Ref answers.
Completion = Callable[[Resource], Attributes]
#: Makes a resource of a type that MiniStack rejects; answers (physical id, attributes).
Creation = Callable[[Resource], tuple[str, Attributes]]
#: Removes it again; takes the clients, the physical id and the properties.
Deletion = Callable[[Clients, str, Properties], None]


class Completions:
    """All completions; installs them as MiniStack's handlers."""

    def __init__(self, record: Record, aws: Clients) -> None:
        self._record = record
        self._aws = aws
        self._after: dict[str, Completion] = {}
        self._instead: dict[str, tuple[Creation, Deletion]] = {}

    def after(self, resource_type: str, completion: Completion) -> None:
        """Complete a type that MiniStack makes with something missing."""
        self._after[resource_type] = completion

    def instead(self, resource_type: str, creation: Creation, deletion: Deletion) -> None:
        """Make a type that MiniStack rejects. `creation` also serves updates: it must replace."""
        self._instead[resource_type] = (creation, deletion)

    def install(self) -> None:
        """Replace the handlers, and run the completed ones where they may call the emulator."""
        handlers = provisioners._RESOURCE_HANDLERS
        for resource_type in list(handlers):
            # Types without a completion are wrapped too: for the record of unread properties.
            if "create" in handlers[resource_type]:
                self._wrap(handlers[resource_type], resource_type)
        for resource_type, (creation, deletion) in self._instead.items():
            handlers[resource_type] = self._handler(resource_type, creation, deletion)
        blocking = {*self._after, *self._instead}
        original = stacks._runs_on_worker_thread

        def runs_on_worker_thread(resource_type: str) -> bool:
            return resource_type in blocking or bool(original(resource_type))

        stacks._runs_on_worker_thread = runs_on_worker_thread

    def _wrap(self, handler: dict[str, Any], resource_type: str) -> None:
        original_create = handler["create"]
        original_update = handler.get("update")
        update_takes_logical_id = handler.get("update_with_logical_id", False)

        def create(
            logical_id: str, properties: Properties, stack_name: str
        ) -> tuple[str, Attributes]:
            watched = ReadProperties(properties)
            made = original_create(logical_id, watched, stack_name)
            return self._complete(Place(resource_type, logical_id, stack_name), watched, *made)

        handler["create"] = create
        if original_update is None:
            return

        def update(
            physical_id: str,
            old: Properties,
            new: Properties,
            stack_name: str,
            logical_id: str | None = None,
        ) -> tuple[str, Attributes]:
            watched = ReadProperties(new)
            named = (logical_id,) if update_takes_logical_id else ()
            made = original_update(physical_id, old, watched, stack_name, *named)
            place = Place(resource_type, logical_id or physical_id, stack_name)
            for name in sorted(set(old) - set(new)):
                self._note_unset(place, name)
            return self._complete(place, watched, *made)

        handler.update(update=update, update_with_logical_id=True)

    def _note_unset(self, place: Place, name: str) -> None:
        if place.resource_type in self._after:
            why = "a completion sets properties, but takes none back when an update drops it"
            self._record.not_emulated(place.logical_id, place.resource_type, name, why)

    def _complete(
        self, place: Place, properties: ReadProperties, physical_id: str, attributes: Attributes
    ) -> tuple[str, Attributes]:
        completion = self._after.get(place.resource_type)
        resource = Resource(self._aws, self._record, place, physical_id, properties)
        if completion:
            attributes = {**attributes, **completion(resource)}
        _note_unread(resource)
        return resource.physical_id, attributes

    def _handler(
        self, resource_type: str, creation: Creation, deletion: Deletion
    ) -> dict[str, Any]:
        def create(
            logical_id: str, properties: Properties, stack_name: str
        ) -> tuple[str, Attributes]:
            place = Place(resource_type, logical_id, stack_name)
            watched = ReadProperties(properties)
            resource = Resource(self._aws, self._record, place, "", watched)
            made = creation(resource)
            resource.completed("the whole resource")
            _note_unread(resource)
            return made

        def update(
            physical_id: str,
            old: Properties,
            new: Properties,
            stack_name: str,
            logical_id: str | None = None,
        ) -> tuple[str, Attributes]:
            deletion(self._aws, physical_id, old)
            return create(logical_id or physical_id, new, stack_name)

        def delete(physical_id: str, properties: Properties) -> None:
            deletion(self._aws, physical_id, properties)

        return {
            "create": create,
            "update": update,
            "update_with_logical_id": True,
            "delete": delete,
        }


def _note_unread(resource: Resource) -> None:
    for name in resource.properties.unread():
        resource.not_emulated(name, "no part of the emulator reads this property")
