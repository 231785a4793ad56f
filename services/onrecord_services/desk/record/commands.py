"""Record commands: file a form, look one through, do what a clause may want a yes, a role or a limit for.

What must be filled in, who may do what and how much of it comes from the rulebooks in force, so there is one
command for every form and every act.
"""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from onrecord_events import act, record
from onrecord_events.archive import Defect
from onrecord_events.base import Code, Count, Money, Ref
from onrecord_events.period import Period
from onrecord_services.desk import lawful
from onrecord_services.desk.decision import Command, Fact, Held, Refused
from onrecord_services.desk.record.lacking import lists_of, missing_of, must_be_whole
from onrecord_services.desk.record.secrecy import level_of
from onrecord_services.desk.record.stream_name import Listed, StreamName


class OnRecord(Command):
    """A decision about what lies on one stream."""

    on: StreamName
    """What it is about; a record about nothing else has a stream of its own, `record/<id>`."""

    def streams(self) -> tuple[str, ...]:
        """What it is about."""
        return (self.on,)


class File(OnRecord):
    """File a form, a report or a register entry, with what the checklists in force want in it."""

    NAME: ClassVar[str] = "record.file"

    form: Code
    kind: Code | None = None
    filled: Listed = ()
    papers: Listed = ()
    period: Period | None = None
    count: Count = 1
    about: Ref | None = None
    customer: Ref | None = None
    as_incomplete: bool = False
    """File it although something is missing, and say so on record."""

    def decide(self, held: Held) -> Sequence[Fact]:
        """Filed; whole, or as what it is."""
        told = self.model_dump(exclude={"on", "as_incomplete"}, exclude_none=True)
        body = record.Filed(**told, by=held.by, complete=True)
        if not self.as_incomplete:
            must_be_whole(held, body)
        elif missing_of(held, body):
            return [Fact(self.on, body.model_copy(update={"complete": False}))]
        if not any(lists_of(held, body)):
            body = body.model_copy(update={"complete": None})
        return [Fact(self.on, one) for one in lawful.in_order(held, self.on, [body])]


class Check(OnRecord):
    """Look a record through and say what is wrong with it."""

    NAME: ClassVar[str] = "record.check"

    form: Code
    owner: Ref | None = None
    """Whose record it is."""
    missing: Annotated[int, Field(ge=0, le=10_000)] = 0
    defects: tuple[Defect, ...] = ()
    passed: bool | None = None
    """Left out: passed if nothing is wrong with it."""
    about: Ref | None = None

    def decide(self, held: Held) -> Sequence[Fact]:
        """Checked. What has defects has not passed."""
        faulty = bool(self.missing or self.defects)
        if self.passed and faulty:
            raise Refused("has-defects", missing=str(self.missing))
        body = record.Checked(
            form=self.form,
            by=held.by,
            person=self.owner,
            missing=self.missing,
            defects=self.defects,
            passed=not faulty if self.passed is None else self.passed,
            about=self.about,
        )
        return [Fact(self.on, one) for one in lawful.in_order(held, self.on, [body])]


class Do(OnRecord):
    """Do what a clause may want a yes, a role or a limit for; what no clause minds is recorded."""

    NAME: ClassVar[str] = "act.do"

    act: Code
    who: Ref | None = None
    """Who does it, if not whoever asks: a visitor, a partner."""
    role: Code | None = None
    """In which role; left out, the one of his in which it is allowed."""
    level: Code | None = None
    """How secret it is; what is marked so on record is so."""
    kind: Code | None = None
    about: Ref | None = None
    count: Count = 1
    value: Money | None = None
    customer: Ref | None = None
    purpose: Code | None = None

    def decide(self, held: Held) -> Sequence[Fact]:
        """Done, in the first role that allows it."""
        himself = self.who in (None, held.by)
        if himself and self.role is not None and self.role not in held.roles:
            raise Refused("role-lacking", role=self.role)
        told: dict[str, Any] = self.model_dump(exclude={"on", "who", "role"}, exclude_none=True)
        if marked := level_of(held.events(self.on)):
            told["level"] = marked
        roles = [self.role] if self.role or not himself else [None, *sorted(held.roles)]
        why: list[Refused] = []
        for role in roles:
            body = act.Done(**told, by=self.who or held.by, role=role)
            try:
                lawful.in_order(held, self.on, [body])
            except Refused as refusal:
                why.append(refusal)
            else:
                return [Fact(self.on, body)]
        raise why[0]
