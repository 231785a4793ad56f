"""Explain: why does a clock say what it says, interval by interval, day by day, event by event?"""

from onrecord_projections import timeline
from onrecord_projections.judging import evaluate, explain
from onrecord_projections.judging.explaining import ClockTold
from onrecord_projections.queries.explain_told import Explanation, explained
from onrecord_projections.queries.view import View


async def one(view: View, case: str, clause: str, instance: str | None) -> Explanation | None:
    """The story of one clock; without an instance of the one that began last. None if there is none."""
    told = await clock_told(view, case, clause, instance)
    if told is None:
        return None
    return await explained(view, "clock", told, told.rules, positions_of(told))


def positions_of(told: ClockTold) -> set[int]:
    """The events that moved it, and those that moved its case from hand to hand."""
    moved = {step.position for step in told.steps} | {hand.position for hand in told.hands}
    return moved | set(told.clock.evidence)


async def clock_told(view: View, case: str, clause: str, instance: str | None) -> ClockTold | None:
    """The same, without its events."""
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
    return explain(view.settings, events, clause, instance, view.at)
