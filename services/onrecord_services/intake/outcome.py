"""Outcome: what became of one event a publisher handed in, in the words it is told."""

from typing import Any, Literal

import msgspec

Kind = Literal["stored", "refused", "conflict", "forbidden"]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One event's answer. `position` is where the event, its refusal or its first copy stands."""

    kind: Kind
    position: int = 0
    duplicate: bool = False
    reason: str = ""
    where: str = ""

    def as_answer(self) -> dict[str, Any]:
        """The answer on the wire."""
        if self.kind == "stored":
            return {"position": self.position, "duplicate": self.duplicate}
        answer: dict[str, Any] = {"refused": self.reason, "where": self.where}
        if self.position:
            answer["position"] = self.position
        return answer


FORBIDDEN = Outcome(kind="forbidden", reason="forbidden", where="source: not one of your key's")
OUT_OF_ORDER = Outcome(kind="conflict", reason="conflict", where="recordedtime: before the log's last one")


def conflict(position: int) -> Outcome:
    """The same (source, id) said something else before. The first one stands."""
    return Outcome(
        kind="conflict",
        position=position,
        reason="conflict",
        where="id: this source and id came before with another content; a correction is a new event",
    )


_encode = msgspec.json.Encoder().encode


def results(outcomes: list[Outcome]) -> bytes:
    """The answer to a body: one result an event, in its order."""
    return _encode({"results": [outcome.as_answer() for outcome in outcomes]})
