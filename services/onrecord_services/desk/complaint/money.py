"""Money: compensation is asked for, promised by whoever may promise so much, and given as promised.

The authority table is a clause that grades an amount by who approves it; the limit is a clause as well. Both
are the tenant's, so neither stands here. What counts is the sum promised on one complaint: two small promises
are a large one.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, NamedTuple

from onrecord_events import act, approval, complaint, figure
from onrecord_events.base import Event, Money
from onrecord_projections.judging.clauses import GradeClause
from onrecord_projections.judging.rule import Rule
from onrecord_services.desk import lawful
from onrecord_services.desk.complaint.base import OnComplaint
from onrecord_services.desk.complaint.state import Case, Stage
from onrecord_services.desk.decision import Held, Refused

COMPENSATION = "compensation"
GIVING = "compensate"
APPROVER = "approver"
"""What an authority table says of an amount."""


class Band(NamedTuple):
    """From this sum on this role is needed."""

    role: str
    from_: Decimal


class OnMoney(OnComplaint):
    """A decision about compensation, also after the complaint was closed."""

    WHEN: ClassVar[frozenset[Stage]] = frozenset({"open", "settled", "closed"})

    amount: Money


class AskCompensation(OnMoney):
    """Ask for the authority to compensate the customer (CC05-2.9)."""

    NAME: ClassVar[str] = "complaint.ask-compensation"

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """Asked for; the sum, with what was promised before, decides whose word is needed."""
        total = case.compensation_promised + self.amount
        return [
            approval.Requested(kind=COMPENSATION, by=held.by),
            figure.Recorded(figure=COMPENSATION, value=total),
        ]


class PromiseCompensation(OnMoney):
    """Promise the customer money, within one's authority (CC05-2.9, CC03-18)."""

    NAME: ClassVar[str] = "complaint.promise-compensation"

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """The promise and the yes behind it, if keeping it would be in order too."""
        total = case.compensation_promised + self.amount
        rule = authority(held)
        role = _role_for(held, rule, total) if rule else None
        promised = [
            complaint.CompensationPromised(
                amount=self.amount,
                role=role,
                clause=rule.id if rule else None,
                edition=rule.edition if rule else None,
            ),
            approval.Given(kind=COMPENSATION, step="approve", by=held.by, role=role),
        ]
        kept = act.Done(act=GIVING, by=held.by, value=total)
        lawful.in_order(held, self.stream, [*promised, kept])
        return promised


class Compensate(OnMoney):
    """Give the customer what was promised."""

    NAME: ClassVar[str] = "complaint.compensate"

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """Given; never more than was promised."""
        if case.compensation_given + self.amount > case.compensation_promised:
            rule = authority(held)
            clause = rule.id if rule else lawful.clause_of(held, "CC03-18-approved", "CC03-18")
            raise Refused("not-promised", clause=clause, promised=str(case.compensation_promised))
        return [act.Done(act=GIVING, by=held.by, value=self.amount, customer=case.customer)]


def authority(held: Held) -> Rule | None:
    """The clause in force that says who may promise how much."""
    found = (
        rule
        for rule in held.settings.index.rules.values()
        if isinstance(rule.clause, GradeClause)
        and rule.clause.sets == APPROVER
        and lawful.clause_of(held, rule.id) is not None
        and rule.holds_at(held.at)
    )
    return next(found, None)


def bands(held: Held, rule: Rule) -> Sequence[Band]:
    """The table, from the highest sum down: the clause's own, else the tenant's number."""
    clause = rule.clause
    assert isinstance(clause, GradeClause)
    if clause.step:
        return [Band(step.grade, step.from_ or Decimal(0)) for step in clause.step]
    number = held.settings.number(rule.id, held.at)
    if number is None or ">=" not in number.value:
        raise Refused("no-authority-table", clause=rule.id)
    parts = (part.partition(">=") for part in number.value.split(","))
    named = [Band(role.strip(), Decimal(bound.strip())) for role, _, bound in parts]
    return sorted(named, key=lambda band: band.from_, reverse=True)


def _role_for(held: Held, rule: Rule, total: Decimal) -> str:
    """The role whose authority covers the sum, and which this person has; who may more may less."""
    table = bands(held, rule)
    needed = next((band for band in table if total >= band.from_), table[-1])
    enough = [band.role for band in table if band.from_ >= needed.from_]
    mine = [role for role in reversed(enough) if held.has_role(role)]
    if not mine:
        raise Refused("over-authority", clause=rule.id, total=str(total), role=needed.role)
    return mine[0]
