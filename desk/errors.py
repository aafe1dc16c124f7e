"""What stops a command."""


class DeskError(Exception):
    """Raised when a command cannot do what it was asked to; the message says why to a person."""
