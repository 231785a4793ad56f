"""Agenda: whose turn is it? A heap, so that a hundred thousand that wait cost nothing while they wait."""

import heapq
from datetime import datetime


class Agenda:
    """One instant a name; the newest counts."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, str]] = []
        self._at: dict[str, datetime] = {}

    def __len__(self) -> int:
        return len(self._at)

    def put(self, name: str, at: datetime | None) -> None:
        """Call me then; None: not at all."""
        if at is None:
            self._at.pop(name, None)
        elif self._at.get(name) != at:
            self._at[name] = at
            heapq.heappush(self._heap, (at, name))
        if len(self._heap) > 2 * len(self._at) + 1000:  # what was put off lies below and would stay for ever
            self._heap = [(at, name) for name, at in self._at.items()]
            heapq.heapify(self._heap)

    def take(self, until: datetime, names_max: int) -> list[str]:
        """Whose turn has come, the longest waiting first; they are on the agenda no more."""
        taken: list[str] = []
        while len(taken) < names_max and (at := self.next_at()) is not None and at <= until:
            _, name = heapq.heappop(self._heap)
            del self._at[name]
            taken.append(name)
        return taken

    def next_at(self) -> datetime | None:
        """When the next turn comes; None if nobody waits."""
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def clear(self) -> None:
        """Nobody waits any more."""
        self._heap.clear()
        self._at.clear()
