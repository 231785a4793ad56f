"""The closed set of errors of the middle floor that are not about rules."""


class ProjectionError(Exception):
    """Base of what the read models raise on purpose."""


class NoReadModel(ProjectionError):
    """The tenant has no read model yet."""


class NotOwner(ProjectionError):
    """Another projector writes these rows; the one that learns it stops."""


class Stopped(ProjectionError):
    """An event could not be projected. Nothing after it is, until somebody looks."""


class Moved(ProjectionError):
    """Another generation is live now; begin again with that one."""
