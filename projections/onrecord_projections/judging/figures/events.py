"""Figures of events: what the events of one case add to which figures. Pure, in whatever order they came.

A figure is that of the edition in force when its event happened.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

from msgspec.structs import replace

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.figures.item import Item
from onrecord_projections.judging.figures.plan import CASE, Asked, plan_of
from onrecord_projections.judging.figures.story import Told, counts_at, group_of, number_in, plain, tell
from onrecord_projections.judging.policy import Settings

ONE, NOUGHT = Decimal(1), Decimal()


def items_of_events(settings: Settings, events: Iterable[Recorded]) -> Iterator[Item]:
    """What these events of one case add to every figure that counts events."""
    listed = list(events)
    yield from local_items(settings, listed)
    yield from storied_items(settings, listed)


def local_items(settings: Settings, events: Iterable[Recorded]) -> Iterator[Item]:
    """What each of these events adds by itself."""
    plan = plan_of(settings)
    yield from _counted(settings, plan.local, tell(settings, events, plan.local_types))


def storied_items(
    settings: Settings, events: Iterable[Recorded], figures: Sequence[Asked] | None = None
) -> Iterator[Item]:
    """What the whole case adds, to all figures or to these; one event more can move all of it."""
    plan, listed = plan_of(settings), list(events)
    types = {event.type for event in listed}
    wanted = [
        asked
        for asked in (plan.storied if figures is None else figures)
        if not asked.types.isdisjoint(types)  # what tells a fact moves nothing in a case without a figure
    ]
    if wanted:
        yield from _counted(settings, wanted, tell(settings, listed, plan.story_types))


def _counted(settings: Settings, figures: Iterable[Asked], story: Sequence[Told]) -> Iterator[Item]:
    types = {told.type for told in story}
    for asked in figures:
        if not asked.types.isdisjoint(types):
            counted = [told for told in story if told.type in asked.types]
            yield from _FORMULAS.get(asked.clause.formula, _values)(settings, asked, counted)


def _counts(settings: Settings, asked: Asked, story: Sequence[Told]) -> Iterator[Item]:
    """Events above, events below; one event may be both."""
    clause = asked.clause
    above = _meant(settings, asked, story, "numerator")
    below = _meant(settings, asked, story, "denominator")
    for told in story:
        over = _above(asked, told) if told.seen.position in above else None
        under = _below(asked, told) if told.seen.position in below else None
        if over is not None or under is not None:
            value = str(told.seen.data.get(clause.distinct)) if clause.distinct and over is not None else None
            yield _item(settings, asked, told, over or NOUGHT, under or NOUGHT, value)


def _meant(settings: Settings, asked: Asked, story: Sequence[Told], side: str) -> frozenset[int]:
    """Positions of the events that count on a side."""
    met = [told for told in story if told.met(asked, side) and _holds(settings, asked, told)]
    if asked.clause.latest:
        last = {
            (
                group_of(asked, told.case, told.seen.data, told.facts),
                counts_at(settings, asked, told)[1],
            ): told
            for told in met
        }
        met = list(last.values())
    return frozenset(told.seen.position for told in met)


def _above(asked: Asked, told: Told) -> Decimal | None:
    clause = asked.clause
    if clause.distinct:
        return NOUGHT if told.seen.data.get(clause.distinct) is not None else None
    return number_in(told, clause.value_field) if clause.value_field else ONE


def _below(asked: Asked, told: Told) -> Decimal | None:
    field = asked.clause.denominator_field
    return number_in(told, field) if field else ONE


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
    item = _item(settings, asked, told, ONE if shows else NOUGHT, ONE, None, CASE)
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
    item = _item(settings, asked, opened[0], above, number, None, CASE)
    item = _with(item, (*opened, *(reached[name] for name in names)))
    yield replace(item, missing=tuple(sorted(wanted - reached.keys())))


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
    meant = _meant(settings, asked, story, "numerator")
    for told in story:
        if told.seen.position in meant:
            number = number_in(told, asked.clause.value_field)
            if number is not None:
                yield _item(settings, asked, told, number, ONE, _kept(asked, number))


def _spans(settings: Settings, asked: Asked, story: Sequence[Told]) -> Iterator[Item]:
    """From the first start to the first stop after it, then from the next start on; of the stop's period."""
    started: Told | None = None
    for told in story:
        if started is not None and told.met(asked, "stops_on"):
            if _holds(settings, asked, told):
                number = Decimal(str((told.seen.at - started.seen.at).total_seconds()))
                yield _with(_item(settings, asked, told, number, ONE, _kept(asked, number)), (started, told))
            started = None
        if started is None and told.met(asked, "starts_on"):
            started = told


def _kept(asked: Asked, number: Decimal) -> str | None:
    """Values one by one, where only that tells the figure."""
    return None if asked.clause.formula == "mean" else plain(number)


def _holds(settings: Settings, asked: Asked, told: Told) -> bool:
    switch, at = asked.rule.switch, told.seen.at
    if switch is not None and settings.reading(switch.reading, at) != switch.value:
        return False
    return asked.rule.holds_at(at)


def _item(
    settings: Settings,
    asked: Asked,
    told: Told,
    above: Decimal,
    below: Decimal,
    value: str | None,
    name: str = "",
) -> Item:
    seen = told.seen
    at, _ = counts_at(settings, asked, told)
    group = group_of(asked, told.case, seen.data, told.facts)
    return Item(asked, "", told.case, name or seen.id, at, group, above, below, value, (seen.position,))


def _with(item: Item, on: Iterable[Told]) -> Item:
    """The same, resting on these events."""
    return replace(item, evidence=tuple(told.seen.position for told in on))


_FORMULAS: dict[str, Callable[[Settings, Asked, Sequence[Told]], Iterator[Item]]] = {
    "share": _counts,
    "count": _counts,
    "sum": _counts,
    "cases": _cases,
    "coverage": _coverage,
}
"""How each formula looks at a case; what is not named here takes values one by one."""
