"""Dynamic references of CloudFormation, `{{resolve:...}}`, wherever a deployment holds them.

CloudFormation puts the value in when it deploys: that of a secret then stands in an output, in a
function's settings or in a tag, for everybody who may describe the stack or the resource.
"""

from collections.abc import Iterator
from typing import Any, Final

type Json = Any  # a part of a template

# Also an opening that is completed by parts which are known only when it is deployed.
_OPENING: Final = "{{"


def with_references(deployment: Json) -> Json:
    """The deployment with the places of its references as `Metadata.DynamicReferences`.

    cfn-guard cannot look into values of unknown depth, so that it is shown where they stand.
    """
    return {**deployment, "Metadata": {"DynamicReferences": sorted(places(deployment, ""))}}


def places(value: Json, path: str) -> Iterator[str]:
    """Paths below `path` of texts that hold a reference, and of joins that make one."""
    match value:
        case str() if _OPENING in value:
            yield path
        case {"Fn::Join": [str(delimiter), list(parts)]} if _OPENING in delimiter.join(
            part if isinstance(part, str) else "" for part in parts
        ):
            yield path
        case dict():
            for key, item in value.items():
                yield from places(key, path)
                yield from places(item, f"{path}/{key}")
        case list():
            for number, item in enumerate(value):
                yield from places(item, f"{path}/{number}")
