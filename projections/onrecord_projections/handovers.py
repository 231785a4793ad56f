"""Hand-overs: who had a case when, and was it taken over with a word or just moved?

`offered`: one offered it, the other accepted or declined, or the offer was withdrawn; responsibility moves on
acceptance. `moved`: the
next step of work was done by somebody else, without a word between them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections.bulk import Shape, delete, merge
from onrecord_projections.change import Change

SHAPE = Shape(
    "handovers",
    (
        ("case_id", "text"),
        ("position", "int8"),
        ("kind", "text"),
        ("state", "text"),
        ("giver", "text"),
        ("taker", "text"),
        ("offered_at", "timestamptz"),
        ("decided_at", "timestamptz"),
    ),
    keys=2,
)
TABLES = (("handovers", "case_id, position"),)
DDL = """
CREATE TABLE handovers (
    case_id text NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    giver text NOT NULL,
    taker text NOT NULL,
    offered_at timestamptz NOT NULL,
    decided_at timestamptz,
    PRIMARY KEY (case_id, position)
) WITH (fillfactor = 70);
"""

DECIDED = frozenset({"handover.accepted", "handover.declined", "handover.withdrawn"})
TYPES = DECIDED | {"case.activity-done", "handover.offered"}


class Handover(NamedTuple):
    """One passing of a case; `position` is the event that began it."""

    position: int
    kind: str
    state: str
    giver: str
    taker: str
    offered_at: datetime
    decided_at: datetime | None


def of_history(history: Iterable[Recorded]) -> list[Handover]:
    """Every hand-over of one case, whatever order its events arrived in."""
    found: list[Handover] = []
    holder: str | None = None
    for event in sorted(history, key=_order):
        if event.type == "case.activity-done":
            by = event.data.get("by")
            if by is not None:
                if holder is not None and by != holder:
                    found.append(
                        Handover(
                            event.position,
                            "moved",
                            "accepted",
                            holder,
                            by,
                            event.occurred_at,
                            event.occurred_at,
                        )
                    )
                holder = by
        elif event.type == "handover.offered":
            giver, taker = event.data["giver"], event.data["taker"]
            found.append(Handover(event.position, "offered", "open", giver, taker, event.occurred_at, None))
        elif event.type in DECIDED:
            _decide(found, event)
    return found


async def write(cursor: AsyncCursor[Any], changes: Iterable[Change]) -> None:
    """The hand-overs of every case in which somebody else did something."""
    moved: list[tuple[Any, ...]] = []
    gone: list[tuple[Any, ...]] = []
    for change in changes:
        if not any(event.type in TYPES for event in change.events):
            continue
        came = {event.position for event in change.events}
        before = set(of_history(event for event in change.history if event.position not in came))
        after = of_history(change.history)
        moved += [(change.case_id, *handover) for handover in after if handover not in before]
        gone_positions = {handover.position for handover in before} - {
            handover.position for handover in after
        }
        gone += [(change.case_id, position) for position in gone_positions]
    await delete(cursor, SHAPE, gone)
    await merge(cursor, SHAPE, moved)


def _decide(found: list[Handover], event: Recorded) -> None:
    """The latest open offer between these two is decided; a decision without an offer stands for itself."""
    giver, taker = event.data["giver"], event.data["taker"]
    state = event.type.partition(".")[2]
    for nth in range(len(found) - 1, -1, -1):
        offer = found[nth]
        if (offer.state, offer.giver, offer.taker) == ("open", giver, taker):
            found[nth] = offer._replace(state=state, decided_at=event.occurred_at)
            return
    found.append(
        Handover(event.position, "offered", state, giver, taker, event.occurred_at, event.occurred_at)
    )


def _order(event: Recorded) -> tuple[datetime, int, int]:
    return event.occurred_at, event.sequence or 0, event.position
