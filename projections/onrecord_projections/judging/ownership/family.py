"""Family: clients that count as one, from the instant it is known."""

from collections.abc import Iterable
from datetime import datetime

from onrecord_projections.judging.ownership.answer import Join


def family_of(joins: Iterable[Join], client: str, at: datetime | None = None) -> frozenset[str]:
    """Everything that counts as one with this client at an instant, itself included."""
    pairs = [{join.client, join.relative} for join in joins if at is None or join.at <= at]
    found, ahead = {client}, [client]
    while ahead:
        here = ahead.pop()
        near = {name for pair in pairs if here in pair for name in pair} - found
        ahead += near
        found |= near
    return frozenset(found)
