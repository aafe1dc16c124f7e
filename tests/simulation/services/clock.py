"""The time of the services."""

from collections.abc import Callable
from datetime import datetime

type Clock = Callable[[], datetime]
"""The simulated time, aware, in UTC."""
