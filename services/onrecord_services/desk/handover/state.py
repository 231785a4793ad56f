"""State: who has a thing, what is offered to whom, and whether it is over. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.hands import hands_of, holder_of
from onrecord_projections.judging.ownership import evaluate_ownership
from onrecord_services.desk.decision import Held

BEGUN = frozenset({"complaint.registered", "repair.ordered", "service.ordered", "case.opened"})
OVER = frozenset(
    {
        "complaint.closed",
        "complaint.withdrawn",
        "complaint.archived",
        "case.closed",
        "repair.done",
        "service.done",
    }
)
REOPENED = "complaint.reopened"
ANSWERS = frozenset({"handover.accepted", "handover.declined", "handover.withdrawn"})


@dataclass(frozen=True)
class Offer:
    """One who has it offered it to another; by whom, if somebody did it for him."""

    giver: str
    taker: str
    by: str | None


@dataclass(frozen=True)
class Thing:
    """A case or a client, as far as handing it over goes."""

    known: bool
    holder: str | None
    accused: str | None
    over: bool
    offers: tuple[Offer, ...]
    """Those that nobody answered yet, oldest first."""


def thing_of(held: Held, stream: str) -> Thing:
    """The thing of a stream now."""
    events = held.events(stream)
    return Thing(
        known=any(event.type != "decision.refused" for event in events),
        holder=_holder(held, stream, events),
        accused=next((e.data.get("accused") for e in events if e.type == "complaint.registered"), None),
        over=_over(events),
        offers=tuple(_open(events)),
    )


def _holder(held: Held, stream: str, events: Iterable[Recorded]) -> str | None:
    """Of a client the owner by the rules in force; else whoever took it, was given it or accepted it last."""
    listed = list(events)
    if stream.startswith("client/"):
        for span in evaluate_ownership(held.settings, listed, held.at).spans:
            if span.client == stream and (span.until is None or span.until > held.at):
                return span.owner
    return holder_of(hands_of(held.settings, listed), held.at)


def _over(events: Iterable[Recorded]) -> bool:
    over = False
    for event in events:
        if event.type in OVER:
            over = True
        elif event.type == REOPENED:
            over = over and event.data["mode"] == "new-episode"
    return over


def _open(events: Iterable[Recorded]) -> list[Offer]:
    offers: list[Offer] = []
    for event in events:
        if event.type == "handover.offered":
            offers.append(Offer(event.data["giver"], event.data["taker"], event.actor))
        elif event.type in ANSWERS:
            pair = event.data["giver"], event.data["taker"]
            nth = next((n for n, one in enumerate(offers) if (one.giver, one.taker) == pair), None)
            if nth is not None:
                del offers[nth]
    return offers
