"""Figures of service: by hand, over rows and told again; late facts, teams, earlier periods, items behind."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from asking import A_DAY, House, house
from onrecord_events.envelope import New
from onrecord_services.engines import Engines
from projecting import at, calendar, said, shown_from


def complaint(case: str, when: str, **over: Any) -> New:
    body = {"severity": "minor", "channel": "phone", "customer": "c-1", "received_by": "chen", **over}
    return said("complaint.registered", f"complaint/{case}", when, **body)


def about(case: str, what: str, when: str, **over: Any) -> New:
    return said(f"complaint.{what}", f"complaint/{case}", when, **over)


def contact(nth: int, when: str, direction: str = "in", **over: Any) -> New:
    body = {"kind": "call", "customer": "c-1", "staff": "chen", "direction": direction, **over}
    return said("interaction.logged", f"interaction/{nth}", when, **body)


def in_order(events: list[New]) -> list[New]:
    """As a log takes them."""
    return sorted(events, key=lambda event: event.recorded_at or event.occurred_at)


def member(what: str, person: str, team: str, when: str, **over: Any) -> New:
    return said(f"team.{what}", f"team/{team}", when, person=person, team=team, **over)


JULY = [
    calendar(),
    A_DAY,
    shown_from(2),
    member("joined", "chen", "north", "06-01 00:00:00"),
    member("joined", "wu", "south", "06-01 00:00:00"),
    complaint("OLD", "06-20 09:00:00"),
    about("OLD", "progress-shared", "06-20 13:00:00"),
    about("OLD", "resolved", "06-20 17:00:00"),
    complaint("OLDER", "06-21 09:00:00"),
    about("OLDER", "progress-shared", "06-21 10:00:00"),
    about("OLDER", "resolved", "06-23 09:00:00"),
    complaint("A", "07-01 09:00:00", building="B1"),
    about("A", "progress-shared", "07-01 10:00:00"),
    about("A", "resolved", "07-01 19:00:00"),
    complaint("B", "07-02 09:00:00", building="B1", channel="visit"),
    about("B", "progress-shared", "07-03 11:00:00"),
    about("B", "resolved", "07-04 09:00:00"),
    about("B", "repeated", "07-05 09:00:00"),
    complaint("C", "07-03 09:00:00", received_by="wu", building="B2"),
    about("C", "resolved", "07-03 12:00:00"),
    about("C", "repeated", "07-04 12:00:00"),
    about("C", "resolved", "07-06 09:00:00"),
    complaint("D", "07-04 09:00:00", received_by="wu"),
    about("D", "withdrawn", "07-04 15:00:00"),
    contact(1, "07-01 08:59:00"),
    contact(2, "07-02 08:00:00", staff="wu"),
    contact(3, "07-02 09:00:00"),
    contact(4, "07-02 10:00:00", "out"),
    contact(5, "07-09 10:00:00"),
    contact(6, "07-09 11:00:00"),
    said("task.set", "task/1", "07-01 09:00:00", task="visit", person="wu", due_at=at("07-03 18:00:00")),
    said("task.set", "task/2", "07-01 09:00:00", task="visit", person="wu", due_at=at("07-03 18:00:00")),
    said("task.done", "task/1", "07-03 18:00:00", task="visit", person="wu"),
    said("task.done", "task/2", "07-03 18:00:01", task="visit", person="wu"),
    said("task.set", "task/3", "07-01 09:00:00", task="letter", person="wu", due_at=at("07-30 18:00:00")),
    said("clock.ticked", "clock/tick", "07-10 09:00:00"),
]
"""Four complaints in July: settled, open again, settled again after it came back, withdrawn."""
HOUR_S = 3600


@pytest.fixture(scope="module")
async def asked(engines: Engines) -> AsyncIterator[House]:
    async with house(engines) as made:
        await made.bench.project(*in_order(JULY))
        yield made


async def figures(asked: House, period: str = "2026-07", **query: Any) -> dict[str, Any]:
    rows = (await asked.ask("/v1/service", period=period, **query))["items"]
    return {row["figure"]: row for row in rows}


async def counted(asked: House, **query: Any) -> dict[str, tuple[Any, ...]]:
    found = await figures(asked, **query)
    return {name: (row["count"], row["n"], row["value"], row["absent"]) for name, row in found.items()}


async def test_every_figure_of_a_month_is_as_counted_by_hand(asked: House) -> None:
    assert await counted(asked) == {
        "complaints": (4, 4, 4, None),
        "complaint-rate": (4, 5, 0.8, None),
        "timeliness": (1, 4, 0.25, None),
        "callback-rate": (0, 0, None, "no-data"),
        "callbacks-in-time": (0, 0, None, "no-data"),
        "settled": (2, 3, 0.6667, None),
        "first-response-median": (3, 4, 3 * HOUR_S, None),
        "first-response-p90": (3, 4, 26 * HOUR_S, None),
        "settlement-median": (2, 4, 72 * HOUR_S, None),
        "settlement-p90": (2, 4, None, "not-reached"),
        "tasks-done": (2, 3, 0.6667, None),
        "tasks-in-time": (1, 2, 0.5, None),
        "reopened": (2, 3, 0.6667, None),
        "repeated": (2, 4, 0.5, None),
    }
