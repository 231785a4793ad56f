"""Through: what one part of an export comes to: person by person, the oldest line first. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from onrecord_events.payroll import Row
from onrecord_events.penalty import Exported, Settled
from onrecord_projections.judging import Settings
from onrecord_services.desk.decision import Fact
from onrecord_services.desk.payroll.taking import ZERO, Terms, Took, take
from onrecord_services.desk.payroll.wages import Wages
from onrecord_services.desk.penalty.state import DROPPED, Line


class Open(NamedTuple):
    """What one person has to bear of one line, still."""

    name: str
    line: Line
    bearer: str
    amount: Decimal


class Part(NamedTuple):
    """Rows of the export, and the events of the lines in them."""

    rows: tuple[Row, ...]
    facts: tuple[Fact, ...]


def opened(lines: Mapping[str, Line], month: str, done: Iterable[Row]) -> list[Open]:
    """What is open of these lines for a month and was not in its export yet, the oldest first."""
    seen = {(row.line, row.person) for row in done}
    found = [
        Open(name, line, bearer, amount)
        for name, line in lines.items()
        if line.month <= month
        for bearer, amount in line.open.items()
        if (name, bearer) not in seen
    ]
    return sorted(found, key=lambda one: (one.bearer, _since(one.line), one.name))


def part(
    settings: Settings, month: str, terms: Terms, wages: Wages, found: Sequence[Open], done: Sequence[Row]
) -> Part:
    """These go through, each person within what his wage leaves room for."""
    whole: dict[str, Decimal] = {}
    went: list[tuple[Open, Took, str | None]] = []
    for bearer, currency in sorted({(one.bearer, one.line.currency) for one in found}):
        own = [one for one in found if (one.bearer, one.line.currency) == (bearer, currency)]
        room = terms.room(wages.get((bearer, currency)))
        if room is not None:
            room = max(ZERO, room - _taken_before(done, bearer, currency))
        lacks = "month-wage" if room is not None and (bearer, currency) not in wages else None
        for one, took in zip(
            own, take((each.amount for each in own), room, carry_over=terms.carry_over), strict=True
        ):
            whole[one.name] = whole.get(one.name, ZERO) + abs(took.carried)
            went.append((one, took, lacks if took.carried or took.lapsed else None))
    rows = tuple(_row(settings, *each) for each in went)
    moved = ((one, took) for one, took, _ in went if took.taken or took.lapsed)
    facts = tuple(_fact(month, one, took, whole=not whole[one.name]) for one, took in moved)
    return Part(rows, facts)


def _taken_before(done: Iterable[Row], bearer: str, currency: str) -> Decimal:
    """What earlier parts of this month took of this person."""
    own = (row.taken for row in done if (row.person, row.currency) == (bearer, currency))
    return sum((taken for taken in own if taken > 0), ZERO)


def _since(line: Line) -> datetime:
    assert line.since is not None, "only what was decided is open"
    return line.since


def _row(settings: Settings, one: Open, took: Took, lacks: str | None) -> Row:
    line = one.line
    return Row(
        line=one.name,
        person=one.bearer,
        month=line.month or None,
        clause=line.clause,
        edition=line.edition,
        cites=cites(settings, line.clause, line.edition),
        currency=line.currency,
        amount=line.owed.get(one.bearer, ZERO),
        taken=took.taken,
        carried=took.carried,
        lapsed=took.lapsed,
        lacks=lacks,
    )


def cites(settings: Settings, clause: str, edition: int) -> str:
    """Where the policy says so; nothing if that edition was never adopted."""
    rules = settings.index.rules
    return next((rules[key].clause.cites for key in sorted(rules) if key[1:] == (edition, clause)), "")


def _fact(month: str, one: Open, took: Took, *, whole: bool) -> Fact:
    line = one.line
    kind = Settled if line.state in DROPPED else Exported
    body = kind(
        person=line.person,
        clause=line.clause,
        edition=line.edition,
        amount=ZERO if line.state in DROPPED else line.amount or ZERO,
        currency=line.currency,
        line=line.kind,
        month=month,
        bearer=None if one.bearer == line.person else one.bearer,
        taken=took.taken,
        carried=took.carried,
        lapsed=took.lapsed or None,
        whole=whole,
    )
    return Fact(f"penalty/{one.name}", body)
