"""The closed set of errors of the ground floor."""


class EventError(Exception):
    """Base of everything the ground floor raises on purpose."""


class UnreadableEvent(EventError):
    """An event that cannot be read: the words say where and why, never what it said."""


class Conflict(EventError):
    """Somebody else appended first: the expected version of a stream is stale. Read again, decide again."""


class IdentityConflict(EventError):
    """The same (source, id) came before with another body or stream. The first one stands."""


class PartlyKnown(EventError):
    """Some events of an atomic batch are in the log already, so none of it was stored now."""


class OutcomeUnknown(EventError):
    """The log did not answer in time. The event may or may not be stored; sending it again is safe."""


class LogUnavailable(EventError):
    """The log cannot be reached or has no such tenant. Try again when it is back."""


class LogMismatch(EventError):
    """The log is not the one this checkpoint was taken from, or has lost events. Nothing may go on."""


class OutOfOrder(EventError):
    """A carried log's recorded time would run backwards."""
