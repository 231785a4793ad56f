"""Figures of events: what the events of one case add to which figures. Pure, in whatever order they came.

Events count in the order of (effective time, the source's sequence, position); the same event twice counts
once; a figure is that of the edition in force when its event happened.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from onrecord_events.envelope import Recorded
from onrecord_events.vocabulary import event_types
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.judging.figures.item import NOBODY, Item
from onrecord_projections.judging.figures.plan import CASE, Asked, plan_of
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.run import Seen

ONE, NOUGHT = Decimal(1), Decimal()


class Told:
    """One event with the facts its case had by then, itself included."""

    __slots__ = ("case", "facts", "seen", "type")

    def __init__(self, event: Recorded, seen: Seen, facts: Mapping[str, Any]) -> None:
        self.type, self.case, self.seen, self.facts = event.type, event.case, seen, facts

    def met(self, asked: Asked, side: str) -> bool:
        """Whether it is one of the events a side of a figure means."""
        data = self.seen.data
        if side == "numerator" and any(data.get(field) for field in asked.clause.without):
            return False
        return any(
            event == self.type and trigger.meets(data, self.facts) for event, trigger in asked.triggers[side]
        )


def items_of_events(settings: Settings, events: Iterable[Recorded]) -> Iterator[Item]:
    """What these events of one case add to every figure that counts events."""
    listed = list(events)
    yield from local_items(settings, listed)
    yield from storied_items(settings, listed)


def local_items(settings: Settings, events: Iterable[Recorded]) -> Iterator[Item]:
    """What each of these events adds by itself."""
    plan = plan_of(settings)
    yield from _counted(settings, plan.local, tell(settings, events, plan.local_types))


def storied_items(settings: Settings, events: Iterable[Recorded]) -> Iterator[Item]:
    """What the whole case adds; one event more can move all of it."""
    plan = plan_of(settings)
    yield from _counted(settings, plan.storied, tell(settings, events, plan.story_types))


def tell(settings: Settings, events: Iterable[Recorded], types: frozenset[str]) -> Sequence[Told]:
    """The events of these types in the order they count, each once, with the facts told so far."""
    once: dict[tuple[str, str], Recorded] = {}
    for event in events:
        if event.type in types:
            held = once.get((event.source, event.id))
            if held is None or event.position < held.position:
                once[event.source, event.id] = event
    placed = sorted(
        (
            (effective_at(settings, event), event.sequence or 0, event.position, event)
            for event in once.values()
        ),
        key=lambda place: place[:3],
    )
    wanted = plan_of(settings).facts
    facts: Mapping[str, Any] = {}
    story = []
    for at, _, position, event in placed:
        said = {field: event.data[field] for field in wanted & event.data.keys()}
        facts = {**facts, **said} if said else facts
        story.append(Told(event, Seen(at, position, f"{event.source}#{event.id}", event.data), facts))
    return story


def _counted(settings: Settings, figures: Iterable[Asked], story: Sequence[Told]) -> Iterator[Item]:
    types = {told.type for told in story}
    for asked in figures:
        if not asked.types.isdisjoint(types):
            yield from _FORMULAS.get(asked.clause.formula, _values)(settings, asked, story)


def group_of(asked: Asked, case: str, data: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """Whose figure it goes into: what the event says, else what the case last said."""
    by = asked.clause.by
    if by is None:
        return NOBODY
    if by == CASE:
        return case
    named = data.get(by)
    named = facts.get(by) if named is None else named
    return NOBODY if named is None or isinstance(named, list | tuple | dict) else str(named)


def number_in(told: Told, field: str) -> Decimal | None:
    """A number of an event's body; how many, of a list; None if there is none."""
    found = told.seen.data.get(field, _default(told.type, field))
    if isinstance(found, list | tuple):
        return Decimal(len(found))
    try:
        number = Decimal(str(found))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


@lru_cache(maxsize=1024)
def _default(event: str, field: str) -> Any:
    """What a field stands for where an event leaves it out."""
    known = event_types()[event].model_fields.get(field)
    return None if known is None or known.is_required() else known.default


def _counts(settings: Settings, asked: Asked, story: Sequence[Told]) -> Iterator[Item]:
    """Events above, events below; one event may be both."""
    clause = asked.clause
    for told in story:
        if told.type not in asked.types or not _holds(settings, asked, told):
            continue
        above = _above(asked, told) if told.met(asked, "numerator") else None
        value = str(told.seen.data.get(clause.distinct)) if clause.distinct and above is not None else None
        below = None
        if clause.formula == "share" and told.met(asked, "denominator"):
            below = number_in(told, clause.denominator_field) if clause.denominator_field else ONE
        if above is not None or below is not None:
            yield _item(asked, told, above or NOUGHT, below or NOUGHT, value)


