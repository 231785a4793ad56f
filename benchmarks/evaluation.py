"""Evaluation: how many events a second one core judges, against a bare loop over the same events.

    python benchmarks/evaluation.py [--cases 3000]

A case is a RENT-CRM complaint of ten events, half of the cases minor, half major. Every event is taken and
the case looked at after it, as the projector does. The bare loop looks each event's type up and adds.
"""

import argparse
import gc
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from onrecord_events.envelope import Recorded
from onrecord_projections.calendar import shipped
from onrecord_projections.judging import CaseFold, Settings, shipped_rulebook

Body = dict[str, object]

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ADOPTED = datetime(2026, 1, 1, tzinfo=UTC)

MINOR: Body = {
    "severity": "minor",
    "channel": "phone",
    "customer": "c",
    "received_by": "chen",
    "area_manager": "gao",
}
STORY: tuple[tuple[float, str, Body], ...] = (
    (0, "complaint.registered", MINOR),
    (0.1, "complaint.disposal-form-issued", {"department": "engineering"}),
    (0.2, "complaint.disposal-form-received", {"department": "engineering"}),
    (1.0, "complaint.disposal-plan-signed", {"department": "engineering"}),
    (5.0, "complaint.progress-shared", {"channel": "phone"}),
    (9.0, "complaint.customer-asked", {"question_code": "access"}),
    (20.0, "complaint.customer-answered", {}),
    (30.0, "complaint.resolved", {}),
    (50.0, "callback.made", {"kind": "complaint", "channel": "phone", "by": "chen", "reached": True}),
    (60.0, "complaint.archived", {}),
)


def settings() -> Settings:
    book, text = shipped_rulebook("rent-crm")
    decisions: list[tuple[str, Body]] = [
        ("calendar.adopted", {"calendar": "cn-state-council", "content": shipped("cn-state-council")}),
        ("rulebook.adopted", {"pack": "rent-crm", "edition": book.edition, "content": text}),
    ]
    adopted = Settings()
    for nth, (kind, body) in enumerate(decisions, 1):
        whole = {**body, "effective_at": ADOPTED.isoformat()}
        adopted = adopted.evolve(_event(nth, ADOPTED, kind, "policy/x", whole))
    assert not adopted.problems
    return adopted


def cases(count: int) -> list[list[Recorded]]:
    made = []
    for nth in range(count):
        began = START + timedelta(minutes=nth)
        body = {**MINOR, "severity": "major"} if nth % 2 else MINOR
        story = (
            (hours, kind, body if kind == "complaint.registered" else data) for hours, kind, data in STORY
        )
        made.append(
            [
                _event(10 * nth + n, began + timedelta(hours=hours), kind, f"complaint/{nth}", data)
                for n, (hours, kind, data) in enumerate(story)
            ]
        )
    return made


def judged(adopted: Settings, made: list[list[Recorded]]) -> int:
    clocks = 0
    for events in made:
        fold = CaseFold.open(adopted, events[0].stream)
        for event in events:
            fold.take(event)
            clocks += len(fold.at(event.recorded_at).clocks)
    return clocks


def bare(adopted: Settings, made: list[list[Recorded]]) -> int:
    plans, seen = adopted.index.plans, 0
    for events in made:
        for event in events:
            seen += plans.get(event.type) is not None
    return seen


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=3000)
    asked = parser.parse_args()
    adopted, made = settings(), cases(asked.cases)
    events = sum(len(case) for case in made)
    runs: dict[str, Callable[[Settings, list[list[Recorded]]], int]] = {
        "bare loop": bare,
        "take + at": judged,
    }
    for name, run in runs.items():
        best = min(_seconds(run, adopted, made) for _ in range(3))
        print(f"{name:10} {events / best:12,.0f} events/s  {1e6 * best / events:7.2f} µs an event")


def _seconds(
    run: Callable[[Settings, list[list[Recorded]]], int], adopted: Settings, made: list[list[Recorded]]
) -> float:
    gc.collect()
    begin = time.process_time()
    run(adopted, made)
    return time.process_time() - begin


def _event(position: int, at: datetime, kind: str, stream: str, body: Body) -> Recorded:
    return Recorded(
        position=position,
        recorded_at=at,
        occurred_at=at,
        id=f"{position}",
        source="benchmark",
        type=kind,
        stream=stream,
        data=body,
    )


if __name__ == "__main__":
    main()
