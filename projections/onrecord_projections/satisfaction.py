"""Satisfaction: how many were asked, answered, were content or would recommend us, day by day?

Counts only, by local day and by what and whom it was about: they add up over any span, and a ratio is made
when it is asked for, always with its n and its interval. The same by month, for whoever asks of years.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections.bulk import Shape, merge
from onrecord_projections.judging import Settings

ABOUT = ("about", "staff", "building", "channel")
"""What and whom an answer was about, and how it was asked for."""
COUNTS = (
    "sent",
    "delivered",
    "declined",
    "answered",
    "satisfied",
    "promoters",
    "detractors",
    "score_sum",
    "self_asked",
)
SHAPE = Shape(
    "satisfaction",
    (
        ("kind", "text"),
        ("day", "date"),
        ("about", "text"),
        ("staff", "text"),
        ("building", "text"),
        ("channel", "text"),
        *((name, "int8") for name in COUNTS),
    ),
    keys=6,
)
MONTHS = SHAPE._replace(table="satisfaction_months")
"""`day` is the first of the month."""
SHAPES = (SHAPE, MONTHS)
TABLES = tuple((shape.table, "kind, day, about, staff, building, channel") for shape in SHAPES)
_DDL = f"""
CREATE TABLE {{}} (
    kind text NOT NULL,
    day date NOT NULL,
    about text NOT NULL,
    staff text NOT NULL,
    building text NOT NULL,
    channel text NOT NULL,
    {", ".join(f"{name} bigint NOT NULL" for name in COUNTS)},
    PRIMARY KEY (kind, day, about, staff, building, channel)
) WITH (fillfactor = 70);
"""
DDL = "".join(_DDL.format(shape.table) for shape in SHAPES)

SATISFIED_FROM = 4
"""On the 1-5 question, 4 and 5 (top two of five)."""
PROMOTES_FROM, DETRACTS_TO = 9, 6
"""On the 0-10 question."""


async def write(cursor: AsyncCursor[Any], events: Sequence[Recorded], settings: Settings) -> None:
    """Add what each first copy contributes."""
    days: dict[tuple[Any, ...], Counter[str]] = {}
    months: dict[tuple[Any, ...], Counter[str]] = {}
    for event in events:
        if event.type.startswith("survey.") and (counted := contribution(event)):
            kind, day, *about = key_of(event, settings)
            days.setdefault((kind, day, *about), Counter()).update(counted)
            months.setdefault((kind, day.replace(day=1), *about), Counter()).update(counted)
    for shape, sums in ((SHAPE, days), (MONTHS, months)):
        rows = [(*key, *(counter[name] for name in COUNTS)) for key, counter in sums.items()]
        await merge(cursor, shape, rows, add=len(COUNTS))


def contribution(event: Recorded) -> dict[str, int]:
    """What one event adds to the counts of its key."""
    score = event.data.get("score", 0)
    self_asked = int(
        bool(event.data.get("asked_by")) and event.data.get("asked_by") == event.data.get("staff")
    )
    match event.type:
        case "survey.sent":
            return {"sent": 1}
        case "survey.delivered":
            return {"delivered": 1}
        case "survey.declined":
            return {"declined": 1}
        case "survey.csat-answered":
            satisfied = int(score >= SATISFIED_FROM)
            return {"answered": 1, "satisfied": satisfied, "score_sum": score, "self_asked": self_asked}
        case "survey.nps-answered":
            return {
                "answered": 1,
                "promoters": int(score >= PROMOTES_FROM),
                "detractors": int(score <= DETRACTS_TO),
                "score_sum": score,
                "self_asked": self_asked,
            }
    return {}


def key_of(event: Recorded, settings: Settings) -> tuple[Any, ...]:
    """Under what an event is counted: kind, local day, then `ABOUT`."""
    kind = {"survey.csat-answered": "csat", "survey.nps-answered": "nps"}.get(event.type) or event.data[
        "kind"
    ]
    said = [event.data.get(field) or "" for field in ABOUT]
    zone = ZoneInfo(settings.reading("r1.zone", event.occurred_at))
    return kind, event.occurred_at.astimezone(zone).date(), *said
