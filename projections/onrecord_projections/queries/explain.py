"""Explain: why does a clock say what it says, interval by interval, event by event?"""

import re
from datetime import datetime
from typing import Literal

import msgspec

from onrecord_projections import timeline
from onrecord_projections.judging import Explanation, evaluate, explain
from onrecord_projections.queries import clocks
from onrecord_projections.queries.clocks import ClockRow
from onrecord_projections.queries.view import View

_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+00:00")


class StepRow(msgspec.Struct, frozen=True):
    """One event that moved the clock."""

    at: datetime
    what: str
    cause: str
    event: str
    position: int


class IntervalRow(msgspec.Struct, frozen=True):
    """One stretch of time, `[begin, end)`: whether it counted, why, and which event began it."""

    begin: datetime
    end: datetime
    kind: Literal["counted", "paused", "outside-hours"]
    why: str
    event: str
    position: int


class ExplanationRow(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody needs to check one clock by hand."""

    clock: ClockRow
    cites: str
    source: str
    number_origin: str
    """Where the number comes from: the policy, the tenant, the event."""
    arithmetic: list[str]
    steps: list[StepRow]
    intervals: list[IntervalRow]
    digest: str
    """SHA-256 of the explanation: what a decision on it names as seen."""


async def one(view: View, case: str, clause: str, instance: str | None) -> ExplanationRow | None:
    """The story of one clock; without an instance of the one that began last. None if there is none."""
    events = (await timeline.of_cases(view.rows, [case], until=view.position))[case]
    if instance is None:
        begun = [
            (clock.started_at, clock.instance)
            for clock in evaluate(view.settings, events, view.at).clocks
            if clock.clause == clause
        ]
        if not begun:
            return None
        _, instance = max(begun)
    found = explain(view.settings, events, clause, instance, view.at)
    return None if found is None else _row(view, found)


def _row(view: View, found: Explanation) -> ExplanationRow:
    zone = view.zone
    return ExplanationRow(
        clock=clocks.seen(found.clock, view),
        cites=found.cites,
        source=found.source,
        number_origin=found.number_origin,
        arithmetic=[_UTC.sub(lambda at: _local(view, at[0]), line) for line in found.arithmetic],
        steps=[
            StepRow(step.at.astimezone(zone), step.what, step.cause, step.event, step.position)
            for step in found.steps
        ],
        intervals=[
            IntervalRow(
                part.begin.astimezone(zone),
                part.end.astimezone(zone),
                part.kind,
                part.why,
                part.event,
                part.position,
            )
            for part in found.intervals
        ],
        digest=found.digest,
    )


def _local(view: View, instant: str) -> str:
    """The same instant on the tenant's walls, as everywhere else in the answer."""
    return datetime.fromisoformat(instant).astimezone(view.zone).isoformat()
