"""Line: what a penalty line comes to, from its price to its amount, and what was counted to get there."""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

import msgspec

from onrecord_projections.judging.clauses import LadderClause
from onrecord_projections.judging.clauses.price import PayShare, Price
from onrecord_projections.judging.explaining.counting import Counted, Traced, traced
from onrecord_projections.judging.explaining.parts import (
    RuleTold,
    SettingTold,
    Sum,
    clause_in,
    number_told,
    reading_told,
    rules_told,
)
from onrecord_projections.judging.parts import Switch
from onrecord_projections.judging.penalty_rules import Charge
from onrecord_projections.judging.policy import BEARING, Settings
from onrecord_projections.judging.pricing.amounts import cents
from onrecord_projections.judging.pricing.line import PenaltyLine
from onrecord_projections.judging.pricing.pays import Pays
from onrecord_projections.judging.verdict import Finding

__all__ = ["Counted", "LineTold", "explain_line"]

_HUNDRED = Decimal(100)


class LineTold(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a person needs to check one line by hand."""

    line: PenaltyLine
    rules: tuple[RuleTold, ...]
    settings: tuple[SettingTold, ...]
    counted: tuple[Counted, ...]
    """All that was counted up to this line, under each counter and ladder that had a say."""
    arithmetic: tuple[Sum, ...]


def explain_line(
    settings: Settings,
    findings: Iterable[Finding],
    line_id: str,
    waived: Collection[str],
    pays: Pays,
) -> LineTold | None:
    """The story of one line; give all findings of its unit. None if they come to no such line."""
    for unit in traced(settings, findings, waived, pays):
        for charge, line in unit.told:
            if line.id == line_id:
                return _told(settings, unit, charge, line)
    return None


def _told(settings: Settings, unit: Traced, charge: Charge, line: PenaltyLine) -> LineTold:
    book, finding = charge.book, charge.finding
    ladders = [ladder for ladder in book.tariff.ladders.get(charge.clause.id, ()) if unit.on(ladder, finding)]
    if line.follows:
        ladders = [ladder for ladder in ladders if ladder.id == line.clause]
    named = [line.clause, charge.clause.id, finding.clause, *(ladder.id for ladder in ladders)]
    clauses = [clause_in(book, name) for name in dict.fromkeys(named)]
    switches: list[Switch | None] = [getattr(clause, "switch", None) for clause in clauses]
    readings = [switch.reading for switch in switches if switch is not None]
    readings += [ladder.count_reading for ladder in ladders if ladder.count_reading]
    return LineTold(
        line=line,
        rules=rules_told(settings, ((line.pack, line.edition, clause.id) for clause in clauses)),
        settings=(
            *(reading_told(settings, name, finding.at) for name in dict.fromkeys((*readings, "r6.month"))),
            *_bearing_told(settings, finding),
            *number_told(settings, line.clause, finding.at),
        ),
        counted=tuple(unit.counted_for(charge, ladders, fined=not line.follows)),
        arithmetic=tuple(_sums(unit, charge, line, ladders)),
    )


def _bearing_told(settings: Settings, finding: Finding) -> Iterator[SettingTold]:
    """Who bears it after a hand-over, where that is not whom the clause names."""
    if finding.code == "breach" and finding.due_at is not None:
        told = reading_told(settings, BEARING, finding.due_at)
        if told.decided:
            yield told


def _sums(unit: Traced, charge: Charge, line: PenaltyLine, ladders: list[LadderClause]) -> Iterator[Sum]:
    """From the price to the amount, step by step."""
    if charge.finding.at_limit is not None and not charge.finding.parts:
        yield Sum("borne", {"policy": _moved_by(unit.settings, charge.finding)}, line.person)
    if line.follows:
        then = ladders[0].then
        assert then is not None
        yield Sum("brings", {"ladder": line.clause, "from_nth": ladders[0].from_nth}, line.counted_as)
        if then.pay is not None:
            yield from _pay(then.pay, line)
        yield Sum("amount", {"currency": line.currency}, line.amount)
        return
    clause = charge.clause
    nth = unit.nth_of(charge)
    if clause.counted:
        of = {"from_nth": clause.from_nth, "steps": len(clause.prices)}
        yield Sum("time", of, nth)
    price = clause.prices[min(nth - clause.from_nth, len(clause.prices) - 1)]
    yield from _price(unit.settings, clause.id, price, line)
    worth = line.base
    if line.base is not None and clause.per == "item":
        whole = line.base if line.shares == 1 and not line.cause.parts else unit.whole(price, charge)
        yield Sum("items", {"quantity": line.quantity}, whole)
    if line.cause.parts:
        seconds = line.cause.parts[charge.rank]
        yield Sum("part", {"seconds": seconds, "overrun": sum(line.cause.parts)}, worth)
    elif line.shares > 1:
        rank = line.cause.among.index(line.person)
        yield Sum("share", {"among": line.shares, "rank": rank + 1}, worth)
    for ladder in ladders:
        time = unit.time_on(ladder, charge)
        factor = ladder.factor if time >= ladder.from_nth and clause.id in ladder.of else 1
        worth = None if worth is None else worth * factor
        yield Sum("ladder", {"clause": ladder.id, "nth": time, "from_nth": ladder.from_nth,
                             "factor": factor}, worth)  # fmt: skip
    yield Sum("amount", {"currency": line.currency}, line.amount)


def _price(settings: Settings, clause: str, price: Price, line: PenaltyLine) -> Iterator[Sum]:
    """What one item, case or time costs, before anything is multiplied or divided."""
    if line.lacks:
        yield Sum("lacks", {"what": line.lacks}, None)
    elif price.amount is not None:
        yield Sum("price", {}, price.amount)
    elif price.by_value and line.value is not None:
        times, percent = price.times_value or Decimal(1), price.percent_of_value or _HUNDRED
        worth = cents(line.value * (percent / _HUNDRED * times))
        yield Sum("of-value", {"value": line.value, "times": times, "percent": percent}, worth)
    elif price.pay is not None:
        yield from _pay(price.pay, line)
    elif price.tenant_amount:
        number = settings.number(clause, line.at)
        yield Sum("tenant-price", {}, Decimal(number.value) if number else None)
    if line.sanction is not None:
        yield Sum("sanction", {"days": line.days}, line.sanction)


def _moved_by(settings: Settings, finding: Finding) -> str:
    """How one came to bear it alone; what is to be divided is whose it was at the limit until the stop."""
    assert finding.due_at is not None
    policy = settings.reading(BEARING, finding.due_at)
    return "at-breach" if policy == "proportional" else policy


def _pay(pay: PayShare, line: PenaltyLine) -> Iterator[Sum]:
    of = {"pay": pay.of, "month": line.month, "of": line.value}
    if line.value is None:
        yield Sum("lacks", {"what": line.lacks}, None)
    elif pay.percent is not None:
        yield Sum("of-pay", {**of, "percent": pay.percent}, cents(line.value * pay.percent / _HUNDRED))
    else:
        yield Sum("at-least", {**of, "percent": pay.from_percent}, line.low)
        yield Sum("at-most", {**of, "percent": pay.to_percent}, line.high)
