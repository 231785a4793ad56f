"""Lacking: what the checklists in force want of a form or an application, and is not there. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from onrecord_events.base import Event
from onrecord_projections.judging.clauses import ChecklistClause
from onrecord_projections.judging.rule import Rule
from onrecord_projections.judging.trigger import Trigger
from onrecord_services.desk.decision import Held, Refused

NOTHING: tuple[object, ...] = (None, "", False, [], ())


class Missing(NamedTuple):
    """What one clause misses."""

    clause: str
    codes: tuple[str, ...]


def missing_of(held: Held, body: Event) -> tuple[Missing, ...]:
    """What is missing, a line a clause; nothing if the body is whole, or no checklist speaks of it."""
    data = body.model_dump(mode="json", exclude_none=True)
    found = ((rule.id, tuple(_missing(held, rule, data))) for rule in lists_of(held, body))
    return tuple(Missing(clause, codes) for clause, codes in found if codes)


def lists_of(held: Held, body: Event) -> Iterator[Rule]:
    """The checklists in force that speak of such a body."""
    plan = held.settings.index.plans.get(body.TYPE)
    data = body.model_dump(mode="json", exclude_none=True)
    for trigger in plan.begins if plan else ():
        if trigger.role == "checklist" and _speaks(held, trigger, data):
            yield trigger.rule


def must_be_whole(held: Held, body: Event) -> None:
    """Everything is there. Raises Refused, with what is not."""
    missing = missing_of(held, body)
    if missing:
        codes = sorted({code for one in missing for code in one.codes})
        raise Refused("incomplete", clause=missing[0].clause, missing=" ".join(codes))


def _speaks(held: Held, trigger: Trigger, data: Mapping[str, Any]) -> bool:
    rule = trigger.rule
    switch = rule.switch
    return (
        rule.holds_at(held.at)
        and (switch is None or held.settings.reading(switch.reading, held.at) == switch.value)
        and trigger.meets(data, {})
    )


def _missing(held: Held, rule: Rule, data: Mapping[str, Any]) -> Iterator[str]:
    clause = rule.clause
    assert isinstance(clause, ChecklistClause)
    if clause.filled:
        yield from (field for field in clause.filled if data.get(field) in NOTHING)
        return
    there = data.get(clause.list_field or "") or ()
    wanted = clause.all_of or _of_tenant(held, rule)
    yield from (code for code in wanted if code not in there)


def _of_tenant(held: Held, rule: Rule) -> tuple[str, ...]:
    """The tenant's own list, where the policy leaves it to him."""
    own = held.settings.number(rule.id, held.at)
    return tuple(code.strip() for code in own.value.split(",") if code.strip()) if own else ()
