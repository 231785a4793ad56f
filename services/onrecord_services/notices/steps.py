"""Steps: which notices does a clock ask for, to whom, and when? Pure: time comes as an argument.

A share of the target counts as the clock does: of working time where it measures working time. A breach is
told one second after the due instant (R1). What was reached while another policy was in force is told, or
not, as that one said; so switching notices on tells nothing old.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from onrecord_events.alert import PolicySet, Window
from onrecord_projections.calendar import Calendar, CalendarError

BROKEN_AFTER = timedelta(seconds=1)
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


class Promise(NamedTuple):
    """What of a clock decides who is told when. All times in UTC."""

    case: str
    clause: str
    instance: str
    pack: str
    edition: int
    owner: str | None
    state: str
    started_at: datetime
    due_at: datetime | None
    """None while paused: nothing falls due then."""
    stopped_at: datetime | None
    paused: timedelta


class Step(NamedTuple):
    """One thing to tell."""

    name: str
    at: datetime
    recipients: tuple[str, ...]


class Regime(NamedTuple):
    """A policy of notices and the instant since which it is in force."""

    since: datetime
    policy: PolicySet


DEFAULT = (Regime(LONG_AGO, PolicySet(window=Window())),)
"""Where a tenant has said nothing."""


def due_steps(
    promise: Promise,
    regimes: Sequence[Regime],
    acknowledged_at: datetime | None,
    as_of: datetime,
    calendar: Calendar | None = None,
) -> list[Step]:
    """Everything that was to be told by `as_of`, in the order in which it was reached."""
    return [step for step in steps(promise, regimes, acknowledged_at, calendar) if step.at <= as_of]


def steps(
    promise: Promise,
    regimes: Sequence[Regime],
    acknowledged_at: datetime | None = None,
    calendar: Calendar | None = None,
) -> list[Step]:
    """Every step, reached or to come, if nothing more happens to the clock. `regimes` oldest first."""
    until = promise.stopped_at or FOR_EVER
    found = [
        step
        for nth, regime in enumerate(regimes)
        for step in _of_policy(promise, regime.policy, acknowledged_at, calendar)
        if regime.since <= step.at < (regimes[nth + 1].since if nth + 1 < len(regimes) else FOR_EVER)
        and step.at < until
    ]
    return sorted(found, key=lambda step: (step.at, step.name))


def _of_policy(
    promise: Promise, policy: PolicySet, acknowledged_at: datetime | None, calendar: Calendar | None
) -> Iterator[Step]:
    if not policy.on or promise.due_at is None or promise.clause in policy.mute:
        return
    first = (f"person/{promise.owner}" if promise.owner else policy.otherwise,)
    for percent in policy.soon_percents:
        at = _used_at(promise, promise.due_at, percent, calendar)
        if promise.started_at <= at < promise.due_at:
            yield Step(f"soon-{percent}", at, first)
    if promise.state == "excused":
        return
    at = promise.due_at + BROKEN_AFTER
    yield Step("breach", at, first)
    for nth, escalation in enumerate(policy.chain, 1):
        at += timedelta(minutes=escalation.after_minutes)
        if acknowledged_at is None or at < acknowledged_at:
            yield Step(f"escalation-{nth}", at, (escalation.to,))


def _used_at(promise: Promise, due_at: datetime, percent: int, calendar: Calendar | None) -> datetime:
    """When so much of the target was used: counted back from the due instant, so that pauses are in it."""
    if calendar is not None:
        try:
            target = calendar.working_between(promise.started_at, due_at) - promise.paused
            return calendar.add_working(due_at, -_rest(target, percent)).at.astimezone(UTC)
        except CalendarError:  # beyond the years a calendar answers for
            pass
    return due_at - _rest(due_at - promise.started_at - promise.paused, percent)


def _rest(target: timedelta, percent: int) -> timedelta:
    return max(target, timedelta()) * (100 - percent) / 100
