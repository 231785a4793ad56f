"""Penalty rules: what the findings of a person are proposed to cost. Nobody is fined by this (reading R7).

Order and month go by the breach instant (reading R6); a waived case drops out, and those after it count one
less. Only findings of one unit (see `pricing.units`) touch each other, so units can be assessed one by one.
"""

from collections.abc import Collection, Iterable, Iterator
from operator import attrgetter

import msgspec

from onrecord_projections.judging.clauses import LadderClause, PenaltyClause
from onrecord_projections.judging.clauses.price import Price
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.pricing.amounts import Worth, part, share, share_of_pay, worth
from onrecord_projections.judging.pricing.counting import Counters
from onrecord_projections.judging.pricing.line import PenaltyLine, line_id, line_said
from onrecord_projections.judging.pricing.pays import NO_PAYS, Pays, pays_of
from onrecord_projections.judging.pricing.tariff import counter_of
from onrecord_projections.judging.pricing.units import penalty_month, span_of, unit_of
from onrecord_projections.judging.rulebook import Rulebook
from onrecord_projections.judging.verdict import Finding

__all__ = [
    "PenaltyLine",
    "assess",
    "line_id",
    "line_said",
    "pays_of",
    "penalty_month",
    "unit_of",
]

_IN_ORDER = attrgetter("at", "case", "clause", "instance", "code", "pack", "edition")


class Charge(msgspec.Struct, frozen=True):
    """A finding, and a clause that prices it."""

    finding: Finding
    person: str
    book: Rulebook
    clause: PenaltyClause
    month: str

    @property
    def id(self) -> str:
        """The line's id: a clause that prices findings of several others tells them apart."""
        finding, clause = self.finding, self.clause
        instance = finding.instance
        if clause.finding_of:
            instance = f"{finding.clause} {finding.code} {instance}"
        return line_id(clause.id, self.person, finding.case, instance)

    @property
    def whole(self) -> bool:
        """Whether what cannot be divided is his: nobody else answers, or he had the case at the limit."""
        return not self.finding.parts or self.person == self.finding.at_limit

    @property
    def rank(self) -> int:
        """His place among those who share it."""
        return self.finding.among.index(self.person)


def assess(
    settings: Settings,
    findings: Iterable[Finding],
    waived: Collection[str] = frozenset(),
    pays: Pays = NO_PAYS,
) -> tuple[PenaltyLine, ...]:
    """The lines these findings come to; give all findings of a unit, of any number of them."""
    units: dict[tuple[str, str], list[Charge]] = {}
    for finding in sorted(set(findings), key=_IN_ORDER):
        if finding.case in waived or finding.person is None:
            continue
        charges = list(_charges(settings, finding, finding.person))
        if charges:
            units.setdefault((finding.person, unit_of(settings, finding)), []).extend(charges)
    lines = [
        line
        for (_, unit), charges in units.items()
        for line in _UnitOf(settings, unit, pays).lines(_once(charges))
    ]
    return tuple(sorted(lines, key=attrgetter("person", "month", "at", "clause", "id")))


def _charges(settings: Settings, finding: Finding, person: str) -> Iterator[Charge]:
    book = settings.edition(finding.pack, finding.edition)
    if book is None:
        return
    for clause in book.tariff.priced_by(finding.clause, finding.code):
        if _on(settings, clause, finding):
            yield Charge(finding, person, book, clause, penalty_month(settings, finding))


def _on(settings: Settings, clause: PenaltyClause | LadderClause, finding: Finding) -> bool:
    """Whether the tenant's reading lets the clause hold."""
    switch = clause.switch
    return switch is None or settings.reading(switch.reading, finding.at) == switch.value


def _once(charges: list[Charge]) -> list[Charge]:
    """Of charges for one act, under one word, the one whose clause stands first."""
    first: dict[tuple[str, str, str, str], Charge] = {}
    for charge in charges:
        if charge.clause.charged_once_as is not None:
            held = first.setdefault(_act(charge), charge)
            if _place(charge) < _place(held):
                first[_act(charge)] = charge
    return [
        charge for charge in charges if charge.clause.charged_once_as is None or first[_act(charge)] is charge
    ]


def _act(charge: Charge) -> tuple[str, str, str, str]:
    finding = charge.finding
    act = finding.instance if charge.clause.once_a == "act" else ""
    return finding.pack, charge.clause.charged_once_as or "", finding.case, act


def _place(charge: Charge) -> int:
    return charge.book.tariff.order[charge.clause.id]


