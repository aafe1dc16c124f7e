"""What a million transactions cost, by what was measured.

Prices of us-east-1 in dollars. Sources: https://aws.amazon.com/dynamodb/pricing/on-demand/,
https://aws.amazon.com/lambda/pricing/, https://aws.amazon.com/s3/pricing/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.runs import Run

MEMORY_MB: Final = 1769
"""FunctionMemoryMb of the template: one full processor."""

WRITE_UNIT: Final = 0.625e-6
READ_UNIT: Final = 0.125e-6
S3_PUT: Final = 0.005e-3
S3_GET: Final = 0.0004e-3
INVOCATION: Final = 0.20e-6
GB_SECOND: Final[Mapping[str, float]] = {"x86_64": 0.0000166667, "arm64": 0.0000133334}
_PUTS: Final = ("PutObject", "ListObjectsV2")
_GETS: Final = ("GetObject", "HeadObject")


@dataclass(frozen=True)
class Cost:
    """Dollars for a million transactions, by what is paid for; Lambda on x86_64 and arm64."""

    dynamodb: float
    s3: float
    x86_64: float
    arm64: float

    @property
    def total(self) -> float:
        """On x86_64, the template's default."""
        return self.dynamodb + self.s3 + self.x86_64

    @property
    def total_arm64(self) -> float:
        """The same on arm64."""
        return self.dynamodb + self.s3 + self.arm64


def cost_of(run: Run) -> Cost:
    """Of a million transactions in files as the one that was run."""
    millions = 1e6 / run.rows
    puts = sum(run.requests.get(name, 0) for name in _PUTS)
    gets = sum(run.requests.get(name, 0) for name in _GETS)
    gb_seconds = run.seconds * MEMORY_MB / 1024
    lambdas = {name: INVOCATION + gb_seconds * price for name, price in GB_SECOND.items()}
    return Cost(
        (run.write_units * WRITE_UNIT + run.read_units * READ_UNIT) * millions,
        (puts * S3_PUT + gets * S3_GET) * millions,
        lambdas["x86_64"] * millions,
        lambdas["arm64"] * millions,
    )
