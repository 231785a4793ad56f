"""Said: figures in the short form of worked examples.

    2026-04: 15/18, missed
    2026-07..08 li: 8/40 | 2026-07..08 wang: 9/50
    CC02-D1a 2026-03: 1/2
    2026-07..08 wang: ranks 3+1+3, last
The clause of the clocks stands first where clocks are told apart, the group after the period; of a figure
that is split, all together is left out. Where there is a target, whether it was reached is said too.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.clauses import KpiClause
from onrecord_projections.judging.figures.case import figures_at
from onrecord_projections.judging.figures.ranking import Standing, standings
from onrecord_projections.judging.figures.story import plain
from onrecord_projections.judging.figures.tally import Figure
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.verdict import Clock


def example_said(
    settings: Settings,
    clause: KpiClause,
    cases: Iterable[tuple[Sequence[Recorded], Iterable[Clock]]],
    as_of: datetime,
) -> str:
    """One figure, group by group, as an author writes what must come out."""
    found = figures_at(settings, cases, as_of)
    if clause.formula == "ranks":
        said = [standing_said(each) for each in standings(settings, found) if each.kpi == clause.id]
    else:
        split = clause.by is not None
        said = [
            figure_said(each) for each in found if each.kpi == clause.id and (each.group is not None) == split
        ]
    return " | ".join(said) or "no figure"


def figure_said(figure: Figure) -> str:
    """One figure."""
    number = plain(figure.numerator)
    if figure.denominator is not None:
        number = f"{number}/{plain(figure.denominator)}" if figure.denominator else "no data"
    where = " ".join(word for word in (figure.part, figure.period, figure.group) if word)
    told = "" if figure.reached is None else f", {'reached' if figure.reached else 'missed'}"
    return f"{where}: {number}{told}"


def standing_said(standing: Standing) -> str:
    """One person's place."""
    ranks = "+".join(str(rank) for rank in standing.ranks)
    return f"{standing.period} {standing.group}: ranks {ranks}" + (", last" if standing.last else "")
