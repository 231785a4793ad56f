"""Explain an owner: why was this client whose when, claim by claim, sign of life by sign of life?"""

from onrecord_projections.judging.explaining import OwnerTold, explain_owner
from onrecord_projections.queries import ownership
from onrecord_projections.queries.explain_told import Explanation, explained
from onrecord_projections.queries.view import View


async def one(view: View, client: str) -> Explanation | None:
    """The story of one client; None if nothing ever spoke of it."""
    found = await ownership.evaluated(view, client)
    if found is None:
        return None
    told = explain_owner(view.settings, found, client, view.at)
    return await explained(view, "owner", told, told.rules, _named(told))


def _named(told: OwnerTold) -> set[int]:
    """Every position it rests on."""
    named = {position for span in told.spans for position in span.evidence}
    named |= {position for claim in told.claims for position in claim.evidence}
    named |= {period.position for claim in told.claims for period in claim.periods}
    return named | {join.position for join in told.joins}
