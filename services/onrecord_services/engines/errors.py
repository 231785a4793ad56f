"""What can go wrong with an engine. Every message says what to do next."""


class EngineError(Exception):
    """An engine cannot run; the words say why and what to do."""


class MissingEngineError(EngineError):
    """The engine's program is not installed."""


class FolderError(EngineError):
    """The data folder cannot be used: held by another process, of another version, or damaged."""
