"""Verdict: what a case's events mean under the rules, as values to store, show and compare."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

import msgspec

State = Literal["running", "paused", "met", "breached", "cancelled", "excused"]
Kind = Literal["clock", "recurring", "retention"]


class Clock(msgspec.Struct, frozen=True):
    """One promise measured once. (pack, clause, case, instance) names it for ever."""

    pack: str
    edition: int
    clause: str
    case: str
    instance: str
    """The identity of the event that started it, or the period of a duty."""
    kind: Kind
    owner: str | None
    """Who owes it: the person the clause names, as known when it started."""
    state: State
    started_at: datetime
    due_at: datetime | None
    """On time is at or before it. None while paused."""
    stopped_at: datetime | None
    used: timedelta
    """Time that counted, up to the stop or to the last event that moved the clock."""
    paused: timedelta
    """Time that would have counted but for a pause; overlapping causes count once."""
    overrun: timedelta | None
    """How late the stop was. None if it was not, or while a late clock is still open."""
    provisional: bool
    note: str
    findings: tuple[str, ...]
    evidence: tuple[int, ...]
    """Positions of the events it rests on, in the order they count."""
    started_by: str
    stopped_by: str | None
    justified: bool = False
    """The reason for being late is on record; a breach stays a breach (RENT-CRM 1.2-5C)."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that went against a clause: what penalty rules and readers of a case feed on."""

    pack: str
    edition: int
    clause: str
    code: str
    """`breach` of a clock, else a form fault, a defect, a refusal."""
    case: str
    instance: str
    person: str | None
    at: datetime
    """The instant it counts at; of a breach, the second after it was due."""
    due_at: datetime | None
    quantity: int
    evidence: tuple[int, ...]
    value: Decimal | None = None
    """The money it is about (a gift's price, a repair's cost), in the event's currency; not what it costs."""
    among: tuple[str, ...] = ()
    """Others it concerns, where the event names them; or all who answer for an overrun."""
    parts: tuple[int, ...] = ()
    """Of an overrun that was shared: for how many of its seconds each of `among` answers."""
    at_limit: str | None = None
    """Who had the case at the limit, where it went from hand to hand and its penalty goes with that."""


class Unmeasured(msgspec.Struct, frozen=True):
    """A promise that no clock can hold yet, because a number or a calendar is missing; only reported."""

    pack: str
    edition: int
    clause: str
    case: str
    instance: str
    reason: Literal["no-number", "no-calendar"]
    suggested: str | None
    started_at: datetime
    stopped_at: datetime | None
    elapsed: timedelta | None
    evidence: tuple[int, ...]


class Verdict(msgspec.Struct, frozen=True):
    """All that is known of one case at one instant."""

    clocks: tuple[Clock, ...] = ()
    findings: tuple[Finding, ...] = ()
    unmeasured: tuple[Unmeasured, ...] = ()
