"""Tally: figures as exact fractions, out of what their items came to. A ratio is made by whoever shows it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import msgspec

from onrecord_projections.judging.clauses import KpiClause
from onrecord_projections.judging.figures.item import Cell, Sums
from onrecord_projections.judging.figures.periods import end_of
from onrecord_projections.judging.policy import Settings

NOUGHT = Decimal()


class Figure(msgspec.Struct, frozen=True):
    """One figure of one period: of one group, or of all together."""

    pack: str
    edition: int
    kpi: str
    part: str
    """The clause of the clocks it is of, where clocks are told apart."""
    period: str
    group: str | None
    """The value of what it is split by; None: all together."""
    numerator: Decimal
    denominator: Decimal | None
    """None: a number, not a fraction. Nought: no data."""
    items: int
    target: Decimal | None
    reached: bool | None
    """None where there is no target, or no data."""

    @property
    def value(self) -> Fraction | None:
        """The exact value; None where there is no data."""
        if self.denominator is None:
            return Fraction(self.numerator)
        return Fraction(self.numerator) / Fraction(self.denominator) if self.denominator else None


def figures(settings: Settings, summed: Mapping[Cell, Sums]) -> list[Figure]:
    """Every figure of these cells, and where it is split also all groups together."""
    found = []
    whole: dict[Cell, Sums] = {}
    for cell, sums in sorted(summed.items()):
        clause = clause_of(settings, cell)
        if clause is None:
            continue
        if clause.by is None:
            found.append(figure(settings, clause, cell, None, sums))
        else:
            found.append(figure(settings, clause, cell, cell.group, sums))
            whole.setdefault(cell._replace(group=""), Sums()).join(sums)
    for cell, sums in whole.items():
        clause = clause_of(settings, cell)
        assert clause is not None
        found.append(figure(settings, clause, cell, None, sums))
    return sorted(found, key=_order)


def figure(settings: Settings, clause: KpiClause, cell: Cell, group: str | None, sums: Sums) -> Figure:
    """What a cell's sums say, with the target that held when the period ended."""
    above, below = _fraction(clause, sums)
    target = target_of(settings, clause, cell.period)
    made = Figure(*cell[:5], group, above, below, sums.items, target, reached=None)
    return msgspec.structs.replace(made, reached=reached(clause, made.value, target))


def clause_of(settings: Settings, cell: Cell) -> KpiClause | None:
    """The clause a cell counts for."""
    book = settings.edition(cell.pack, cell.edition)
    return next((kpi for kpi in book.figures if kpi.id == cell.kpi), None) if book else None


def target_of(settings: Settings, clause: KpiClause, period: str) -> Decimal | None:
    """What the policy asks for, else the number the tenant has set by the end of the period."""
    if clause.target is not None:
        return clause.target
    number = settings.number(clause.id, end_of(settings, period) - timedelta(seconds=1))
    try:
        return Decimal(number.value) if number else None
    except ArithmeticError:
        return None


def reached(clause: KpiClause, value: Fraction | None, target: Decimal | None) -> bool | None:
    """Whether the value is at least, or at most, the target; equality is enough."""
    if value is None or target is None:
        return None
    return value >= target if clause.target_is == "at-least" else value <= target


def _fraction(clause: KpiClause, sums: Sums) -> tuple[Decimal, Decimal | None]:
    above = Decimal(len(sums.values)) if clause.distinct else sums.above
    match clause.formula:
        case "count" | "sum":
            return above, clause.out_of
        case "median":
            return _percentile(sums, 50, halfway=True)
        case "percentile":
            assert clause.percent is not None
            return _percentile(sums, clause.percent)
        case _:
            return above, sums.below


def _percentile(sums: Sums, percent: int, *, halfway: bool = False) -> tuple[Decimal, Decimal]:
    """By nearest rank; of a median that falls between two values, the two over 2."""
    number = sum(sums.values.values())
    if not number:
        return NOUGHT, NOUGHT
    ordered = sorted((Decimal(value), times) for value, times in sums.values.items())
    if halfway and number % 2 == 0:
        return _nth(ordered, number // 2) + _nth(ordered, number // 2 + 1), Decimal(2)
    return _nth(ordered, max(1, -(-number * percent // 100))), Decimal(1)


def _nth(ordered: Sequence[tuple[Decimal, int]], nth: int) -> Decimal:
    """The n-th smallest, counted from one."""
    seen = 0
    for value, times in ordered:
        seen += times
        if seen >= nth:
            return value
    raise AssertionError("fewer values than asked for")


def _order(found: Figure) -> tuple[str, int, str, str, str, bool, str]:
    last = found.group is None
    return found.pack, found.edition, found.kpi, found.period, found.part, last, found.group or ""


def of_kpi(found: Iterable[Figure], kpi: str, period: str) -> Iterator[Figure]:
    """The groups of one figure in one period."""
    return (each for each in found if (each.kpi, each.period) == (kpi, period) and each.group)
