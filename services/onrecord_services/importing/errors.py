"""The closed set of errors of an import."""


class ImportFailed(Exception):
    """Base of everything an import raises on purpose; its words are for the person at the terminal."""


class MapError(ImportFailed):
    """The map is wrong: the words name the file and the key."""


class UnreadableFile(ImportFailed):
    """The file cannot be read on from here: the words name the place, never what stands there."""


class ImportStopped(ImportFailed):
    """The log did not answer. What was sent is safe; the same command goes on where it stopped."""
