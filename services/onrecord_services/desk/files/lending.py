"""Lending: a file, papers or a tool is out with one person at a time, with the yes the policies want.

The stream is `loan/<item>`: the loan's aggregate holds who has it. An approval is asked for on the same
stream, and one loan uses it up.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from pydantic import AwareDatetime, Field

from onrecord_events import loan, stage
from onrecord_events.base import Code, Event, Money, Ref
from onrecord_events.envelope import New, Recorded
from onrecord_projections.judging.clauses import ApprovalClause
from onrecord_projections.judging.parts import Selector
from onrecord_projections.judging.rule import equality_of, holds
from onrecord_services.desk import lawful
from onrecord_services.desk.aggregates import Aggregate
from onrecord_services.desk.approval.aggregate import Applications
from onrecord_services.desk.approval.asked import GIVEN, approvals, chains_of
from onrecord_services.desk.decision import Command, Fact, Held, Refused
from onrecord_services.desk.files.state import fold

FILE = "archive-file"
CANCELLED = "loan-cancelled"
"""Struck from the register (CC04-20); the register is this one."""


class Lending(Applications):
    """Who has one item now. One person at a time."""

    KIND: ClassVar[str] = "loan"

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.out: loan.Made | None = None
        self.lost = False

    def when(self, body: Event, new: New) -> None:
        """One event, after all that came before it."""
        super().when(body, new)
        if isinstance(body, loan.Made):
            self.out = body
        elif isinstance(body, loan.Returned):
            self.out, self.lost = None, False
        elif isinstance(body, loan.Lost):
            self.out, self.lost = None, True

    def may_lend(self, borrower: str) -> bool:
        """Only what is here; whether it is not with him already. Raises Refused."""
        if self.lost:
            raise Refused("lost")
        if self.out is None:
            return True
        if self.out.borrower != borrower:
            raise Refused("lent-already", borrower=self.out.borrower)
        return False


class OnLoan(Command):
    """A decision about one item that is lent."""

    AGGREGATE: ClassVar[type[Aggregate] | None] = Lending

    item: Ref

    @property
    def stream(self) -> str:
        """Where it is said who has it."""
        return f"loan/{self.item}"

    def streams(self) -> tuple[str, ...]:
        """The item."""
        return (self.stream,)

    def lending(self, held: Held) -> Lending:
        """Who has it."""
        assert isinstance(held.aggregate, Lending), "the desk loads it: AGGREGATE says so"
        return held.aggregate


class Make(OnLoan):
    """Lend something: it is here, whoever borrows asked for it, and the policies' yes is given."""

    NAME: ClassVar[str] = "loan.make"

    borrower: Ref
    kind: Code = FILE
    due_at: AwareDatetime | None = None

    def streams(self) -> tuple[str, ...]:
        """The item, and the file it is."""
        return (self.stream, f"archive/{self.item}")

    def decide(self, held: Held) -> Sequence[Fact]:
        """Lent. Nobody hands it to himself."""
        if self.borrower == held.by:
            raise Refused("two-people-needed")
        if fold(held.events(f"archive/{self.item}")).destroyed:
            raise Refused("destroyed")
        if self.due_at is not None and self.due_at <= held.at:
            raise Refused("due-too-early")
        lending = self.lending(held)
        if not lending.may_lend(self.borrower):
            return []
        body = loan.Made(item=self.item, borrower=self.borrower, kind=self.kind, due_at=self.due_at)
        for wanted in yes_wanted(held, body):
            if not _granted(held, lending, wanted, self.borrower):
                raise Refused("not-granted", clause=wanted[0], kind=wanted[1])
        return [Fact(self.stream, one) for one in lawful.in_order(held, self.stream, [body])]


class Return(OnLoan):
    """Take something back; whoever had it does not tick it off himself."""

    NAME: ClassVar[str] = "loan.return"

    def decide(self, held: Held) -> Sequence[Fact]:
        """Back, and struck from the register."""
        out = self.lending(held).out
        if out is None:
            return []
        if out.borrower == held.by:
            raise Refused("two-people-needed")
        back = loan.Returned(item=self.item, borrower=out.borrower, kind=out.kind)
        facts = [Fact(self.stream, back)]
        if out.kind == FILE:
            facts.append(Fact(self.stream, stage.Reached(stage=CANCELLED, by=held.by)))
        return facts


class Lose(OnLoan):
    """Say that something was lost, by whoever has it or by its keeper (CC02-E7)."""

    NAME: ClassVar[str] = "loan.lose"

    kind: Code = FILE
    papers: int = Field(default=1, ge=1, le=10_000)
    role: Code | None = None
    value: Money | None = None
    keeper: Ref | None = None
    """Who kept it, where nobody had borrowed it."""

    def decide(self, held: Held) -> Sequence[Fact]:
        """Lost once."""
        lending = self.lending(held)
        if lending.lost:
            return []
        who, kept = self._loser(lending)
        body = loan.Lost(
            item=self.item,
            borrower=who,
            kind=lending.out.kind if lending.out else self.kind,
            papers=self.papers,
            role=self.role,
            keeper=kept,
            value=self.value,
        )
        return [Fact(self.stream, body)]

    def _loser(self, lending: Lending) -> tuple[str, bool]:
        if lending.out is not None:
            if self.keeper is not None:
                raise Refused("lent-already", borrower=lending.out.borrower)
            return lending.out.borrower, False
        if self.keeper is None:
            raise Refused("keeper-missing")
        return self.keeper, True


def yes_wanted(held: Held, body: Event) -> Iterator[tuple[str, str]]:
    """The clauses in force that want a yes for this, and the kind of application each wants."""
    for rule in approvals(held):
        clause = rule.clause
        assert isinstance(clause, ApprovalClause)
        if any(_means(act, body) for act in clause.act):
            needs = (on for way in clause.any_of for need in way for on in need.on if on.event == GIVEN)
            yield from sorted({(rule.id, str(kind)) for on in needs for kind in on.where.get("kind", ())})


def borrower_of(events: Iterable[Recorded]) -> str | None:
    """Who has it, by the events of its stream; None if it is here, or lost."""
    borrower: str | None = None
    for event in events:
        if event.type == "loan.made":
            borrower = event.data["borrower"]
        elif event.type in ("loan.returned", "loan.lost"):
            borrower = None
    return borrower


def _means(act: Selector, body: Event) -> bool:
    """Whether a clause's act is this one, by what the event itself says."""
    data = body.model_dump(mode="json", exclude_none=True)
    return (
        act.event == body.TYPE
        and holds(equality_of(act.where, act.event), data)
        and not any(holds((test,), data) for test in equality_of(act.unless, act.event))
    )


def _granted(held: Held, lending: Lending, wanted: tuple[str, str], borrower: str) -> bool:
    """Whether his own application has every yes this clause wants."""
    clause, kind = wanted
    chains = [chain for chain in chains_of(held, kind) if chain.clause == clause]
    return any(
        asked.by == borrower and asked.granted(chains)
        for (named, _), asked in lending.applications.items()
        if named == kind
    )
