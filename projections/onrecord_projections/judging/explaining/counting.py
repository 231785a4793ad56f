"""Counting: the same assessment once more, with a note of everything that was counted on the way."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from operator import attrgetter

import msgspec

from onrecord_projections.judging.clauses import LadderClause, PenaltyClause
from onrecord_projections.judging.clauses.price import Price
from onrecord_projections.judging.penalty_rules import (
    Charge,
    _charges,
    _on,
    _once,
    _time_of,
    _UnitOf,
)
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.pricing.amounts import worth
from onrecord_projections.judging.pricing.line import PenaltyLine
from onrecord_projections.judging.pricing.pays import Pays
from onrecord_projections.judging.pricing.tariff import counter_of
from onrecord_projections.judging.pricing.units import span_of, unit_of
from onrecord_projections.judging.verdict import Finding

_IN_ORDER = attrgetter("at", "case", "clause", "instance", "code", "pack", "edition")


class Counted(msgspec.Struct, frozen=True):
    """One thing that was counted. The same `what` again is the same time, and adds nothing."""

    counter: str
    span: str
    """The month or year it counts within, or `ever`."""
    what: str
    weight: int
    nth: int
    case: str
    clause: str
    at: datetime
    positions: tuple[int, ...]


class Traced(_UnitOf):
    """One person's unit, its lines, and what each was counted as."""

    __slots__ = ("_nths", "settings", "told", "trace")

    def __init__(self, settings: Settings, unit: str, pays: Pays) -> None:
        super().__init__(settings, unit, pays)
        self.settings = settings
        self.trace: list[tuple[Charge, Counted]] = []
        self.told: list[tuple[Charge, PenaltyLine]] = []
        self._nths: dict[tuple[str, str], int] = {}

    def run(self, charges: Iterable[Charge]) -> None:
        """All lines of the unit, charge by charge."""
        for charge in charges:
            self.told += [(charge, line) for line in self.lines([charge])]

    def on(self, clause: PenaltyClause | LadderClause, finding: Finding) -> bool:
        """Whether the tenant's reading lets a clause hold."""
        return _on(self.settings, clause, finding)

    def nth_of(self, charge: Charge) -> int:
        """The how-manieth time of its clause it is."""
        return self._nths.get((_counter(charge.clause), charge.id), 1)

    def time_on(self, ladder: LadderClause, charge: Charge) -> int:
        """The how-manieth time on a ladder it is."""
        return self._nths[ladder.id, charge.id]

    def whole(self, price: Price, charge: Charge) -> Decimal | None:
        """What all items cost before they are shared."""
        came = worth(self.settings, charge.clause.id, price, charge.finding, charge.month, self._pays)
        return None if came.amount is None else came.amount * charge.finding.quantity

    def counted_for(
        self, charge: Charge, ladders: Iterable[LadderClause], *, fined: bool
    ) -> Iterator[Counted]:
        """What was counted under the same counters and spans, up to and with this charge."""
        spans = {ladder.id: span_of(ladder.window, charge.month) for ladder in ladders}
        if fined and charge.clause.counted:
            spans[_counter(charge.clause)] = span_of(charge.clause.window, charge.month)
        ends = {counted.counter: nth for nth, (other, counted) in enumerate(self.trace) if other is charge}
        for nth, (_, counted) in enumerate(self.trace):
            same = spans.get(counted.counter) == counted.span
            if same and nth <= ends.get(counted.counter, -1):
                yield counted

    def _own_time(self, charge: Charge) -> int:
        nth, clause, finding = super()._own_time(charge), charge.clause, charge.finding
        if clause.counted:
            what = finding.case if clause.count_by == "case" else _time_of(finding).replace("\0", " ").strip()
            self._note(charge, _counter(clause), span_of(clause.window, charge.month), what, 1, nth)
        return nth

    def _ladder_time(self, ladder: LadderClause, charge: Charge) -> int:
        nth, finding = super()._ladder_time(ladder, charge), charge.finding
        by: str = ladder.count_by
        if ladder.count_reading is not None:
            by = self.settings.reading(ladder.count_reading, finding.at)
        by_case = by == "case" and charge.clause.id not in ladder.own_cases
        weight = finding.quantity if by == "item" else 1
        what, weight = (finding.case, 1) if by_case else (charge.id, weight)
        self._note(charge, ladder.id, span_of(ladder.window, charge.month), what, weight, nth)
        return nth

    def _note(self, charge: Charge, counter: str, span: str, what: str, weight: int, nth: int) -> None:
        finding = charge.finding
        self._nths[counter, charge.id] = nth
        counted = Counted(
            counter, span, what, weight, nth, finding.case, finding.clause, finding.at, finding.evidence
        )
        self.trace.append((charge, counted))


def traced(
    settings: Settings, findings: Iterable[Finding], waived: Collection[str], pays: Pays
) -> list[Traced]:
    """Every unit these findings fall into, assessed."""
    units: dict[tuple[str, str], list[Charge]] = {}
    for finding in sorted(set(findings), key=_IN_ORDER):
        if finding.case not in waived and finding.person is not None:
            charges = list(_charges(settings, finding, finding.person))
            if charges:
                units.setdefault((finding.person, unit_of(settings, finding)), []).extend(charges)
    made = []
    for (_, name), charges in units.items():
        unit = Traced(settings, name, pays)
        unit.run(_once(charges))
        made.append(unit)
    return made


def _counter(clause: PenaltyClause) -> str:
    return f"times {counter_of(clause)}"
