"""Base: what every decision about a file asks first: is it still there, and where?"""

from collections.abc import Sequence

from onrecord_events.base import Ref
from onrecord_services.desk.decision import Command, Fact, Held, Refused
from onrecord_services.desk.files.state import File, fold


class OnFile(Command):
    """A decision about one file; `facts` says what comes of it."""

    file: Ref

    @property
    def stream(self) -> str:
        """The file's own."""
        return f"archive/{self.file}"

    def streams(self) -> tuple[str, ...]:
        """The file."""
        return (self.stream,)

    def decide(self, held: Held) -> Sequence[Fact]:
        """What comes of it; nothing more is done with a file that is gone."""
        file = fold(held.events(self.stream))
        if file.destroyed:
            raise Refused("destroyed")
        return self.facts(file, held)

    def facts(self, file: File, held: Held) -> Sequence[Fact]:
        """What happens; nothing if all of it is so already. Raises Refused."""
        raise NotImplementedError
