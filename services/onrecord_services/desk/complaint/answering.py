"""Answering: what the customer hears from us, what we ask him, and whether he is content."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from onrecord_events import callback, complaint
from onrecord_events.base import Code, Event, Ref
from onrecord_projections.judging import Clock
from onrecord_projections.judging.clauses import ClockClause
from onrecord_projections.judging.parts import Selector
from onrecord_services.desk.complaint.base import AFTER, OnComplaint
from onrecord_services.desk.complaint.state import Case, Stage
from onrecord_services.desk.complaint.taking import said
from onrecord_services.desk.decision import Fact, Held, Refused

SETTLES = frozenset({"complaint.resolved", "complaint.closed"})


class ShareProgress(OnComplaint):
    """Tell the customer how it stands (RENT-CRM 1.2-4C)."""

    NAME: ClassVar[str] = "complaint.share-progress"
    EVENT: ClassVar[type[Event] | None] = complaint.ProgressShared

    channel: Code | None = None


class AskCustomer(OnComplaint):
    """Ask the customer for something; whether clocks wait, their clauses say."""

    NAME: ClassVar[str] = "complaint.ask-customer"
    EVENT: ClassVar[type[Event] | None] = complaint.CustomerAsked

    question_code: Code


class NoteCustomerAnswer(OnComplaint):
    """Note that the customer answered what he was asked."""

    NAME: ClassVar[str] = "complaint.note-customer-answer"
    EVENT: ClassVar[type[Event] | None] = complaint.CustomerAnswered
    BARRED: ClassVar[bool] = False

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """The wait is over."""
        if not case.asked:
            raise Refused("nothing-asked")
        return super().bodies(case, held)


class Discuss(OnComplaint):
    """Talk a major complaint through with the customer (RENT-CRM 1.2-5B)."""

    NAME: ClassVar[str] = "complaint.discuss"
    EVENT: ClassVar[type[Event] | None] = complaint.Discussed
    LED: ClassVar[bool] = True


class Answer(OnComplaint):
    """Answer the customer, possibly with a day by which it is done: never later than the clauses have."""

    NAME: ClassVar[str] = "complaint.answer"
    EVENT: ClassVar[type[Event] | None] = complaint.Answered

    promised_by: AwareDatetime | None = None

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """The answer; there may be several."""
        for clock in clocks_ended_by(held, self.stream, SETTLES) if self.promised_by else ():
            assert self.promised_by is not None
            if clock.due_at is not None and held.at < clock.due_at < self.promised_by:
                raise Refused("promised-too-late", clause=clock.clause, due_at=clock.due_at.isoformat())
        return super().bodies(case, held)


class NoteAgreement(OnComplaint):
    """Note that the customer agreed to the solution (RENT-CRM 1.2-5B)."""

    NAME: ClassVar[str] = "complaint.note-agreement"
    EVENT: ClassVar[type[Event] | None] = complaint.CustomerAgreed
    DONE: ClassVar[str] = "agreed"


class Settle(OnComplaint):
    """Settle it: the call-back's 24 hours begin (RENT-CRM 2.1-1)."""

    NAME: ClassVar[str] = "complaint.settle"
    EVENT: ClassVar[type[Event] | None] = complaint.Resolved
    DONE: ClassVar[str] = "settled"
    LED: ClassVar[bool] = True

    accepted_by_customer: bool | None = None


class CallBack(OnComplaint):
    """Ask the customer afterwards; of a minor complaint whoever took it calls (RENT-CRM 2.3-1, 1.3-1a)."""

    NAME: ClassVar[str] = "complaint.call-back"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"remarks"})
    WHEN: ClassVar[frozenset[Stage]] = AFTER

    customer: Ref
    channel: Literal["letter", "phone", "wechat", "visit"]
    reached: bool = True
    satisfied: bool | None = None
    remarks: str | None = None

    def sealed_for(self) -> str | None:
        """The customer's key seals his words."""
        return self.customer

    def decide(self, held: Held) -> Sequence[Fact]:
        """The call, with what he said."""
        clear = said(remarks=self.remarks)
        return [fact._replace(clear=clear) for fact in super().decide(held)]

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """The call, of the customer whose complaint it is."""
        if self.customer != case.customer:
            raise Refused("another-customer")
        return [
            callback.Made(
                kind="complaint",
                channel=self.channel,
                by=held.by,
                reached=self.reached,
                satisfied=self.satisfied,
                customer=self.customer,
            )
        ]


def clocks_ended_by(held: Held, stream: str, events: frozenset[str], **where: bool) -> Iterator[Clock]:
    """The open clocks that one of these events, with these words in it, would stop."""
    for clock in held.verdict(stream).clocks:
        rule = held.settings.index.rules.get((clock.pack, clock.edition, clock.clause))
        if clock.stopped_at is not None or clock.state not in ("running", "paused", "breached"):
            continue
        if rule is not None and isinstance(rule.clause, ClockClause):
            stops = rule.clause.stops_on
            if any(stop.event in events and _asks(stop, where) for stop in stops):
                yield clock


def _asks(stop: Selector, where: dict[str, bool]) -> bool:
    return all(value in stop.where.get(field, ()) for field, value in where.items())
