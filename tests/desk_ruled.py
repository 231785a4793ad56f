"""What tests of complaints and hand-overs at the desk share: a tenant that adopted policies, and a cast."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from deciding import Desked
from judging_builders import policy, shipping
from onrecord_events.staff import RoleAssigned
from onrecord_projections.judging import Settings
from onrecord_services.desk.answer import Answer


def local(text: str) -> datetime:
    """`07-15 12:00:00` of 2026 in China."""
    return datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}+08:00").astimezone(UTC)


def ruling(
    *packs: str, numbers: Mapping[str, str] | None = None, readings: Mapping[str, str] | None = None
) -> Settings:
    """What is in force for a tenant that adopted these."""
    settings = shipping(*packs, readings=readings)
    for nth, (clause, value) in enumerate((numbers or {}).items(), 60):
        settings = settings.evolve(policy(nth, "number.set", clause=clause, value=value))
    assert settings.problems == ()
    return settings


async def ruled(desk: Desked, *packs: str, **more: Any) -> None:
    """Let these policies be in force at a desk that has no read models."""
    room = await desk.door._rooms.of(desk.log.tenant)
    room.rules._settings = ruling(*packs, **more)


async def hired(desk: Desked, **roles: str) -> None:
    """Give each of these people a role."""
    for person, role in roles.items():
        assigned = RoleAssigned(person=person, role=role.replace("_", "-"))
        await desk.happened(f"person/{person}", assigned)


def why(answer: Answer) -> tuple[str, str | None, str | None]:
    """What an answer comes to."""
    return answer.outcome, answer.reason, answer.clause


NO = "refused"
YES = ("decided", None, None)
SO = ("unchanged", None, None)
