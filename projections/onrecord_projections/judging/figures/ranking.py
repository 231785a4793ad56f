"""Ranking: who stands where by several figures; whoever is last is proposed, a person decides (CC13-B28)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec

from onrecord_projections.judging.clauses import KpiClause
from onrecord_projections.judging.figures.periods import end_of
from onrecord_projections.judging.figures.tally import Figure, of_kpi, reached, target_of
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.verdict import Finding

BOTTOM_RANKED = "bottom-ranked"


class Standing(msgspec.Struct, frozen=True):
    """One person's place in one period."""

    pack: str
    edition: int
    kpi: str
    period: str
    group: str
    ranks: tuple[int, ...]
    """In the order of the figures the clause names; equal values have equal ranks, as in sports."""
    last: bool
    """Nobody's mean of ranks is higher. Of one alone nobody is last."""

    @property
    def mean(self) -> Fraction:
        """The mean of the ranks."""
        return Fraction(sum(self.ranks), len(self.ranks))


def standings(settings: Settings, found: Sequence[Figure]) -> list[Standing]:
    """Every ranking that these figures allow; who has no data in one of them is not ranked."""
    by_edition: dict[tuple[str, int], list[Figure]] = {}
    for figure in found:
        by_edition.setdefault((figure.pack, figure.edition), []).append(figure)
    listed: list[Standing] = []
    for (pack, edition), own in sorted(by_edition.items()):
        book = settings.edition(pack, edition)
        clauses = {kpi.id: kpi for kpi in book.figures} if book else {}
        for clause in clauses.values():
            if clause.formula == "ranks":
                named = [clauses[name] for name in clause.of]
                for period in sorted({figure.period for figure in own if figure.kpi in clause.of}):
                    listed += _standings(clause, named, period, own)
    return listed


def bottom_findings(settings: Settings, listed: Iterable[Standing]) -> Iterator[Finding]:
    """Who came last, as of the second after the period: a proposal, for a person to decide."""
    for standing in listed:
        if standing.last:
            yield Finding(
                standing.pack, standing.edition, standing.kpi, BOTTOM_RANKED, f"figure/{standing.kpi}",
                f"{standing.period}+{standing.group}", standing.group, end_of(settings, standing.period),
                None, 1, (),
            )  # fmt: skip


def figure_of(settings: Settings, clause: KpiClause, standing: Standing) -> Figure:
    """A standing as a figure: the sum of the ranks over their number."""
    target = target_of(settings, clause, standing.period)
    return Figure(
        standing.pack, standing.edition, standing.kpi, "", standing.period, standing.group,
        Decimal(sum(standing.ranks)), Decimal(len(standing.ranks)), len(standing.ranks), target,
        reached(clause, standing.mean, target),
    )  # fmt: skip


def _standings(
    clause: KpiClause, named: Sequence[KpiClause], period: str, own: Sequence[Figure]
) -> Iterator[Standing]:
    """`own`: figures of one edition."""
    columns = [_ranks(kpi, of_kpi(own, kpi.id, period)) for kpi in named]
    everybody = sorted(set.intersection(*(set(column) for column in columns)))
    rows = {group: tuple(column[group] for column in columns) for group in everybody}
    sums = [sum(ranks) for ranks in rows.values()]
    for group, ranks in rows.items():
        last = sum(ranks) == max(sums) > min(sums)
        yield Standing(own[0].pack, own[0].edition, clause.id, period, group, ranks, last)


def _ranks(kpi: KpiClause, found: Iterable[Figure]) -> Mapping[str, int]:
    """Everybody's rank in one figure: one more than how many are better."""
    values = {each.group: each.value for each in found if each.group and each.value is not None}
    sign = 1 if kpi.best == "high" else -1
    return {
        group: 1 + sum(sign * other > sign * value for other in values.values())
        for group, value in values.items()
    }
