"""Decision: what somebody asks for, what it is decided on, and what comes of it. Pure: no I/O, no clock.

A decider sees the whole history of its streams and answers with facts, or refuses. Envelopes, keys, conflicts
and refusals on record are the desk's business (`desk.py`), never a decider's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from onrecord_events.base import Event
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import Settings, Verdict, evaluate
from onrecord_services.desk.aggregates import Aggregate

_COMMANDS: dict[str, type["Command"]] = {}

Blind = Callable[[str], str]
"""The tenant's keyed digest of personal words: equal words are found again, nobody can go back."""


class Refused(Exception):
    """The decision is no: `reason` is a code, `clause` the one relied on, `facts` what it turned on."""

    def __init__(self, reason: str, *, clause: str | None = None, **facts: str) -> None:
        super().__init__(reason)
        self.reason, self.clause, self.facts = reason, clause, facts


class Fact(NamedTuple):
    """One event to be: its stream, its body, and the personal words to seal into it."""

    stream: str
    body: Event
    clear: Mapping[str, str] = MappingProxyType({})
    correlation: str | None = None


@dataclass(frozen=True)
class Held:
    """What a decision is made on."""

    by: str
    """Who decides."""
    roles: frozenset[str]
    """The roles this person holds at `at`."""
    at: datetime
    settings: Settings
    streams: Mapping[str, Sequence[Recorded]]
    found: Mapping[str, Any] = field(default_factory=dict)
    """Answers of read models, for commands that name them in `NEEDS`."""
    aggregate: Aggregate | None = None
    """For commands that name an `AGGREGATE`: as its stream has made it."""

    def events(self, stream: str) -> Sequence[Recorded]:
        """The whole stream, oldest first."""
        return self.streams[stream]

    def verdict(self, stream: str) -> Verdict:
        """What the stream's case means now: its clocks and findings."""
        return evaluate(self.settings, self.streams[stream], self.at)

    def has_role(self, *roles: str) -> bool:
        """Whether whoever decides holds one of these."""
        return not self.roles.isdisjoint(roles)


class Command(BaseModel):
    """One thing people can ask for. Subclasses name themselves in `NAME`, `<area>.<imperative>`, for ever."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    NAME: ClassVar[str] = ""
    NEEDS: ClassVar[tuple[str, ...]] = ()
    """Questions to read models (`needs.py`) that must be answered first; the command then waits for them."""
    PERSONAL: ClassVar[frozenset[str]] = frozenset()
    """Fields with personal words; they are digested under the person's own key."""
    AGGREGATE: ClassVar[type[Aggregate] | None] = None
    """Whose invariants hold its first stream; loaded and saved through the `eventsourcing` library."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Register the name; a name used twice fails at import."""
        super().__pydantic_init_subclass__(**kwargs)
        if not cls.NAME:
            return
        if cls.NAME in _COMMANDS:
            raise TypeError(f"command {cls.NAME!r} is named twice: {_COMMANDS[cls.NAME]} and {cls}")
        _COMMANDS[cls.NAME] = cls

    def known_as(self, blind: Blind) -> Self:  # noqa: ARG002 (most commands name their stream themselves)
        """The same with ids filled in that follow from personal words."""
        return self

    def found_as(self, found: Mapping[str, Any]) -> Self:  # noqa: ARG002 (most name all they are about)
        """The same with what read models found filled in; they may lag, so streams have the last word."""
        return self

    def sealed_for(self) -> str | None:
        """Under whose key personal words are sealed and digested."""
        return None

    def streams(self) -> tuple[str, ...]:
        """All it reads and may write; the first one carries a refusal."""
        raise NotImplementedError

    def relies_on(self, held: Held) -> tuple[str, ...]:  # noqa: ARG002 (most rely on what they write only)
        """Of those, what it only reads, and what must not have moved when it is stored."""
        return ()

    def decide(self, held: Held) -> Sequence[Fact]:
        """What comes of it; nothing if all of it is so already. Raises Refused."""
        raise NotImplementedError


def commands() -> Mapping[str, type[Command]]:
    """Every registered command by its name (import `registry` to fill it)."""
    return MappingProxyType(_COMMANDS)
