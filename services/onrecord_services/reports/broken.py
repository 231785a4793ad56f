"""Broken: which promises of these cases are broken, at the instant a report holds for?"""

import asyncio
from collections.abc import Mapping, Sequence

from onrecord_events.envelope import Recorded
from onrecord_projections import timeline
from onrecord_projections.judging import evaluate
from onrecord_projections.queries import clocks
from onrecord_projections.queries.view import View

_BROKEN = (
    "SELECT case_id, array_agg(DISTINCT clause ORDER BY clause) FROM sla WHERE case_id = ANY(%s) "
    "AND kind <> 'retention' AND (state = 'breached' OR (state = 'running' AND due_at < %s)) GROUP BY case_id"
)


async def clauses_of(view: View, cases: Sequence[str]) -> Mapping[str, list[str]]:
    """The clauses broken in each case, those that broke none left out."""
    if not view.timed:
        return dict(await view.fetch(_BROKEN, (list(cases), view.now)))
    histories = await timeline.of_cases(view.rows, cases, until=view.position)
    return await asyncio.to_thread(_judged, view, histories)


def _judged(view: View, histories: Mapping[str, Sequence[Recorded]]) -> dict[str, list[str]]:
    """At another time than now from the events, as every question is answered then."""
    found = {}
    for case, history in histories.items():
        rows = (clocks.seen(clock, view) for clock in evaluate(view.settings, history, view.at).clocks)
        broken = {row.clause for row in rows if row.state == "breached" and row.kind != "retention"}
        if broken:
            found[case] = sorted(broken)
    return found
