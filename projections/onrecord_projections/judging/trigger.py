"""Trigger: one way in which an event, or a changed fact, acts on a rule; and which of many may be meant."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from onrecord_projections.judging.parts import Selector
from onrecord_projections.judging.rule import Rule, equality_of, holds

ORDER = (
    "stop",
    "report",
    "release",
    "cancel",
    "justify",
    "excuse",
    "resume",
    "reset",
    "tally-anew",
    "disagree",
    "agree",
    "need",
    "refuse",
    "grade",
)
"""What one event ends comes before what it begins: answered and set to waiting in one save does both."""


class Trigger:
    """One way in which an event, or a change of a fact, acts on a rule."""

    __slots__ = ("always", "becomes", "cause", "facts", "role", "rule", "unless", "where")

    def __init__(self, rule: Rule, role: str, selector: Selector, cause: str = "") -> None:
        self.rule, self.role, self.cause = rule, role, cause
        self.where = equality_of(selector.where, selector.event)
        self.unless = equality_of(selector.unless, selector.event)
        self.facts = equality_of(selector.facts)
        self.becomes = next(((field, frozenset(values)) for field, values in selector.becomes.items()), None)
        self.always = not (self.where or self.unless or self.facts)
        """Whether its type alone says that it is meant; most are, and need no look at the event."""

    def meets(self, data: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
        """Whether an event of its type, in a case with these facts, is meant."""
        for field, default, wanted in self.where:
            if data.get(field, default) not in wanted:
                return False
        for field, default, wanted in self.unless:
            if data.get(field, default) in wanted:
                return False
        return holds(self.facts, facts)


class Sieve:
    """Triggers in their order, by the value of the field that most of them look at: few are tried."""

    __slots__ = ("_by_value", "_default", "_field", "_rest")

    def __init__(self, triggers: Sequence[Trigger]) -> None:
        looked_at = Counter((field, default) for one in triggers for field, default, _ in one.where)
        self._field: str = ""
        self._default: Any = None
        if looked_at:
            ((self._field, self._default), _), *_ = looked_at.most_common(1)
        wanted = [self._wanted(one) for one in triggers]
        values = frozenset[object]().union(*(one for one in wanted if one is not None))
        self._rest = tuple(one for one, values in zip(triggers, wanted, strict=True) if values is None)
        self._by_value = {
            value: tuple(
                one for one, mine in zip(triggers, wanted, strict=True) if mine is None or value in mine
            )
            for value in values
        }

    def of(self, data: Mapping[str, Any]) -> tuple[Trigger, ...]:
        """Those an event with this body may mean; the others cannot."""
        if not self._by_value:
            return self._rest
        return self._by_value.get(data.get(self._field, self._default), self._rest)

    def _wanted(self, trigger: Trigger) -> frozenset[object] | None:
        """The values that will do; None if it does not look at the field."""
        return next((values for field, _, values in trigger.where if field == self._field), None)


class Plan:
    """All that one event type, or one fact, can set off: what to remember, what ends, what begins."""

    __slots__ = ("begins", "begins_by", "ends", "ends_by", "fields")

    def __init__(self, fields: tuple[str, ...], triggers: list[Trigger]) -> None:
        self.fields = fields
        rank = {role: nth for nth, role in enumerate(ORDER)}
        self.ends = tuple(sorted((t for t in triggers if t.role in rank), key=lambda t: rank[t.role]))
        self.begins = tuple(t for t in triggers if t.role not in rank)
        self.ends_by, self.begins_by = Sieve(self.ends), Sieve(self.begins)
