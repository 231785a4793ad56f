"""Problem: why there is no answer, or nothing was taken, as RFC 9457 says it: what happened, what to do."""

from typing import Any

import msgspec

MEDIA_TYPE = "application/problem+json"
_encode = msgspec.json.Encoder().encode


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One refusal. `name` also labels it in the metrics."""

    name: str
    status: int
    title: str
    detail: str
    retry_after_s: int | None = None
    more: dict[str, Any] = {}

    def as_json(self) -> bytes:
        """The body of the answer."""
        return _encode(
            {
                "type": f"urn:onrecord:problem:{self.name}",
                "title": self.title,
                "status": self.status,
                "detail": self.detail,
                **self.more,
            }
        )


class TurnedAway(Exception):
    """No answer, and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.name)
        self.problem = problem