class _UnitOf:
    """The lines of one person's unit, charge by charge in the order of their instants."""

    __slots__ = ("_counters", "_pays", "_settings", "_then", "_unit")

    def __init__(self, settings: Settings, unit: str, pays: Pays) -> None:
        self._settings, self._unit, self._pays = settings, unit, pays
        self._counters = Counters()
        self._then: set[str] = set()

    def lines(self, charges: Iterable[Charge]) -> Iterator[PenaltyLine]:
        """Every line of every charge."""
        for charge in charges:
            nth = self._own_time(charge)
            if nth >= charge.clause.from_nth and (
                charge.clause.to_nth is None or nth <= charge.clause.to_nth
            ):
                yield from self._priced(charge, nth)

    def _own_time(self, charge: Charge) -> int:
        clause, finding = charge.clause, charge.finding
        if not clause.counted:
            return 1
        span = span_of(clause.window, charge.month)
        what = finding.case if clause.count_by == "case" else _time_of(finding)
        return self._counters.of(finding.pack, f"times {counter_of(clause)}", span).nth(what)

    def _priced(self, charge: Charge, nth: int) -> Iterator[PenaltyLine]:
        clause, finding = charge.clause, charge.finding
        counted, factor, multiplied = nth if clause.counted else 0, 1, [clause.id]
        follow: list[tuple[LadderClause, int]] = []
        for ladder in charge.book.tariff.ladders.get(clause.id, ()):
            if not _on(self._settings, ladder, finding):
                continue
            time = self._ladder_time(ladder, charge)
            counted = counted or time
            if time >= ladder.from_nth:
                follow.append((ladder, time))
                if ladder.factor > 1 and clause.id in ladder.of:
                    factor *= ladder.factor
                    multiplied.append(ladder.id)
        prices = clause.prices
        price = prices[min(nth - clause.from_nth, len(prices) - 1)]
        line = self._line(charge, price, counted, factor, tuple(multiplied))
        if _bears(charge, line):
            yield line
        for ladder, time in follow:
            yield from self._brought(ladder, time, charge)

    def _ladder_time(self, ladder: LadderClause, charge: Charge) -> int:
        finding = charge.finding
        by: str = ladder.count_by
        if ladder.count_reading is not None:
            by = self._settings.reading(ladder.count_reading, finding.at)
        times = self._counters.of(finding.pack, f"ladder {ladder.id}", span_of(ladder.window, charge.month))
        if by == "case" and charge.clause.id not in ladder.own_cases:
            return times.nth(finding.case)
        return times.nth(charge.id, finding.quantity if by == "item" else 1)

    def _line(
        self, charge: Charge, price: Price, counted: int, factor: int, clauses: tuple[str, ...]
    ) -> PenaltyLine:
        clause, finding = charge.clause, charge.finding
        came = worth(self._settings, clause.id, price, finding, charge.month, self._pays)
        shares = len(finding.among) if finding.among and (clause.among == "equal" or finding.parts) else 1
        times = finding.quantity if clause.per == "item" else 1
        base = None if came.amount is None else came.amount * times
        if base is not None and finding.parts:
            base = part(base, finding.parts, charge.rank)
        elif base is not None and shares > 1:
            base = share(base, shares, charge.rank)
        return PenaltyLine(
            charge.id,
            charge.person,
            finding.pack,
            finding.edition,
            clause.id,
            clauses,
            finding.case,
            charge.month,
            finding.at,
            counted,
            finding.quantity,
            base,
            factor,
            None if base is None else base * factor,
            clause.currency,
            finding,
            clause.line if price.moneys or clause.line in ("forfeit", "sanction") else "sanction",
            price.sanction if charge.whole else None,
            price.days if charge.whole else None,
            came.value,
            came.low if charge.whole else None,
            came.high if charge.whole else None,
            shares,
            came.lacks,
            unit=self._unit,
        )

    def _brought(self, ladder: LadderClause, time: int, charge: Charge) -> Iterator[PenaltyLine]:
        """What the n-th case brings besides: once in the window, or with every further case."""
        then, finding = ladder.then, charge.finding
        if then is None or not charge.whole:
            return
        span = span_of(ladder.window, charge.month)
        named = line_id(ladder.id, charge.person, finding.case if then.again else finding.pack, span)
        if named in self._then:
            return
        self._then.add(named)
        came = (
            Worth() if then.pay is None else share_of_pay(then.pay, charge.person, charge.month, self._pays)
        )
        yield PenaltyLine(
            named,
            charge.person,
            finding.pack,
            finding.edition,
            ladder.id,
            (ladder.id,),
            finding.case,
            charge.month,
            finding.at,
            time,
            1,
            came.amount,
            1,
            came.amount,
            charge.clause.currency,
            finding,
            "sanction" if then.pay is None else "deduction",
            then.sanction,
            value=came.value,
            low=came.low,
            high=came.high,
            lacks=came.lacks,
            follows=True,
            unit=self._unit,
        )


def _bears(charge: Charge, line: PenaltyLine) -> bool:
    """Whether anything of it is his: money by his seconds; what is no sum if he had the case at the limit."""
    if not charge.finding.parts or line.lacks or line.sanction is not None:
        return True
    return charge.whole if line.amount is None else line.amount > 0


def _time_of(finding: Finding) -> str:
    """What is one time: an act, whoever found it; of clocks, each that was broken."""
    clock = finding.clause if finding.code == "breach" else ""
    return f"{finding.case}\0{finding.instance}\0{clock}"
