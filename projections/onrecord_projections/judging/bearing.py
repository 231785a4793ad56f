"""Bearing: whose penalty is it when a clock was broken and its case had been handed over? Pure.

By the tenant's reading `handover.penalty`, at the limit: the clause's person, as ever; or as an overrun is
shared (see `sharing`). `at-breach` and `first-delayer` move it whole. `proportional` divides it by how many
seconds of the overrun each answers for; while the clock is open nobody knows them, and it is whose the case
was at the limit. With `at-breach`, a further day of an open breach is whose it was at the end of that day.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from onrecord_projections.judging.hands import Hand, holder_of
from onrecord_projections.judging.policy import BEARING, Settings
from onrecord_projections.judging.sharing import SECOND, first_delayer, share, stretches
from onrecord_projections.judging.verdict import Clock, Finding, Verdict


def borne(settings: Settings, verdict: Verdict, hands: Sequence[Hand]) -> Verdict:
    """The verdict with every breach found of whoever bears its penalty."""
    if len(hands) < 2 or not verdict.findings:  # noqa: PLR2004 (one hand has it all)
        return verdict
    broken = {
        (clock.pack, clock.clause, clock.instance): clock
        for clock in verdict.clocks
        if clock.kind == "clock" and clock.state == "breached"
    }
    findings: list[Finding] = []
    for finding in verdict.findings:
        clock = broken.get((finding.pack, finding.clause, clock_of(finding)))
        findings += [finding] if clock is None else _borne(settings, finding, clock, hands)
    return replace(verdict, findings=tuple(findings))


def clock_of(finding: Finding) -> str:
    """The instance of the clock that was broken, without the further day and whose part it is."""
    if finding.code != "breach":
        return ""
    instance = finding.instance.removesuffix(f"@{finding.person}") if finding.parts else finding.instance
    name, _, nth = instance.rpartition("+")
    return name if name and nth.isdigit() else instance


def seen_until(clock: Clock, hands: Sequence[Hand]) -> datetime:
    """Up to where it counts who had the case: the stop, or the last thing that is known of an open one."""
    assert clock.due_at is not None
    return clock.stopped_at or max(clock.due_at + SECOND, hands[-1].since)


def _borne(settings: Settings, finding: Finding, clock: Clock, hands: Sequence[Hand]) -> Iterator[Finding]:
    """One finding, or one each."""
    assert clock.due_at is not None
    policy, until = settings.reading(BEARING, clock.due_at), seen_until(clock, hands)
    held = stretches(clock, hands, until)
    if policy == "clause-person" or not held:
        yield finding
        return
    at_limit = holder_of(tuple(hands), finding.at - SECOND) or clock.owner
    moved = (hand.position for hand in hands if clock.started_at < hand.since <= until)
    known = replace(finding, at_limit=at_limit, evidence=tuple(dict.fromkeys((*finding.evidence, *moved))))
    if policy == "proportional" and clock.stopped_at is not None:
        yield from _divided(known, clock, hands)
    else:
        sole = first_delayer(clock, held) if policy == "first-delayer" else at_limit
        yield replace(known, person=sole)


def _divided(finding: Finding, clock: Clock, hands: Sequence[Hand]) -> Iterator[Finding]:
    """Everybody's own; whoever had it at the limit has one even without a second of the overrun."""
    assert clock.stopped_at is not None
    parts = {one.person: one.seconds for one in share(clock, hands, "proportional", clock.stopped_at)}
    if finding.at_limit is not None:
        parts.setdefault(finding.at_limit, 0)
    for person in parts:
        own = finding.instance if person == clock.owner else f"{finding.instance}@{person}"
        yield replace(finding, person=person, instance=own, among=tuple(parts), parts=tuple(parts.values()))
