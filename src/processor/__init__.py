"""The transaction processor: an S3 notification in, a receipt out."""

from typing import Final

VERSION: Final = "0.1.0"
SOFTWARE: Final = f"transaction-processor {VERSION}"
"""Named in every receipt, so that a verdict can be traced to the code that gave it."""
