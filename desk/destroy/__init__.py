"""Removes a stack that is not production, with all that outlives it."""
