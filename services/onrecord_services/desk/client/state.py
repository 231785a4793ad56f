"""State: what became of one client, folded from his stream. Pure and total.

Whose he is stands nowhere here: that is evaluated (`whose.py`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from onrecord_events.envelope import Recorded

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Client:
    """One client as his events have made him."""

    customer: str | None = None
    claimants: tuple[str, ...] = ()
    """Who wrote him down, in order, each once."""
    group: bool = False
    introduced: bool = False
    found_as: str | None = None
    """The client that has this phone, where he was first known without one."""
    relatives: frozenset[str] = frozenset()
    """Streams that were said to be one family with this one, directly."""
    cards: Mapping[str, str] = field(default_factory=dict)
    """Who made each card, by its id; a card without an id is his own."""
    signed: frozenset[str] = frozenset()
    """Cards a leader signed."""
    followed_up_by: str | None = None
    """Who made the last follow-up, until it is signed."""
    met: bool = False
    """Whether anything is known of him."""


def fold(events: Iterable[Recorded]) -> Client:
    """The client of a stream; its events in the order of the log."""
    client = Client()
    for event in events:
        step = _STEPS.get(event.type)
        if step is not None:
            client = step(replace(client, met=True), event.data)
    return client


def _registered(client: Client, data: Data) -> Client:
    claimants = client.claimants
    if data["salesperson"] not in claimants:
        claimants = (*claimants, data["salesperson"])
    return replace(
        client,
        claimants=claimants,
        customer=client.customer or data.get("customer"),
        group=client.group or data.get("group", False),
    )


def _card_created(client: Client, data: Data) -> Client:
    card = data.get("card") or data["salesperson"]
    return replace(
        client,
        cards={**client.cards, card: data["salesperson"]},
        customer=client.customer or data.get("customer"),
    )


def _card_signed(client: Client, data: Data) -> Client:
    """Without an id the signature is for every card there is."""
    named = {data["card"]} if data.get("card") else set(client.cards)
    return replace(client, signed=client.signed | named)


def _related(client: Client, data: Data) -> Client:
    return replace(client, relatives=client.relatives | {data["relative"]})


_STEPS: dict[str, Callable[[Client, Data], Client]] = {
    "client.registered": _registered,
    "client.card-created": _card_created,
    "client.card-signed": _card_signed,
    "client.followed-up": lambda client, data: replace(client, followed_up_by=data["by"]),
    "client.follow-up-signed": lambda client, _: replace(client, followed_up_by=None),
    "client.related": _related,
    "client.phone-linked": lambda client, data: replace(client, found_as=data["client"]),
    "client.group-introduced": lambda client, _: replace(client, introduced=True),
    "client.referred": lambda client, _: client,
    "client.assigned-in-turn": lambda client, _: client,
    "client.owner-decided": lambda client, _: client,
    "client.transferred": lambda client, _: client,
}
