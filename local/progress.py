"""What a person sees while waiting: one line for each step, and how long it took."""

import sys
import time

#: Between two lines in a log file, which nobody watches at every moment.
_NOTE_INTERVAL_S = 5.0


class Progress:
    """Steps on standard error, so that standard output holds the result alone."""

    def __init__(self) -> None:
        self._name: str | None = None
        self._started = 0.0
        self._noted = 0.0
        self._is_terminal = sys.stderr.isatty()

    def step(self, name: str) -> None:
        """Begin the next step, and end the one before."""
        self.end()
        self._name, self._started = name, time.monotonic()
        self._noted = self._started
        if self._is_terminal:
            print(f"  {name} ...", end="", file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        """Say how far the step is: over the same line on a terminal, elsewhere now and then."""
        if self._name is None:
            return
        if self._is_terminal:
            print(f"\r\x1b[K  {self._name} ... {text}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._noted > _NOTE_INTERVAL_S:
            self._noted = time.monotonic()
            print(f"           {self._name} ... {text}", file=sys.stderr, flush=True)

    def end(self) -> None:
        """End the step that runs, if any."""
        if self._name is None:
            return
        took = f"{time.monotonic() - self._started:5.1f} s"
        begin = "\r\x1b[K" if self._is_terminal else ""
        print(f"{begin}  {took}  {self._name}", file=sys.stderr, flush=True)
        self._name = None
