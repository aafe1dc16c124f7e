"""Ways to break the stack, each with the rule of `checks/rules` that must see it.

A rule that no break here fails is one that nobody has seen fail.
"""

from typing import Final

from checks.breaks import audit, composition, encryption, function, network, retention, storage
from checks.breaks.model import Break

BREAKS: Final = (
    *composition.BREAKS,
    *retention.BREAKS,
    *encryption.BREAKS,
    *network.BREAKS,
    *storage.BREAKS,
    *function.BREAKS,
    *audit.BREAKS,
)

__all__ = ["BREAKS", "Break"]
