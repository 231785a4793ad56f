"""In hand: what does somebody have right now: open cases, and clients that are his?"""

from onrecord_projections.queries.view import View

_CASES = (
    "SELECT case_id FROM service WHERE item = '' AND held_by = %s AND settled_at IS NULL AND ended_at IS NULL"
)
_CLIENTS = "SELECT client FROM ownership WHERE owner = %s AND (until IS NULL OR until > %s)"


async def of_person(view: View, person: str) -> list[str]:
    """The streams of all he has, cases and clients, in order."""
    cases = await view.fetch(_CASES, (person,))
    clients = await view.fetch(_CLIENTS, (person, view.now))
    return sorted({stream for (stream,) in (*cases, *clients)})
