"""Said: who owns, in the short form of worked examples and scenarios.

owner b since 2026-03-01 16:00:00
nobody since 2026-06-19 00:00:00 (lapsed)
owner a since 2026-03-09 00:00:00, shares a 60 b 40
no owner
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.clauses import OwnershipClause
from onrecord_projections.judging.ownership import CLIENT, Ownership, Span, evaluate_ownership
from onrecord_projections.judging.policy import Settings


def ownership_said(
    settings: Settings, clause: OwnershipClause, events: Iterable[Recorded], as_of: datetime, zone: ZoneInfo
) -> str:
    """Whose it is at `as_of`, on the line of this clause; each client is named where there are several."""
    found = evaluate_ownership(settings, events, as_of)
    line = clause.id if clause.rule == "holder" else CLIENT
    last = {span.client: span for span in found.spans if span.line == line}
    said = [
        f"{client}: {span_said(span, zone)}" if len(last) > 1 else span_said(span, zone)
        for client, span in sorted(last.items())
    ]
    return " | ".join([*(said or ["no owner"]), *proposals_said(found)])


def span_said(span: Span, zone: ZoneInfo) -> str:
    """One span by its owner and its first instant."""
    since = f"{span.since.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    if span.owner is None:
        return f"nobody since {since} ({span.why})"
    shares = " ".join(f"{person} {percent.normalize():f}" for person, percent in span.shares)
    return f"owner {span.owner} since {since}" + (f", shares {shares}" if shares else "")


def proposals_said(found: Ownership) -> list[str]:
    """What waits for a decision."""
    return [f"proposed {proposal.to} under {proposal.clause}" for proposal in found.proposals]
