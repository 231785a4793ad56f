"""Asked: whose yes the policies in force want before a kind of thing may be done. Pure.

The steps are those of the approval clauses that name the kind; where other clauses only measure the answer,
one yes is enough. Nothing about any kind stands here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from onrecord_projections.judging.clauses import ApprovalClause
from onrecord_projections.judging.clauses.approval import Need
from onrecord_projections.judging.parts import Selector
from onrecord_projections.judging.rule import Rule
from onrecord_services.desk.decision import Held

GIVEN = "approval.given"
TYPES = ("approval.requested", GIVEN, "approval.refused")
Codes = frozenset[str]


class Said(NamedTuple):
    """One yes: who, at which step, in which role."""

    by: str
    step: str
    role: str | None


class Wanted(NamedTuple):
    """What a yes must look like; nothing listed: anything will do."""

    steps: Codes
    roles: Codes

    def fits(self, said: Said) -> bool:
        """Whether this is such a yes."""
        return (not self.steps or said.step in self.steps) and (not self.roles or said.role in self.roles)


@dataclass(frozen=True)
class Step:
    """One need of a chain: such a yes, so many times, by so many people."""

    wanted: tuple[Wanted, ...]
    times: int = 1
    distinct: str | None = None

    def fits(self, said: Said) -> bool:
        """Whether the yes counts here."""
        return any(one.fits(said) for one in self.wanted)

    def met(self, answers: Iterable[Said]) -> bool:
        """Whether enough of them are there."""
        mine = [said for said in answers if self.fits(said)]
        return len({getattr(said, self.distinct) for said in mine} if self.distinct else mine) >= self.times


@dataclass(frozen=True)
class Chain:
    """What one clause wants: any one of its ways, each a row of steps."""

    clause: str | None
    ways: tuple[tuple[Step, ...], ...]
    ordered: bool = False

    def done(self, answers: Iterable[Said]) -> bool:
        """Whether one way was gone to its end."""
        given = tuple(answers)
        return any(all(step.met(given) for step in way) for way in self.ways)


ANYBODY = Chain(None, ((Step((Wanted(frozenset(), frozenset()),)),),))


def chains_of(held: Held, kind: str) -> tuple[Chain, ...]:
    """The chains of a kind; empty if no clause in force names it."""
    named = tuple(chain for rule in approvals(held) if (chain := _chain(rule, kind)) is not None)
    if named:
        return named
    return (ANYBODY,) if _is_named(held, kind) else ()


def approvals(held: Held) -> Iterator[Rule]:
    """The approval clauses in force, as the tenant reads them."""
    for rule in held.settings.index.rules.values():
        if isinstance(rule.clause, ApprovalClause) and in_force(held, rule):
            yield rule


def in_force(held: Held, rule: Rule) -> bool:
    """Whether a clause holds now under the tenant's reading."""
    switch = rule.switch
    return rule.holds_at(held.at) and (
        switch is None or held.settings.reading(switch.reading, held.at) == switch.value
    )


def _chain(rule: Rule, kind: str) -> Chain | None:
    clause = rule.clause
    assert isinstance(clause, ApprovalClause)
    ways = tuple(way for needs in clause.any_of if (way := tuple(_steps(needs, kind))))
    return Chain(rule.id, ways, clause.ordered) if ways else None


def _steps(needs: Iterable[Need], kind: str) -> Iterator[Step]:
    """What else a way wants, a form or another act, is for the judging of the act itself."""
    for need in needs:
        wanted = tuple(_wanted(on) for on in need.on if on.event == GIVEN and kind in _codes(on, "kind"))
        if wanted:
            distinct = need.distinct_field if need.distinct_field in Said._fields else None
            yield Step(wanted, need.times, distinct)


def _wanted(on: Selector) -> Wanted:
    return Wanted(_codes(on, "step"), _codes(on, "role"))


def _codes(on: Selector, field: str) -> Codes:
    values: tuple[Any, ...] = on.where.get(field, ())
    return frozenset(map(str, values))


def _is_named(held: Held, kind: str) -> bool:
    """Whether any clause in force speaks of such applications at all."""
    plans = held.settings.index.plans
    return any(
        in_force(held, trigger.rule)
        and any(field == "kind" and kind in wanted for field, _, wanted in trigger.where)
        for name in TYPES
        if name in plans
        for trigger in (*plans[name].ends, *plans[name].begins)
    )
