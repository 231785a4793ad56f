"""Turns: whose turn it is in a queue, by the queue's own stream. Pure and total."""

from collections.abc import Iterable

from onrecord_events.envelope import Recorded


def order_of(events: Iterable[Recorded]) -> tuple[str, ...]:
    """Who is next, and after him; empty if nobody set an order."""
    order: list[str] = []
    for event in events:
        if event.type == "queue.set":
            order = list(event.data["members"])
        elif event.type == "queue.turn-taken" and event.data["person"] in order:
            order.remove(event.data["person"])
            order.append(event.data["person"])
    return tuple(order)


def next_of(order: Iterable[str], away: frozenset[str]) -> str | None:
    """The first who is not away; who is away keeps his place."""
    return next((person for person in order if person not in away), None)
