"""No search for garbage while the function starts: it would take an eighth of the time, in vain.

Modules, models of services and clients stay as long as the process does. So they are left out
of all later searches too. The entry point imports this before all else, and this imports nothing.

Source: https://docs.python.org/3/library/gc.html#gc.freeze
"""

import gc

_WAS_ENABLED = gc.isenabled()
gc.disable()


def all_is_imported() -> None:
    """To be called behind the last import: from here on garbage is looked for as before."""
    gc.freeze()
    if _WAS_ENABLED:
        gc.enable()


class WhatStays:
    """Within it no garbage is looked for; what was made in it is not looked at any more."""

    def __enter__(self) -> None:
        self._was_enabled = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        gc.freeze()
        if self._was_enabled:
            gc.enable()
