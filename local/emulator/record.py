"""What of the template the emulator serves by a completion, and what it does not serve at all.

Written after every entry, so that a deployment that stops half-way still tells. The file is read
by the launcher, which prints the *not emulated* part after each deployment.
"""

import json
import threading
from pathlib import Path


class Record:
    """Completed and not emulated features; a list of entries for each, without repetitions."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._entries: dict[str, list[dict[str, str]]] = {"completed": [], "notEmulated": []}

    def completed(self, logical_id: str, resource_type: str, feature: str) -> None:
        """Note a feature that the emulator lacked and a completion serves."""
        self._note("completed", {"resource": logical_id, "type": resource_type, "feature": feature})

    def not_emulated(self, logical_id: str, resource_type: str, feature: str, why: str) -> None:
        """Note a feature that the template asks for and nothing here serves."""
        entry = {"resource": logical_id, "type": resource_type, "feature": feature, "why": why}
        self._note("notEmulated", entry)

    def _note(self, kind: str, entry: dict[str, str]) -> None:
        with self._lock:
            if entry in self._entries[kind]:
                return
            self._entries[kind].append(entry)
            self._file.write_text(json.dumps(self._entries, indent=2) + "\n", encoding="utf-8")
