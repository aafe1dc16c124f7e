"""What happened in a simulated run, step by step, for a person who must find out why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

TEXT_MAX: Final = 110
STEPS_SHOWN_MAX: Final = 2000


class Step(NamedTuple):
    """One line.

    Args:
        seconds: Virtual time.
        delivery: Of which delivery; 0 for the world itself.
        what: A call's service and operation, or what the world does.
        parameters: The call's.
        fault: What went wrong.
        outcome: What came of it.
    """

    seconds: float
    delivery: int
    what: str
    parameters: Mapping[str, Any] | None
    fault: str
    outcome: str

    def line(self, number: int) -> str:
        """The step as one line of text."""
        who = f"#{self.delivery}" if self.delivery else "world"
        shown = _short(self.parameters) if self.parameters else ""
        fault = f"  !! {self.fault}" if self.fault else ""
        outcome = f"  -> {self.outcome}" if self.outcome else ""
        return f"{number:5} {self.seconds:10.3f}s {who:>6} {self.what} {shown}{fault}{outcome}"


@dataclass
class Trace:
    """The steps of one run."""

    steps: list[Step] = field(default_factory=list)

    def add(
        self,
        seconds: float,
        delivery: int,
        what: str,
        parameters: Mapping[str, Any] | None = None,
        told: tuple[str, str] = ("", ""),
    ) -> None:
        """Adds a step; `told` are the fault and the outcome."""
        self.steps.append(Step(seconds, delivery, what, parameters, *told))

    def text(self) -> str:
        """All steps, one a line; of a very long run the last ones."""
        first = max(0, len(self.steps) - STEPS_SHOWN_MAX)
        return "\n".join(
            step.line(number) for number, step in enumerate(self.steps[first:], first + 1)
        )


def _short(parameters: Mapping[str, Any]) -> str:
    """What tells calls apart: names and keys, never whole bodies."""
    shown = []
    for name, value in parameters.items():
        if name in ("Key", "Range", "VersionId", "IfNoneMatch", "Bucket"):
            shown.append(f"{name}={_plain(value)}")
        elif name == "Statements":
            ids = [str(one["Parameters"][0].get("S", "")) for one in value]
            shown.append(f"{len(value)} rows: {','.join(ids)}")
        elif name == "Body":
            shown.append(f"{len(value)} bytes")
    text = " ".join(shown)
    return text if len(text) <= TEXT_MAX else f"{text[:TEXT_MAX]}…"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return "/".join(str(next(iter(typed.values()))) for typed in value.values())
    return str(value)
