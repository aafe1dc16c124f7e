"""Formats: each turns bytes into numbered raw records, and knows nothing of rules or stores."""

from processor.formats.recognise import (
    Compression,
    Format,
    OpenStream,
    Reading,
    open_part,
    open_records,
)

__all__ = ["Compression", "Format", "OpenStream", "Reading", "open_part", "open_records"]
