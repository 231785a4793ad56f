"""Units: which findings of a person are assessed together, so that a new one never costs a whole history.

A month, as long as nothing counts longer; else the counter, within its year or for ever. The month of a line
stays the calendar month of the breach (reading R6).
"""

from onrecord_projections.judging.effective import local_month
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.verdict import Finding


def penalty_month(settings: Settings, finding: Finding) -> str:
    """The calendar month a finding counts in (reading R6: of the breach, or of the due date)."""
    due_at = finding.due_at if settings.reading("r6.month", finding.at) == "due" else None
    return local_month(settings, due_at or finding.at)


def unit_of(settings: Settings, finding: Finding) -> str:
    """What one person's finding is assessed with: `2026-03`, `2026 pack:counter` or `pack:counter`."""
    month = penalty_month(settings, finding)
    book = settings.edition(finding.pack, finding.edition)
    scope = book.tariff.scopes.get(finding.clause) if book else None
    if scope is None or scope.window == "month":
        return month
    counter = f"{finding.pack}:{scope.counter}"
    return counter if scope.window == "ever" else f"{month[:4]} {counter}"


def span_of(window: str, month: str) -> str:
    """The month, the year or all time, as a name of what is counted within."""
    return {"month": month, "year": month[:4]}.get(window, "ever")
