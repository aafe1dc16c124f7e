"""The function measured against what people would use instead."""
