"""Whose: whose client it is by the policies in force, now, or if something more happened. Pure.

The same evaluation as the read model's, over the streams themselves: at the desk nobody waits for a
projection to hear who was first.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from onrecord_events.envelope import Recorded
from onrecord_projections.judging import Settings
from onrecord_projections.judging.ownership import CLIENT, Claim, Ownership, Span, evaluate_ownership
from onrecord_projections.judging.ownership.regime import OwnershipRule, regimes_of
from onrecord_services.desk.decision import Fact, Held


def owner_of(
    settings: Settings,
    streams: Mapping[str, Sequence[Recorded]],
    client: str,
    *,
    as_of: datetime,
    known_at: datetime | None = None,
) -> tuple[Span, ...]:
    """Who owned this client at `as_of`, since when and why, one answer a policy, by what was known then.

    `streams`: the client's own, and of everybody who was ever related to him.
    """
    events = [
        event
        for told in streams.values()
        for event in told
        if known_at is None or event.recorded_at <= known_at
    ]
    return _at(evaluate_ownership(settings, events, as_of), client, as_of)


def whose(held: Held, streams: Iterable[str], more: Sequence[Fact] = ()) -> Ownership:
    """Everything about one family now; `more` as if it had just happened."""
    events = [event for name in dict.fromkeys(streams) for event in held.events(name)]
    last = max((event.position for event in events), default=0)
    events += [_as_if(held, fact, last + nth) for nth, fact in enumerate(more, 1)]
    return evaluate_ownership(held.settings, events, held.at)


def owning(found: Ownership, client: str, at: datetime) -> Span | None:
    """Whose it is; None if it is nobody's, or no policy says."""
    return next((span for span in _at(found, client, at) if span.owner is not None), None)


def living(found: Ownership, person: str) -> Claim | None:
    """A claim of this person that holds, or waits in line."""
    return next((one for one in _claims(found, person) if one.state in ("owning", "waiting")), None)


def any_claim(found: Ownership, person: str) -> Claim | None:
    """His latest claim, whatever became of it."""
    return max(_claims(found, person), key=lambda claim: claim.claimed_at, default=None)


def rules_now(held: Held, kind: str) -> tuple[OwnershipRule, ...]:
    """The rules of one kind that the policies in force have."""
    regimes = regimes_of(held.settings)
    found = (regimes.at(pack, held.at) for pack in regimes.packs)
    return tuple(
        rule for regime in found if regime for rule in regime.of(kind) if rule.holds(held.settings, held.at)
    )


def ruled(held: Held) -> bool:
    """Whether any policy in force says whose a client is."""
    return bool(rules_now(held, "claim"))


def _claims(found: Ownership, person: str) -> list[Claim]:
    return [claim for claim in found.claims if claim.holder == person]


def _at(found: Ownership, client: str, at: datetime) -> tuple[Span, ...]:
    return tuple(
        span
        for span in found.spans
        if (span.client, span.line) == (client, CLIENT)
        and span.since <= at
        and (span.until is None or at < span.until)
    )


def _as_if(held: Held, fact: Fact, position: int) -> Recorded:
    return Recorded(
        position=position,
        recorded_at=held.at,
        id=f"as-if-{position}",
        source="/onrecord/desk",
        type=fact.body.TYPE,
        stream=fact.stream,
        occurred_at=held.at,
        data=fact.body.model_dump(mode="json", exclude_none=True),
        actor=held.by,
        correlation=fact.correlation,
    )
