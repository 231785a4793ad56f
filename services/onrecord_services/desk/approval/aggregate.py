"""Applications: the aggregate of one stream's applications, and what may still be said about each.

Each kind and thing has one application open at a time. Nobody answers his own, nobody twice; the steps are
taken in the order the clauses ask for; one no ends it, and so does taking it back. What was lent used it up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from onrecord_events import approval, loan
from onrecord_events.base import Event
from onrecord_events.envelope import New
from onrecord_services.desk.aggregates import Aggregate
from onrecord_services.desk.approval.asked import Chain, Said, Step
from onrecord_services.desk.decision import Refused

Key = tuple[str | None, str | None]
"""Kind of application, and what it is about."""


@dataclass(frozen=True)
class Application:
    """One application and the answers to it."""

    by: str
    answers: tuple[Said, ...] = ()
    state: Literal["open", "refused", "withdrawn", "used"] = "open"

    def granted(self, chains: Sequence[Chain]) -> bool:
        """Whether everything the clauses ask for was said."""
        return self.state == "open" and bool(chains) and all(chain.done(self.answers) for chain in chains)


class Applications(Aggregate):
    """One stream's applications."""

    KIND: ClassVar[str] = "approval"

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.applications: dict[Key, Application] = {}

    def when(self, body: Event, new: New) -> None:  # noqa: ARG002 (who sent it decides nothing)
        """One event, after all that came before it."""
        if isinstance(body, approval.Requested):
            self.applications[body.kind, body.about] = Application(body.by)
        elif isinstance(body, approval.Given):
            held = self.applications.get((body.kind, body.about))
            if held is not None:
                said = Said(body.by, body.step, body.role)
                self.applications[body.kind, body.about] = replace(held, answers=(*held.answers, said))
        elif isinstance(body, approval.Refused):
            self.end(body.kind, body.about, "refused")
        elif isinstance(body, approval.Withdrawn):
            self.end(body.kind, body.about, "withdrawn")
        elif isinstance(body, loan.Made):
            for (kind, about), held in list(self.applications.items()):
                if held.by == body.borrower:
                    self.end(kind, about, "used")

    def end(
        self, kind: str | None, about: str | None, state: Literal["refused", "withdrawn", "used"]
    ) -> None:
        """Nothing more is said to it."""
        held = self.applications.get((kind, about))
        if held is not None and held.state == "open":
            self.applications[kind, about] = replace(held, state=state)

    def may_request(self, key: Key, by: str, chains: Sequence[Chain]) -> bool:
        """One open application a kind and thing; what was granted may be asked for anew."""
        held = self.applications.get(key)
        if held is None or held.state != "open" or held.granted(chains):
            return True
        if held.by != by:
            raise Refused("asked-already", by=held.by)
        return False

    def may_answer(self, key: Key, by: str) -> Application:
        """The application, if this person may still say something to it."""
        held = self.applications.get(key)
        if held is None:
            raise Refused("nothing-asked")
        if held.state != "open":
            raise Refused("over-already", state=held.state)
        if held.by == by:
            raise Refused("his-own")
        if any(said.by == by for said in held.answers):
            raise Refused("answered-already")
        return held

    def may_withdraw(self, key: Key, by: str) -> bool:
        """Whoever asked, as long as it is open."""
        held = self.applications.get(key)
        if held is None:
            raise Refused("nothing-asked")
        if held.by != by:
            raise Refused("not-his-own", by=held.by)
        if held.state == "refused":
            raise Refused("over-already", state=held.state)
        return held.state == "open"


def role_for(
    chains: Sequence[Chain], answers: Sequence[Said], said: Said, roles: frozenset[str]
) -> str | None:
    """The role in which this answer counts at its step, if it is that step's turn. Raises Refused."""
    strict = {
        role: chain.clause
        for chain, _, step in _steps(chains)
        for wanted in step.wanted
        if said.step in wanted.steps
        for role in wanted.roles
    }
    if strict and roles.isdisjoint(strict):
        raise Refused("role-lacking", clause=min(map(str, strict.values())), step=said.step)
    named = [said] if said.role else [said._replace(role=role) for role in _worth_naming(chains, roles)]
    if not any(step.fits(one) for _, _, step in _steps(chains) for one in named):
        raise _why_not(chains, said)
    for one in named:
        turn = [(chain, way, step) for chain, way, step in _steps(chains) if step.fits(one)]
        waiting = [found for found in turn if not found[2].met(answers)]
        if waiting:
            _must_be_its_turn(waiting, answers)
            return one.role
    raise Refused("said-already", step=said.step)


def _worth_naming(chains: Iterable[Chain], roles: frozenset[str]) -> list[str | None]:
    """The roles of his that some step asks for, and none at all."""
    asked = {role for _, _, step in _steps(chains) for wanted in step.wanted for role in wanted.roles}
    return [*sorted(roles & asked), None]


def _steps(chains: Iterable[Chain]) -> list[tuple[Chain, tuple[Step, ...], Step]]:
    return [(chain, way, step) for chain in chains for way in chain.ways for step in way]


def _must_be_its_turn(
    waiting: Iterable[tuple[Chain, tuple[Step, ...], Step]], answers: Sequence[Said]
) -> None:
    for chain, way, step in waiting:
        before = way[: way.index(step)]
        if chain.ordered and not all(one.met(answers) for one in before):
            raise Refused("not-its-turn", clause=chain.clause)


def _why_not(chains: Sequence[Chain], said: Said) -> Refused:
    """Nobody asks for this step, or only of others."""
    for chain, _, step in _steps(chains):
        if any(not wanted.steps or said.step in wanted.steps for wanted in step.wanted):
            return Refused("role-lacking", clause=chain.clause, step=said.step)
    return Refused("no-such-step", clause=chains[0].clause, step=said.step)
