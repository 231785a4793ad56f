"""Queue: who gets a newcomer, because he is named or because it is his turn?

The order of turns is part of the queue's own case: `queue.set`, and whatever takes a turn and is correlated
to it. Whoever gets a client goes to the end. A client that lies in a case of its own has no queue: there only
who is named can get him.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.ownership.heard import Heard, Key, heard
from onrecord_projections.judging.ownership.regime import OwnershipRule, Regimes, regimes_of
from onrecord_projections.judging.policy import Settings


class Turn(msgspec.Struct, frozen=True):
    """A newcomer and who got him; a later turn of the same newcomer replaces an earlier one."""

    client: str
    pack: str
    clause: str
    person: str
    why: Literal["referred", "in-turn"]
    at: datetime
    key: Key


def turns_of(settings: Settings, events: Iterable[Recorded]) -> tuple[Turn, ...]:
    """Every newcomer that these events give to somebody, under each adopted policy."""
    return turns_among(settings, heard(settings, events, regimes_of(settings).types))


def turns_among(settings: Settings, listed: Iterable[Heard]) -> tuple[Turn, ...]:
    """The same of events in order, each case with its own order of turns."""
    regimes = regimes_of(settings)
    cases: dict[str, list[Heard]] = {}
    for event in listed:
        cases.setdefault(event.case, []).append(event)
    return tuple(
        turn
        for told in cases.values()
        for pack in regimes.packs
        for turn in _turns(settings, regimes, pack, told)
    )


def _turns(settings: Settings, regimes: Regimes, pack: str, listed: Iterable[Heard]) -> Iterable[Turn]:
    order: list[str] = []
    given: dict[str, Turn] = {}
    turns: list[Turn] = []
    for event in listed:
        regime = regimes.at(pack, event.at)
        for rule in () if regime is None else regime.by_type.get(event.kind, ()):
            if rule.rule == "queue" and rule.resets.meets(event.kind, event.data):
                order = list(event.data["members"])
            if rule.rule not in ("queue", "referral") or not rule.on.meets(event.kind, event.data):
                continue
            client = _client(event)
            person = rule.holder_in(event.data) if _names(rule, event) else None
            if not rule.holds(settings, event.at) or _already(given.get(client), person):
                continue
            if rule.rule == "queue":
                person = _taken(order, person, given.get(client))
            if person is not None:
                given[client] = _turn(client, pack, rule, person, event)
                turns.append(given[client])
    return turns


def _names(rule: OwnershipRule, event: Heard) -> bool:
    """A newcomer nobody was there for names the original salesperson, but does not give him the client."""
    return rule.rule == "referral" or "to" in event.data


def _already(given: Turn | None, person: str | None) -> bool:
    """One newcomer takes one turn; only a record of somebody else having got him changes that."""
    return given is not None and person in (None, given.person)


def _taken(order: list[str], person: str | None, given: Turn | None) -> str | None:
    """Whose turn it was: the one named, else the first; he goes to the end."""
    if given is not None and given.person in order:
        order.remove(given.person)
        order.insert(0, given.person)
    person = person or (order[0] if order else None)
    if person in order:
        order.remove(person)
        order.append(person)
    return person


def _turn(client: str, pack: str, rule: OwnershipRule, person: str, event: Heard) -> Turn:
    why: Literal["referred", "in-turn"] = "referred" if rule.rule == "referral" else "in-turn"
    return Turn(client, pack, rule.id, person, why, event.at, event.key)


def _client(event: Heard) -> str:
    """The newcomer's stream: named by the event, else the one it lies in."""
    newcomer = event.data.get("newcomer")
    if newcomer is None:
        return event.stream
    return newcomer if "/" in newcomer else f"client/{newcomer}"
