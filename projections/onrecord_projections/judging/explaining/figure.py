"""Figure: what a KPI comes to, out of the items behind it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import msgspec

from onrecord_projections.judging.clauses import KpiClause
from onrecord_projections.judging.explaining.parts import (
    RuleTold,
    SettingTold,
    Sum,
    clause_in,
    number_told,
    rules_told,
)
from onrecord_projections.judging.figures import Figure, Item, Standing
from onrecord_projections.judging.figures.periods import end_of
from onrecord_projections.judging.policy import Settings


class Ranked(msgspec.Struct, frozen=True):
    """One value that was ranked: what of whom, and its place."""

    kpi: str
    group: str
    numerator: Decimal
    denominator: Decimal | None
    best: str
    rank: int


class ItemTold(msgspec.Struct, frozen=True):
    """One thing behind it: a clock, an event or a case, and what it adds."""

    case: str
    item: str
    clause: str
    at: datetime
    group: str
    numerator: Decimal
    denominator: Decimal
    value: str | None
    evidence: tuple[int, ...]
    missing: tuple[str, ...]


class FigureTold(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a person needs to check one figure by hand."""

    rules: tuple[RuleTold, ...]
    settings: tuple[SettingTold, ...]
    formula: str
    counts: str
    """Of clocks: those done, or those in time."""
    distinct: bool
    percent: int | None
    out_of: Decimal | None
    target_is: str
    items: tuple[ItemTold, ...]
    ranked: tuple[Ranked, ...]
    arithmetic: tuple[Sum, ...]


def explain_figure(settings: Settings, figure: Figure, items: Sequence[Item]) -> FigureTold:
    """The story of one figure; give its items, or some of them, and no others."""
    clause = _clause(settings, figure.pack, figure.edition, figure.kpi)
    return _told(settings, clause, figure, tuple(items), (), _sums(clause, figure))


def explain_standing(
    settings: Settings, figure: Figure, standing: Standing, figures: Iterable[Figure]
) -> FigureTold:
    """The story of one place in a ranking; give the figures it is of."""
    clause = _clause(settings, figure.pack, figure.edition, figure.kpi)
    named = {name: _clause(settings, figure.pack, figure.edition, name) for name in clause.of}
    own = [one for one in figures if one.kpi in named and one.group and one.value is not None]
    ranked = tuple(_ranked(named, own))
    return _told(settings, clause, figure, (), ranked, _places(clause, standing))


def _told(
    settings: Settings,
    clause: KpiClause,
    figure: Figure,
    items: tuple[Item, ...],
    ranked: tuple[Ranked, ...],
    sums: Iterable[Sum],
) -> FigureTold:
    named = [clause.id, *dict.fromkeys(clause.of)] if figure.part == "" else [clause.id, figure.part]
    end = end_of(settings, figure.period)
    return FigureTold(
        rules=rules_told(settings, ((figure.pack, figure.edition, name) for name in named)),
        settings=tuple(number_told(settings, clause.id, end)) if clause.target is None else (),
        formula=clause.formula,
        counts=clause.counts,
        distinct=clause.distinct is not None,
        percent=clause.percent,
        out_of=clause.out_of,
        target_is=clause.target_is,
        items=tuple(_item(item) for item in items),
        ranked=ranked,
        arithmetic=(*sums, *_verdict(clause, figure)),
    )


def _item(item: Item) -> ItemTold:
    return ItemTold(
        item.case,
        item.id,
        item.part,
        item.at,
        item.group,
        item.above,
        item.below,
        item.value,
        item.evidence,
        item.missing,
    )


def _clause(settings: Settings, pack: str, edition: int, kpi: str) -> KpiClause:
    book = settings.edition(pack, edition)
    assert book is not None, "figures are of adopted editions"
    clause = clause_in(book, kpi)
    assert isinstance(clause, KpiClause)
    return clause


def _sums(clause: KpiClause, figure: Figure) -> Iterator[Sum]:
    """How its items come to it, whether they are all told or not."""
    yield Sum("items-counted", {}, figure.items)
    if clause.formula in ("median", "percentile"):
        yield Sum("values", {"percent": clause.percent or 50}, figure.items)
    elif clause.distinct:
        yield Sum("different", {}, int(figure.numerator))
    else:
        yield Sum("above", {}, figure.numerator)
    if clause.formula in ("count", "sum"):
        if clause.out_of is not None:
            yield Sum("out-of", {}, clause.out_of)
    elif clause.formula not in ("median", "percentile") and figure.denominator is not None:
        yield Sum("below", {}, figure.denominator)
    yield Sum("figure", {"numerator": figure.numerator}, figure.denominator)


def _places(clause: KpiClause, standing: Standing) -> Iterator[Sum]:
    for name, rank in zip(clause.of, standing.ranks, strict=True):
        yield Sum("rank", {"kpi": name, "group": standing.group}, rank)
    yield Sum("ranks", {"places": len(standing.ranks)}, sum(standing.ranks))
    yield Sum("last", {}, standing.last)


def _verdict(clause: KpiClause, figure: Figure) -> Iterator[Sum]:
    if figure.target is not None:
        yield Sum("target", {"is": clause.target_is, "target": figure.target}, figure.reached)


def _ranked(named: Mapping[str, KpiClause], own: Sequence[Figure]) -> Iterator[Ranked]:
    for figure in own:
        best = named[figure.kpi].best
        sign = 1 if best == "high" else -1
        beside = [_value(other) for other in own if other.kpi == figure.kpi]
        rank = 1 + sum(sign * other > sign * _value(figure) for other in beside)
        assert figure.group is not None
        yield Ranked(figure.kpi, figure.group, figure.numerator, figure.denominator, best, rank)


def _value(figure: Figure) -> Fraction:
    assert figure.value is not None
    return figure.value
