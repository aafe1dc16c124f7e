"""What can go wrong in operation. Bad data is no error: it is a reject or a fault, and counted."""


class ProcessorError(Exception):
    """Any failure of operation. The file has no receipt, and its event is to be delivered again."""


class RetryableError(ProcessorError):
    """A failure that the same event may not meet next time."""


class PermanentError(ProcessorError):
    """A failure that lasts until a person acts; the event ends in FailedEventsQueue."""


class ServiceUnavailable(RetryableError):
    """Raised when a service throttled, failed or did not answer until all attempts were used up."""


class OutOfTime(RetryableError):
    """Raised when the invocation's time is nearly over, so as to end in order and not be killed."""


class ServiceRefused(PermanentError):
    """Raised when a service refuses a call for good: no permission, no table, a disabled key."""


class ConfigurationInvalid(PermanentError):
    """Raised when the environment or the secret lacks a setting, before anything is read.

    Later only for a tokenisation key: missing, or exchanged for another one under its id.
    """


class EvidenceGone(PermanentError):
    """Raised when a file vanished or changed and another delivery may have stored records.

    No true receipt can be written for it any more, since nobody can read what the other one read.
    """


class TaskUnreadable(PermanentError):
    """Raised when an object in `work/` is no task, or one for a file that nobody registered."""


class ReceiptContradicted(PermanentError):
    """Raised when a file's receipt exists and tells other facts than the ledger does."""


class EventFailed(ProcessorError):
    """Raised by the entry point when a file failed, or BAD_EVENT: a record has no known shape.

    By then everything else in the event was processed; Lambda delivers the event again.
    """


class ObjectGone(ProcessorError):
    """Raised when the object version does not exist; the pipeline makes it the file's fault."""


class ObjectChanged(ProcessorError):
    """Raised when an unversioned object is no longer the one of the event; likewise a fault."""
