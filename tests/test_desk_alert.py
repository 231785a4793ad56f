"""Taking note of a notice at the desk."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from deciding import NOON, Desked, desked
from onrecord_events.alert import Raised
from onrecord_events.staff import RoleAssigned
from onrecord_services.engines import Engines

STREAM = "alert/0123"


def raised(at: datetime, *recipients: str) -> Raised:
    return Raised(
        case="complaint/CP-1",
        pack="rent-crm",
        edition=2,
        clause="RENT-CRM-1.2-4A",
        instance="crm#1",
        step="breach",
        step_at=at,
        due_at=at - timedelta(seconds=1),
        recipients=recipients,
    )


@pytest.fixture
async def desk(engines: Engines, tmp_path: Path) -> AsyncIterator[Desked]:
    async with desked(engines, tmp_path) as made:
        await made.happened("person/gao", RoleAssigned(person="gao", role="supervisor"))
        await made.happened(STREAM, raised(NOON, "person/chen", "role/supervisor"))
        yield made


@pytest.mark.parametrize("by", ["chen", "gao"])
async def test_who_was_told_by_name_or_by_role_takes_note_once(desk: Desked, by: str) -> None:
    first = await desk.ask("alert.acknowledge", by, alert="0123")
    again = await desk.ask("alert.acknowledge", by, alert="0123")
    assert (first.outcome, again.outcome) == ("decided", "unchanged")
    assert await desk.types(STREAM) == ["alert.raised", "alert.acknowledged"]


async def test_nobody_else_takes_note_and_nobody_of_what_was_never_told(desk: Desked) -> None:
    other = await desk.ask("alert.acknowledge", "li", alert="0123")
    nothing = await desk.ask("alert.acknowledge", "chen", alert="9999")
    assert [(one.outcome, one.reason) for one in (other, nothing)] == [
        ("refused", "not-told"),
        ("refused", "nobody-told"),
    ]
    assert other.why == {"en": "Only who was told may take note.", "zh": "只有被提醒的人可以确认。"}
