"""Filters: conditions put together without ever putting a value into a statement."""

from typing import Any


class Filters:
    """Conditions that all hold, and their values in the same order."""

    def __init__(self) -> None:
        self._conditions: list[str] = []
        self.values: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        """A condition with a `%s` for each value. It is our own text, never a visitor's."""
        assert condition.count("%s") == len(values), "a value for each place"
        self._conditions.append(condition)
        self.values += values

    def add_if(self, condition: str, value: Any) -> None:
        """The same, unless nothing was asked for."""
        if value is not None:
            self.add(condition, value)

    @property
    def where(self) -> str:
        """All of them as one clause of a statement."""
        return f"WHERE {' AND '.join(self._conditions)}" if self._conditions else ""

    @property
    def more(self) -> str:
        """All of them after other conditions."""
        return "".join(f" AND {condition}" for condition in self._conditions)
