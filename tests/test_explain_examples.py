"""Every worked example of every policy is explained, and an independent checker works it out again."""

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from check_explanation import check
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import assess, evaluate, explain, load, shipped_rulebooks
from onrecord_projections.judging.examples import examples_of, settings_for
from onrecord_projections.judging.explaining import (
    explain_figure,
    explain_line,
    explain_owner,
    explain_standing,
)
from onrecord_projections.judging.facts import read_fact, read_instant
from onrecord_projections.judging.figures import cells_of, figures, is_due, items_of, standings, summed
from onrecord_projections.judging.figures.ranking import figure_of
from onrecord_projections.judging.figures.tally import clause_of
from onrecord_projections.judging.ownership import evaluate_ownership
from onrecord_projections.judging.parts import Example
from onrecord_projections.judging.penalty_rules import pays_of
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.rulebook import Rulebook
from onrecord_projections.queries.explain_figure import kpi_told
from onrecord_projections.queries.explain_penalty import PenaltyTold, broken_clock
from onrecord_projections.queries.explain_told import digest_told, plain

BOOKS = [load(text) for text in shipped_rulebooks().values()]


def shown(kind: str, told: Any, events: Sequence[Recorded], zone: ZoneInfo) -> dict[str, Any]:
    """As it travels; every event stands for itself."""
    listed = [
        {"position": e.position, "effective_at": e.occurred_at.isoformat(), "counted": "effective"}
        for e in events
    ]
    content = {"kind": kind, "told": plain(told, zone), "editions": [], "events": listed}
    return {**content, "digest": digest_told(content)}


def all_told(book: Rulebook, example: Example) -> Iterator[dict[str, Any]]:
    """Every explanation of what an example comes to."""
    zone = ZoneInfo(book.zone)
    settings, as_of = settings_for(book, example), read_instant(example.as_of, zone)
    events = [read_fact(line, nth, zone, f"example/{book.pack}") for nth, line in enumerate(example.log, 1)]
    cases = {event.case: [one for one in events if one.case == event.case] for event in events}
    verdicts = {case: evaluate(settings, own, as_of) for case, own in sorted(cases.items())}
    for case, verdict in verdicts.items():
        for clock in verdict.clocks:
            told = explain(settings, cases[case], clock.clause, clock.instance, as_of)
            assert told is not None
            assert told.clock == clock
            yield shown("clock", told, events, zone)
    found = [finding for verdict in verdicts.values() for finding in verdict.findings]
    pays = pays_of(event for event in events if event.recorded_at <= as_of)
    for line in assess(settings, found, pays=pays):
        of = explain_line(settings, found, line.id, frozenset(), pays)
        assert of is not None
        assert of.line == line
        case, clause, instance = broken_clock(line) or ("", "", "")
        behind = explain(settings, cases[case], clause, instance, as_of) if case in cases else None
        body = PenaltyTold(
            line=of, clock=behind, decisions=[], state="proposed", decided_amount=None, adjustment=None
        )
        yield shown("penalty", body, events, zone)
    owned = evaluate_ownership(settings, events, as_of)
    for client in sorted({span.client for span in owned.spans}):
        yield shown("owner", explain_owner(settings, owned, client, as_of), events, zone)
    yield from figures_told(settings, cases, as_of, events, zone)


def figures_told(
    settings: Settings,
    cases: dict[str, list[Recorded]],
    as_of: Any,
    events: Sequence[Recorded],
    zone: ZoneInfo,
) -> Iterator[dict[str, Any]]:
    """Every figure and every place in a ranking."""
    items = []
    for own in cases.values():
        happened = [event for event in own if event.occurred_at <= as_of]
        clocks = evaluate(settings, own, as_of).clocks
        items += [item for item in items_of(settings, happened, clocks) if is_due(item, as_of)]
    found = figures(settings, summed(settings, items))
    for figure in found:
        named = (figure.pack, figure.edition, figure.kpi, figure.part, figure.period)
        behind = [
            item
            for item in items
            if figure.group in (None, item.group) and any(c[:5] == named for c in cells_of(settings, item))
        ]
        yield shown("kpi", kpi_told(figure, explain_figure(settings, figure, behind), None), events, zone)
    for place in standings(settings, found):
        cell = next(c for item in items for c in cells_of(settings, item))._replace(kpi=place.kpi)
        clause = clause_of(settings, cell)
        assert clause is not None
        figure = figure_of(settings, clause, place)
        told = explain_standing(settings, figure, place, found)
        yield shown("kpi", kpi_told(figure, told, place), events, zone)


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: f"{book.pack}@{book.edition}")
def test_every_worked_example_can_be_worked_out_from_its_explanation(book: Rulebook) -> None:
    told = 0
    for clause in book.clause:
        for example in examples_of(clause):
            for found in all_told(book, example):
                try:
                    check(found)
                except Exception as error:  # noqa: BLE001 (whatever it is, say where)
                    pytest.fail(f"{clause.id}, {example.name}: {found['kind']}: {error!r}")
                told += 1
    assert told or not any(examples_of(clause) for clause in book.clause)
