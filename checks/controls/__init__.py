"""The control matrix as data: what is promised, where the template keeps it, what proves it.

`docs/security.md` is generated from here (`python -m checks.controls --write`), the unit tests hold
the template to it, and the mutation run breaks each place that it names.
"""

from typing import Final

from checks.controls.audit import AUDIT
from checks.controls.audit_files import AUDIT_FILES
from checks.controls.cards import CARDS
from checks.controls.data import DATA
from checks.controls.detection import DETECTION
from checks.controls.encryption import ENCRYPTION
from checks.controls.key_policy import KEY_POLICY
from checks.controls.model import Control
from checks.controls.network import NETWORK
from checks.controls.resilience import RESILIENCE
from checks.controls.results import RESULTS
from checks.controls.rights import RIGHTS
from checks.controls.roles import ROLES
from checks.controls.safeguards import SAFEGUARDS
from checks.controls.security_groups import SECURITY_GROUPS
from checks.controls.storage import STORAGE
from checks.controls.trail_events import TRAIL_EVENTS

_GROUPS: Final[dict[str, tuple[Control, ...]]] = {
    "Data": DATA,
    "Card data": CARDS,
    "Encryption": ENCRYPTION + KEY_POLICY,
    "Storage": STORAGE + RESULTS,
    "Network": NETWORK + SECURITY_GROUPS,
    "Rights": RIGHTS + ROLES,
    "Audit": AUDIT + AUDIT_FILES,
    "Detection": DETECTION + TRAIL_EVENTS + SAFEGUARDS,
    "Resilience": RESILIENCE,
}
GROUPS: Final = {
    name: tuple(sorted(controls, key=lambda control: int(control.id.partition("-")[2])))
    for name, controls in _GROUPS.items()
}
"""Group -> its controls, in the order of their numbers."""

CONTROLS: Final = tuple(control for controls in GROUPS.values() for control in controls)
