"""Staff: who works here, in which team and role, since when. Streams: `person/<id>`, `team/<id>`."""

from typing import ClassVar

from onrecord_events.base import Code, Event, Ref
from onrecord_events.sealed import Sealed


class Joined(Event):
    """Somebody began to work here."""

    TYPE: ClassVar[str] = "staff.joined"
    PERSON_FIELD: ClassVar[str] = "person"

    person: Ref
    name: Sealed | None = None


class Left(Event):
    """Somebody left."""

    TYPE: ClassVar[str] = "staff.left"

    person: Ref


class TeamJoined(Event):
    """Somebody belongs to a team from now on."""

    TYPE: ClassVar[str] = "team.joined"

    person: Ref
    team: Ref


class TeamLeft(Event):
    """Somebody belongs to a team no more."""

    TYPE: ClassVar[str] = "team.left"

    person: Ref
    team: Ref


class RoleAssigned(Event):
    """Somebody holds a role, possibly for one area (RENT-CRM 3.1, 3.3, 3.4)."""

    TYPE: ClassVar[str] = "role.assigned"

    person: Ref
    role: Code
    area: Ref | None = None


class RoleEnded(Event):
    """Somebody holds a role no more."""

    TYPE: ClassVar[str] = "role.ended"

    person: Ref
    role: Code
    area: Ref | None = None
