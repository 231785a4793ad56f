"""Sharing: who answers for an overrun after a case went from hand to hand? To the second, and pure.

`at-breach`: all of it whoever had the case at the limit; whoever accepts at that very second has it.
`proportional`: everybody by the time he had it while the clock ran, from its start to its stop; whole seconds
by largest remainder, the earlier first.
`first-delayer`: all of it the first who kept it longer than an even share of the limit. There always is one:
together they kept it longer than the limit.
The clock of somebody who never had the case (a department's, say) is not shared.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal, cast

import msgspec

from onrecord_projections.judging.hands import Hand, holder_of
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.verdict import Clock

Policy = Literal["at-breach", "proportional", "first-delayer"]
READING = "handover.overrun"
SECOND = timedelta(seconds=1)


class Share(msgspec.Struct, frozen=True):
    """One person's part of an overrun."""

    person: str
    seconds: int


class Stretch(msgspec.Struct, frozen=True):
    """How long one person had it while the clock ran, in whole seconds."""

    person: str
    held: int


def policy_at(settings: Settings, at: datetime) -> Policy:
    """How the tenant shares what was overrun at that instant."""
    return cast("Policy", settings.reading(READING, at))


def share(clock: Clock, hands: Sequence[Hand], policy: Policy, as_of: datetime) -> tuple[Share, ...]:
    """Everybody's part; together the overrun, as far as it has come by `as_of`. None late, nobody's."""
    if clock.due_at is None or clock.state not in ("breached", "excused"):
        return ()
    stop = clock.stopped_at or as_of
    overrun = (stop - clock.due_at) // SECOND
    if overrun <= 0:
        return ()
    held = stretches(clock, hands, stop)
    if not held or clock.owner is None:
        return (Share(clock.owner, overrun),) if clock.owner else ()
    if policy == "at-breach":
        return (Share(holder_of(tuple(hands), clock.due_at) or clock.owner, overrun),)
    if policy == "first-delayer":
        return (Share(first_delayer(clock, held), overrun),)
    return tuple(_by_time(held, overrun))


def stretches(clock: Clock, hands: Sequence[Hand], stop: datetime) -> list[Stretch]:
    """Who had it how long between the clock's start and its stop; none if its person never had the case."""
    had = clock.owner in {hand.person for hand in hands if hand.since <= stop}
    return list(_stretches(clock, hands, stop)) if had else []


def first_delayer(clock: Clock, held: Sequence[Stretch]) -> str:
    """The first who kept it longer than an even share of the limit; else who kept it longest at once."""
    assert clock.due_at is not None
    limit = (clock.due_at - clock.started_at) // SECOND
    people = {stretch.person for stretch in held}
    kept = dict.fromkeys(people, 0)
    for stretch in held:
        kept[stretch.person] += stretch.held
        if kept[stretch.person] * len(people) > limit:
            return stretch.person
    return max(held, key=lambda stretch: stretch.held).person


def _stretches(clock: Clock, hands: Sequence[Hand], stop: datetime) -> Iterator[Stretch]:
    """Time in nobody's hands is nobody's."""
    for hand, after in zip(hands, (*(later.since for later in hands[1:]), stop), strict=True):
        begin, end = max(hand.since, clock.started_at), min(after, stop)
        if hand.person is not None and begin < end:
            yield Stretch(hand.person, (end - begin) // SECOND)


def _by_time(held: Sequence[Stretch], overrun: int) -> Iterator[Share]:
    """Parts in proportion; what is left over goes second by second to the largest remainders."""
    kept: dict[str, int] = {}
    for stretch in held:
        kept[stretch.person] = kept.get(stretch.person, 0) + stretch.held
    total = sum(kept.values())
    if total == 0:
        yield Share(held[0].person, overrun)
        return
    parts = {person: divmod(overrun * seconds, total) for person, seconds in kept.items()}
    left = overrun - sum(whole for whole, _ in parts.values())
    order = {person: nth for nth, person in enumerate(kept)}
    more = set(sorted(parts, key=lambda person: (-parts[person][1], order[person]))[:left])
    for person, (whole, _) in parts.items():
        seconds = whole + (person in more)
        if seconds:
            yield Share(person, seconds)
