"""Giving: what must hold before anything is offered to anybody."""

from onrecord_events.handover import Offered
from onrecord_projections.judging.clauses import OwnershipClause
from onrecord_services.desk import lawful
from onrecord_services.desk.decision import Held, Refused
from onrecord_services.desk.handover.state import Thing, thing_of
from onrecord_services.desk.staff import stream_of

ACCUSED_OUT = "CC05-2.2"


def offered(held: Held, stream: str, giver: str, taker: str, reason_code: str | None) -> Offered | None:
    """The offer, or nothing if it stands already. Raises Refused."""
    thing = thing_of(held, stream)
    must_be_open(thing, stream)
    if thing.holder != giver:
        raise Refused("not-the-holder", thing=stream, holder=thing.holder or "nobody")
    if taker == giver:
        raise Refused("to-himself", thing=stream)
    must_not_be_accused(held, thing, taker)
    must_be_here(held, taker)
    must_have_the_say(held, stream)
    for offer in thing.offers:
        if offer.giver == giver:
            if offer.taker == taker:
                return None
            raise Refused("offered-already", thing=stream, taker=offer.taker)
    return Offered(giver=giver, taker=taker, reason_code=reason_code)


def must_be_open(thing: Thing, stream: str) -> None:
    """There is such a thing, and it is not over."""
    if not thing.known:
        raise Refused("unknown-thing", thing=stream)
    if thing.over:
        raise Refused("over-already", thing=stream)


def must_not_be_accused(held: Held, thing: Thing, taker: str) -> None:
    """Whoever it is about has no part in it."""
    if taker == thing.accused:
        raise Refused("handler-excluded", clause=lawful.clause_of(held, ACCUSED_OUT), person=taker)


def must_be_here(held: Held, person: str) -> None:
    """Whoever left takes nothing."""
    moves = [event.type for event in held.events(stream_of(person)) if event.type.startswith("staff.")]
    if moves and moves[-1] == "staff.left":
        raise Refused("has-left", person=person)


def must_have_the_say(held: Held, stream: str) -> None:
    """Where somebody decides whose client it is, no salesperson passes one on alone (RE-REG-9)."""
    clause = decides_owners(held) if stream.startswith("client/") else None
    if clause and not held.roles:
        raise Refused("not-his-to-give", clause=clause, thing=stream)


def decides_owners(held: Held) -> str | None:
    """The clause in force under which somebody's word goes before claims."""
    for rule in held.settings.index.rules.values():
        if isinstance(rule.clause, OwnershipClause) and rule.clause.rule == "override":
            return lawful.clause_of(held, rule.id)
    return None
