"""Figures moved change by change equal a plain count, whatever the order, the copies and the cuts."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from judging_builders import ZONE
from kpi_builders import PROMISE, asking, kpi, told
from onrecord_events.envelope import Recorded
from onrecord_projections import kpi as moved
from onrecord_projections.bench import CaseState
from onrecord_projections.change import Change
from onrecord_projections.judging.figures import Cell, Sums, cells_of, figures

START = datetime(2026, 1, 30, tzinfo=ZONE)
PEOPLE = ("li", "wu")
TENANT = asking(
    PROMISE,
    kpi("TIMELY", of='["ANSWER"]', by='"owner"', together="true"),
    kpi("USED", formula='"median"', of='["ANSWER"]', together="true"),
    kpi("WORDS", of='["ANSWER"]', by='"severity"', together="true"),
    kpi(
        "FIRST",
        formula='"cases"',
        denominator='"archive.inspected"',
        numerator='"archive.inspected"',
        without='["defects"]',
        by='"consultant"',
    ),
    kpi("MEDIAN", formula='"median"', numerator='"figure.recorded"', value_field='"value"'),
    kpi("SUM", formula='"sum"', numerator='"figure.recorded"', value_field='"value"', latest="true"),
    kpi("PLACES", formula='"count"', numerator='"stage.reached"', distinct='"about"', every='"quarter"'),
    kpi(
        "COVER",
        formula='"coverage"',
        denominator='"emergency.opened"',
        denominator_field='"affected"',
        numerator='"emergency.notified"',
        value_field='"customer"',
    ),
)


@dataclass(frozen=True)
class Fact:
    """One thing that happened in one of few cases."""

    minute: int
    case: int
    what: str
    who: str
    number: int

    @property
    def at(self) -> datetime:
        return START + timedelta(minutes=self.minute)

    def event(self, position: int, late: int) -> Recorded:
        stream = f"{self.what}/{self.case}"
        bodies: dict[str, tuple[str, dict[str, Any]]] = {
            "complaint": ("complaint.registered", {"severity": "minor", "received_by": self.who}),
            "answer": ("complaint.answered", {}),
            "archive": (
                "archive.inspected",
                {"consultant": self.who, "defects": [{"kind": "paper-missing", "papers": 1}] * self.number},
            ),
            "figure": ("figure.recorded", {"figure": "test", "value": f"{self.number}.5"}),
            "stage": ("stage.reached", {"stage": "show", "about": f"p{self.number}"}),
            "opened": ("emergency.opened", {"affected": 2}),
            "notified": ("emergency.notified", {"customer": f"c{self.number}"}),
        }
        kind, body = bodies[self.what]
        stream = {"answer": "complaint", "opened": "emergency", "notified": "emergency"}.get(
            self.what, self.what
        )
        return Recorded(
            position=position, id=f"{self}", source="test", type=kind, stream=f"{stream}/{self.case}",
            occurred_at=self.at, recorded_at=self.at + timedelta(minutes=late), data=body,
        )  # fmt: skip


FACTS = st.builds(
    Fact,
    st.integers(0, 3 * 24 * 60),
    st.integers(1, 2),
    st.sampled_from(["complaint", "answer", "archive", "figure", "stage", "opened", "notified"]),
    st.sampled_from(PEOPLE),
    st.integers(0, 2),
)
HISTORIES = st.lists(FACTS, min_size=1, max_size=25, unique_by=lambda fact: (fact.minute, fact.case))


def projected(arrived: list[Recorded], cuts: list[int]) -> list[str]:
    """Batch by batch, as the runner does: what every cell comes to, less what is still ahead."""
    states: dict[str, CaseState] = {}
    sums: dict[Cell, Sums] = defaultdict(Sums)
    seen: set[str] = set()
    now = START
    begin = 0
    for end in (*sorted(cuts), len(arrived)):
        batch = arrived[begin:end]
        begin = max(begin, end)
        now = max([now, *(event.recorded_at for event in batch)])
        fresh = []
        for event in batch:
            if event.id not in seen:
                seen.add(event.id)
                fresh.append(event)
        touched = {event.case for event in fresh} | states.keys()
        for case in sorted(touched):
            state = states.setdefault(case, CaseState(TENANT, case))
            old = state.verdict
            new = [event for event in fresh if event.case == case]
            for event in new:
                state.take(event)
            change = Change(case, new, old, state.look(now), (), state.history, None)
            for delta in moved._deltas(change, TENANT, TENANT):
                for cell in cells_of(TENANT, delta.item):
                    sums[cell].add(delta.item, delta.sign)
    assert all(each.items >= 0 for each in sums.values())
    return told(figures(TENANT, {cell: each for cell, each in sums.items() if each.items}))


def plainly(facts: list[Fact]) -> list[str]:
    """The same figures counted by hand, from the facts, at the end of all time."""
    ordered = sorted(facts, key=lambda fact: fact.minute)
    found: list[str] = []
    found += _first(ordered) + _numbers(ordered) + _places(ordered) + _cover(ordered)
    return sorted(found + _answers(ordered))


def _month(at: datetime) -> str:
    return f"{at:%Y-%m}"


def _answers(facts: list[Fact]) -> list[str]:
    due: Counter[tuple[str, str]] = Counter()
    met: Counter[tuple[str, str]] = Counter()
    used: dict[str, list[int]] = defaultdict(list)
    for case in (1, 2):
        own = [fact for fact in facts if fact.case == case]
        started = next((fact for fact in own if fact.what == "complaint"), None)
        if started is None:
            continue
        month = _month(started.at + timedelta(days=1))
        stopped = next((f for f in own if f.what == "answer" and f.minute > started.minute), None)
        due[month, started.who] += 1
        if stopped:
            used[month].append((stopped.minute - started.minute) * 60)
            met[month, started.who] += stopped.minute - started.minute <= 24 * 60
    found = [f"TIMELY {month} {who}: {met[month, who]}/{n}" for (month, who), n in due.items()]
    for month in {month for month, _ in due}:
        of = sum(n for key, n in due.items() if key[0] == month)
        done = sum(n for key, n in met.items() if key[0] == month)
        found += [
            f"TIMELY {month}: {done}/{of}",
            f"WORDS {month} minor: {done}/{of}",
            f"WORDS {month}: {done}/{of}",
        ]
    return found + [f"USED {month}: {_middle(values)}" for month, values in used.items()]


def _first(facts: list[Fact]) -> list[str]:
    seen: dict[int, Fact] = {}
    for fact in facts:
        if fact.what == "archive":
            seen.setdefault(fact.case, fact)
    below = Counter((_month(f.at), f.who) for f in seen.values())
    above = Counter((_month(f.at), f.who) for f in seen.values() if not f.number)
    found = [f"FIRST {month} {who}: {above[month, who]}/{n}" for (month, who), n in below.items()]
    for month in {month for month, _ in below}:
        over = sum(n for key, n in above.items() if key[0] == month)
        found.append(f"FIRST {month}: {over}/{sum(n for key, n in below.items() if key[0] == month)}")
    return found


def _numbers(facts: list[Fact]) -> list[str]:
    values: dict[str, list[int]] = defaultdict(list)
    last: dict[int, Fact] = {}
    for fact in facts:
        if fact.what == "figure":
            values[_month(fact.at)].append(fact.number)
            last[fact.case] = fact
    sums: Counter[str] = Counter()
    for fact in last.values():
        sums[_month(fact.at)] += 2 * fact.number + 1
    found = [f"SUM {month}: {Decimal(n) / 2:f}" for month, n in sums.items()]
    return found + [f"MEDIAN {month}: {_middle(each, Decimal('0.5'))}" for month, each in values.items()]


def _places(facts: list[Fact]) -> list[str]:
    places = {fact.number for fact in facts if fact.what == "stage"}
    return [f"PLACES 2026-Q1: {len(places)}"] if places else []


def _cover(facts: list[Fact]) -> list[str]:
    below: Counter[str] = Counter()
    above: Counter[str] = Counter()
    for case in (1, 2):
        own = [fact for fact in facts if fact.case == case]
        opened = [fact for fact in own if fact.what == "opened"]
        if opened:
            month = _month(opened[0].at)
            below[month] += 2 * len(opened)
            above[month] += min(2 * len(opened), len({f.number for f in own if f.what == "notified"}))
    return [f"COVER {month}: {above[month]}/{n}" for month, n in below.items()]


def _middle(values: list[int], more: Decimal = Decimal()) -> str:
    middle = Decimal(str(median(values))) + more
    if len(values) % 2:
        return f"{middle.normalize():f}/1"
    return f"{(2 * middle).normalize():f}/2"


@settings(max_examples=200, deadline=None)
@given(HISTORIES, st.data())
def test_any_order_copies_and_cuts_come_to_the_plain_count(facts: list[Fact], data: st.DataObject) -> None:
    on_time = [fact.event(nth, 0) for nth, fact in enumerate(facts, 1)]
    arrived = data.draw(st.permutations(on_time + data.draw(st.lists(st.sampled_from(on_time), max_size=5))))
    placed = [replace(event, position=nth) for nth, event in enumerate(arrived, 1)]
    cuts = data.draw(st.lists(st.integers(0, len(placed)), max_size=6))
    tick = replace(on_time[0], position=10**6, id="tick", type="clock.ticked", data={}, stream="nothing/1")
    late = replace(tick, recorded_at=START + timedelta(days=30), occurred_at=START + timedelta(days=30))
    assert sorted(projected([*placed, late], cuts)) == plainly(facts)
