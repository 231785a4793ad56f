"""What-if, the pure part: what belongs to a period, what is a difference, which changes are refused."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging_builders import CLAUSE, EXAMPLE, HEAD, adopting, at, clause, facts, shipping
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import Clock, Settings, evaluate
from onrecord_projections.judging.verdict import State
from onrecord_projections.whatif import BadChange, Changes, Period, Totals, changed
from onrecord_projections.whatif.changes import Text, told
from onrecord_projections.whatif.clocks import pairs
from onrecord_projections.whatif.lines import line_pairs, priced
from onrecord_projections.whatif.totals import Moved
from whatif_asking import TYPHOON, clock_said, line_said

JULY = Period(at("2026-07-01 00:00:00"), at("2026-08-01 00:00:00"))
EVER = Period(at("2000-01-01 00:00:00"), at("2100-01-01 00:00:00"))
SEEN = at("2026-12-01 00:00:00")
FIRST = HEAD + CLAUSE + EXAMPLE
LONGER = FIRST.replace("edition = 1", "edition = 2").replace("PT8H", "PT12H")


def a_clock(started: str, due: str | None, stopped: str | None, state: State = "met") -> Clock:
    due_at, stopped_at = (at(f"2026-{text}") if text else None for text in (due, stopped))
    return Clock(
        "test", 1, "T-1", "complaint/1", "e", "clock", None, state, at(f"2026-{started}"), due_at, stopped_at,
        timedelta(), timedelta(), None, False, "", (), (1,), "e", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "belongs"),
    [
        pytest.param(("07-31 23:59:59", None, None, "running"), True, id="starts-on-the-last-second"),
        pytest.param(("08-01 00:00:00", None, None, "running"), False, id="starts-as-august-does"),
        pytest.param(("06-01 00:00:00", "07-01 00:00:00", "06-02 00:00:00"), True, id="falls-due-in-it"),
        pytest.param(("06-01 00:00:00", "06-30 12:00:00", "07-05 00:00:00"), True, id="stops-in-it"),
        pytest.param(
            ("06-01 00:00:00", "06-30 23:59:59", "08-02 00:00:00", "breached"), True, id="breaks-as-it-begins"
        ),
        pytest.param(
            ("06-01 00:00:00", "06-30 23:59:59", "08-02 00:00:00", "excused"), False, id="no-breach-no-break"
        ),
        pytest.param(("06-01 00:00:00", "08-01 00:00:00", None, "running"), False, id="only-runs-through-it"),
        pytest.param(("06-01 00:00:00", None, None, "paused"), False, id="only-waits-through-it"),
        pytest.param(("06-01 00:00:00", "06-02 00:00:00", "06-01 12:00:00"), False, id="over-before-it"),
    ],
)
def test_a_clock_belongs_to_the_period_in_which_something_of_it_lies(said: Any, *, belongs: bool) -> None:
    assert JULY.holds_clock(a_clock(*said)) is belongs


def draft(text: str, **more: Any) -> Changes:
    return Changes(rulebooks=(Text("draft.toml", text),), **more)


def moved(live: Settings, after: Settings, lines: list[str], period: Period = EVER) -> list[tuple[Any, ...]]:
    """What differs of the clocks of one complaint."""
    events = facts(*lines)
    found = pairs(period, evaluate(live, events, SEEN), evaluate(after, events, SEEN))
    return [clock_said(pair.difference) for pair in found if pair.difference]


ANSWERED_LATE = ["2026-07-11 08:00:00 complaint.registered", "2026-07-11 18:00:00 complaint.answered"]


def test_a_longer_limit_mends_what_came_in_between() -> None:
    live = adopting(FIRST)
    after = changed(live, draft(LONGER), JULY.begin)
    assert moved(live, after, ANSWERED_LATE) == [
        ("changed", "complaint/1", "T-1", "breached", "07-11 16:00:00", "met", "07-11 20:00:00")
    ]


def test_a_draft_holds_from_its_own_first_day_unless_told_otherwise() -> None:
    live = adopting(FIRST)
    later = LONGER.replace("2020-01-01", "2026-07-20")
    assert moved(live, changed(live, draft(later), JULY.begin), ANSWERED_LATE) == []
    assert len(moved(live, changed(live, draft(later, from_start=True), JULY.begin), ANSWERED_LATE)) == 1


def test_what_is_new_is_added_and_what_is_dropped_is_removed() -> None:
    live = adopting(FIRST)
    other = LONGER.replace('"T-1"', '"T-2"').replace("PT12H", "PT8H")
    assert moved(live, changed(live, draft(other), JULY.begin), ANSWERED_LATE) == [
        ("removed", "complaint/1", "T-1", "breached", "07-11 16:00:00", None, None),
        ("added", "complaint/1", "T-2", None, None, "breached", "07-11 16:00:00"),
    ]


def test_another_number_for_the_same_edition_is_no_difference() -> None:
    live = adopting(FIRST)
    same = FIRST.replace("edition = 1", "edition = 2")
    assert moved(live, changed(live, draft(same), JULY.begin), ANSWERED_LATE) == []


def test_the_typhoon_stops_a_clock_that_ran_when_it_came_although_the_period_begins_later() -> None:
    live = shipping("cc02-archive")
    after = changed(live, Changes(calendars=(Text("t.toml", TYPHOON),)), at("2026-07-15 00:00:00"))
    lines = ["2026-07-14 10:00:00 vehicle.delivered consultant=li", "2026-07-17 23:00:00 archive.handed-over"]
    assert ("changed", "complaint/1", "CC02-D1a", "met", "07-17 23:59:59", "met", "07-20 23:59:59") in moved(
        live, after, lines
    )


BAD = {
    "pack = 3": "draft.toml:1: pack: must be text",
    FIRST.replace("PT8H", "soon"): r"draft.toml:\d+: T-1: target",
    FIRST.replace('expect = "no clock"', 'expect = "met"'): "T-1: example 'nothing happened'",
    FIRST.replace("PT8H", "PT9H"): "test edition 1 is adopted already; a correction is a new edition",
}


@pytest.mark.parametrize(("text", "words"), BAD.items(), ids=["shape", "duration", "example", "same number"])
def test_a_bad_draft_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(BadChange, match=words.replace("(", r"\(")):
        changed(adopting(FIRST), draft(text), JULY.begin)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param(Changes(numbers=(("T-9", "PT1H"),)), "T-9: no clause", id="unknown-clause"),
        pytest.param(Changes(numbers=(("T-1", "soon"),)), "number.set", id="no-number"),
        pytest.param(Changes(readings=(("r6.month", "never"),)), "no reading r6.month = never", id="reading"),
        pytest.param(Changes(calendars=(Text("c.toml", "id = 3"),)), "c.toml: ", id="calendar"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(changes: Changes, words: str) -> None:
    with pytest.raises(BadChange, match=words):
        changed(adopting(FIRST), changes, JULY.begin)


def test_a_number_of_the_tenants_makes_clocks_where_there_were_none() -> None:
    live = adopting(HEAD + clause(measure='"tenant_number"', suggested='"4 hours"', drop="target"))
    after = changed(live, Changes(numbers=(("T-1", "PT4H"),)), JULY.begin)
    assert moved(live, after, ANSWERED_LATE) == [
        ("added", "complaint/1", "T-1", None, None, "breached", "07-11 12:00:00")
    ]
    assert told(live, Changes(numbers=(("T-1", "PT4H"),)), JULY.begin.astimezone(UTC)) == [
        {"type": "number.set", "since": "2026-06-30T16:00:00+00:00", "clause": "T-1", "value": "PT4H"}
    ]


KINDS = ("complaint.registered", "complaint.answered", "complaint.closed")
HISTORIES = st.lists(st.tuples(st.integers(0, 60 * 24 * 60), st.sampled_from(KINDS)), max_size=8)


def history(minutes: list[tuple[int, str]]) -> list[Recorded]:
    begin = datetime(2026, 6, 15)  # noqa: DTZ001 (a wall-clock time of the tenant)
    return facts(*(f"{begin + timedelta(minutes=nth):%Y-%m-%d %H:%M:%S} {kind}" for nth, kind in minutes))


LIVE = adopting(FIRST)
AFTER = changed(LIVE, draft(LONGER, from_start=True), JULY.begin)


@given(HISTORIES)
def test_the_same_rules_never_differ_and_turning_the_question_round_turns_the_answer_round(
    minutes: list[tuple[int, str]],
) -> None:
    events = history(minutes)
    was, now = evaluate(LIVE, events, SEEN), evaluate(AFTER, events, SEEN)
    assert [pair.difference for pair in pairs(JULY, was, was) if pair.difference] == []
    there = [pair.difference for pair in pairs(JULY, was, now)]
    back = [pair.difference for pair in pairs(JULY, now, was)]
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    assert [d and (turned[d.what], d.after, d.before) for d in there] == [
        d and (d.what, d.before, d.after) for d in back
    ]


def test_totals_of_parts_are_the_total_of_the_whole() -> None:
    live = shipping("cc02-archive")
    after = changed(live, Changes(calendars=(Text("t.toml", TYPHOON),)), JULY.begin)
    whole, parts = Totals(), Totals()
    for car in ("archive/A", "archive/B"):
        lines = (
            "2026-07-13 10:00:00 vehicle.delivered consultant=li",
            "2026-07-17 10:00:00 archive.handed-over",
            "2026-07-17 10:05:00 archive.registered",
        )
        events = facts(*lines, case=car)
        part = Totals()
        for pair in pairs(JULY, evaluate(live, events, SEEN), evaluate(after, events, SEEN)):
            whole.take_clocks(pair, pair.difference)
            part.take_clocks(pair, pair.difference)
        parts.add(part)
    assert parts == whole
    assert whole.by_person()["li"].clocks == Moved(changed=2)
    assert (whole.overall().before.broken, whole.overall().after.broken) == (2, 0)


def test_a_line_is_priced_with_its_whole_month_and_shown_if_it_lies_in_the_period() -> None:
    live = shipping("cc02-archive")
    after = changed(live, Changes(calendars=(Text("t.toml", TYPHOON),)), JULY.begin)
    found: list[list[Any]] = [[], []]
    for car, day, done in (("A", "06", "10"), ("B", "13", "17"), ("C", "14", "21")):
        lines = (
            f"2026-07-{day} 10:00:00 vehicle.delivered consultant=li",
            f"2026-07-{done} 10:00:00 archive.handed-over",
        )
        events = facts(*lines, case=f"archive/{car}")
        for side, settings in enumerate((live, after)):
            found[side] += evaluate(settings, events, SEEN).findings
    late = Period(at("2026-07-18 00:00:00"), at("2026-07-31 00:00:00"))
    shown = list(line_pairs(late, priced(live, found[0], {}), priced(after, found[1], {})))
    assert [line_said(pair.difference) for pair in shown if pair.difference] == [
        ("changed", "li", "archive/C", "CC02-E1", "100.00", "100.00")
    ]
    before, now = shown[0].before, shown[0].after
    assert before is not None
    assert now is not None
    assert (before.line.counted_as, now.line.counted_as) == (3, 2)
    assert (before.owed, now.owed) == (Decimal(100), Decimal(100))