def _above(asked: Asked, told: Told) -> Decimal | None:
    clause = asked.clause
    if clause.distinct:
        return NOUGHT if told.seen.data.get(clause.distinct) is not None else None
    return number_in(told, clause.value_field) if clause.value_field else ONE


def _cases(settings: Settings, asked: Asked, story: Sequence[Told]) -> Iterator[Item]:
    """The case once, by its first or last event of the kind."""
    counted = [told for told in story if told.met(asked, "denominator")]
    if not counted:
        return
    told = counted[0 if asked.clause.pick == "first" else -1]
    if not _holds(settings, asked, told):
        return
    shown = story if asked.clause.met == "ever" else (told,)
    shows = next((other for other in shown if other.met(asked, "numerator")), None)
    item = _item(asked, told, ONE if shows else NOUGHT, ONE, None, CASE)
    yield _with(item, (told, *((shows,) if shows and shows is not told else ())))


def _coverage(settings: Settings, asked: Asked, story: Sequence[Told]) -> Iterator[Item]:
    """Of those the case has to reach, by name or by number, those reached: each once."""
    clause = asked.clause
    opened = [told for told in story if told.met(asked, "denominator")]
    if not opened or not _holds(settings, asked, opened[0]):
        return
    assert clause.denominator_field is not None
    wanted, number = targets(clause.denominator_field, opened)
    reached: dict[str, Told] = {}
    for told in story:
        if (
            told.met(asked, "numerator")
            and (name := told.seen.data.get(clause.value_field or "")) is not None
        ):
            reached.setdefault(str(name), told)
    names = [name for name in reached if not wanted or name in wanted]
    above = min(Decimal(len(names)), number)
    yield _with(
        _item(asked, opened[0], above, number, None, CASE), (*opened, *(reached[name] for name in names))
    )


def targets(field: str, opened: Iterable[Told]) -> tuple[frozenset[str], Decimal]:
    """Who is to be reached: by name where events give names, and how many."""
    names: set[str] = set()
    number = NOUGHT
    for told in opened:
        found = told.seen.data.get(field)
        if isinstance(found, list | tuple):
            names.update(str(name) for name in found)
        else:
            number += number_in(told, field) or NOUGHT
    return frozenset(names), number + len(names)


def _values(settings: Settings, asked: Asked, story: Sequence[Told]) -> Iterator[Item]:
    """Numbers of events, or the time from one to another, whose mean or median is asked for."""
    if asked.clause.starts_on:
        yield from _spans(settings, asked, story)
        return
    assert asked.clause.value_field is not None
    for told in story:
        if told.met(asked, "numerator") and _holds(settings, asked, told):
            number = number_in(told, asked.clause.value_field)
            if number is not None:
                yield _item(asked, told, number, ONE, _kept(asked, number))


def _spans(settings: Settings, asked: Asked, story: Sequence[Told]) -> Iterator[Item]:
    """From the first start to the first stop after it, then from the next start on; of the stop's period."""
    started: Told | None = None
    for told in story:
        if started is not None and told.met(asked, "stops_on"):
            if _holds(settings, asked, told):
                number = Decimal(str((told.seen.at - started.seen.at).total_seconds()))
                yield _with(_item(asked, told, number, ONE, _kept(asked, number)), (started, told))
            started = None
        if started is None and told.met(asked, "starts_on"):
            started = told


def _kept(asked: Asked, number: Decimal) -> str | None:
    """Values one by one, where only that tells the figure."""
    return None if asked.clause.formula == "mean" else plain(number)


def plain(number: Decimal) -> str:
    """One way to write a number, so that equal ones are one."""
    return f"{number.normalize():f}"


def _holds(settings: Settings, asked: Asked, told: Told) -> bool:
    switch, at = asked.rule.switch, told.seen.at
    if switch is not None and settings.reading(switch.reading, at) != switch.value:
        return False
    return asked.rule.holds_at(at)


def _item(
    asked: Asked, told: Told, above: Decimal, below: Decimal, value: str | None, name: str = ""
) -> Item:
    seen = told.seen
    group = group_of(asked, told.case, seen.data, told.facts)
    return Item(asked, "", told.case, name or seen.id, seen.at, group, above, below, value, (seen.position,))


def _with(item: Item, on: Iterable[Told]) -> Item:
    """The same, resting on these events."""
    positions = tuple(told.seen.position for told in on)
    return Item(
        item.asked, item.part, item.case, item.id, item.at, item.group, item.above, item.below, item.value,
        positions,
    )  # fmt: skip


_FORMULAS: dict[str, Callable[[Settings, Asked, Sequence[Told]], Iterator[Item]]] = {
    "share": _counts,
    "count": _counts,
    "sum": _counts,
    "cases": _cases,
    "coverage": _coverage,
}
"""How each formula looks at a case; what is not named here takes values one by one."""
