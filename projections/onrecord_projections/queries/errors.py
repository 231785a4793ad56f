"""What can be wrong with a question."""

from onrecord_projections.errors import ProjectionError


class BadQuestion(ProjectionError):
    """The question cannot be answered as it is put; the words begin with the part at fault."""
