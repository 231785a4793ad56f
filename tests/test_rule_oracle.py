"""A clock against an oracle that walks minute by minute and knows nothing of due dates."""

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from judging_builders import HEAD, adopting, at, clause, facts
from onrecord_projections.judging import Settings, evaluate

ASKED = 'begins_on = ["complaint.customer-asked"], ends_on = ["complaint.customer-answered"]'
PARTS = 'begins_on = ["complaint.forwarded"], ends_on = ["complaint.disposal-form-returned"]'
PAUSES = f'[{{ cause = "customer", {ASKED} }}, {{ cause = "parts", {PARTS} }}]'
ELAPSED = adopting(HEAD + clause(pause=PAUSES))
WORKING = adopting(HEAD + clause(pause=PAUSES, measure='"working"'))
TARGET_MINUTES = 8 * 60

BEGAN = at("2026-03-05 07:00:00")  # a Thursday; the week after has no holiday
WORDS = {
    "start": "complaint.registered severity=minor",
    "stop": "complaint.answered",
    "pause-customer": "complaint.customer-asked question_code=x",
    "resume-customer": "complaint.customer-answered",
    "pause-parts": "complaint.forwarded to=store",
    "resume-parts": "complaint.disposal-form-returned department=store",
}

Told = dict[int, str]
"""What happened, by the minute it happened in."""


class Walk:
    """A clock as somebody sees it who stands beside it and counts minutes."""

    def __init__(self, *, working: bool) -> None:
        self.working = working
        self.causes: set[str] = set()
        self.started = self.paused = self.stopped = False
        self.counted = self.reached = 0

    def late(self, minute: int) -> bool:
        return self.started and not self.paused and self.counted == TARGET_MINUTES and minute > self.reached

    def hear(self, minute: int, word: str) -> None:
        kind, _, cause = word.partition("-")
        if kind == "start" and not self.started:
            self.started, self.reached = True, minute
        elif kind == "stop" and self.started:
            self.stopped = True
        elif kind == "pause":
            self.causes.add(cause)
        elif kind == "resume":
            self.causes.discard(cause)

    def stand(self, minute: int) -> None:
        if not self.started or self.late(minute):
            return
        if self.paused and not self.causes and self.counted == TARGET_MINUTES:
            self.reached = minute
        self.paused = bool(self.causes)
        if not self.paused:
            self.count(minute)

    def count(self, minute: int) -> None:
        if self.counted < TARGET_MINUTES and (not self.working or _open(minute)):
            self.counted, self.reached = self.counted + 1, minute + 1

    def due(self, minute: int) -> int:
        while self.counted < TARGET_MINUTES:
            self.count(minute)
            minute += 1
        return self.reached


def oracle(told: Told, until: int, *, working: bool) -> tuple[str, int | None] | None:
    """(state, due minute) at minute `until`; None if nothing started."""
    walk = Walk(working=working)
    for minute in range(until + 1):
        walk.hear(minute, told.get(minute, ""))
        if walk.stopped:
            if walk.late(minute):
                return "breached", walk.reached
            full_while_paused = walk.paused and walk.counted == TARGET_MINUTES
            return "met", minute if full_while_paused else walk.due(minute)
        walk.stand(minute)
    if not walk.started:
        return None
    if walk.paused:
        return "paused", None
    return "breached" if walk.late(until) else "running", walk.due(until + 1)


def _open(minute: int) -> bool:
    local = BEGAN + timedelta(minutes=minute)
    of_day = local.hour * 60 + local.minute
    return local.weekday() < 5 and (540 <= of_day < 720 or 810 <= of_day < 1080)


def judged(tenant: Settings, told: Told, until: int) -> tuple[str, int | None] | None:
    lines = [f"{_at(minute).isoformat()} {WORDS[word]}" for minute, word in sorted(told.items())]
    clocks = evaluate(tenant, facts(*lines), _at(until)).clocks
    if not clocks:
        return None
    due_at = clocks[0].due_at
    return clocks[0].state, None if due_at is None else int((due_at - BEGAN) / timedelta(minutes=1))


def _at(minute: int) -> datetime:
    return BEGAN + timedelta(minutes=minute)


MINUTES = st.integers(0, 60 * 24 * 6)
TOLD = st.dictionaries(MINUTES, st.sampled_from([*WORDS, "start", "stop"]), min_size=1, max_size=8)


@pytest.mark.parametrize("working", [False, True], ids=["elapsed", "working"])
@given(TOLD, MINUTES)
@settings(max_examples=120, deadline=None)
@example({0: "start", 480: "pause-parts", 600: "resume-parts", 601: "stop"}, 700)
@example(
    {0: "start", 100: "pause-parts", 150: "pause-customer", 200: "resume-parts", 300: "resume-customer"}, 700
)
def test_a_clock_agrees_with_whoever_counts_the_minutes(working: bool, told: Told, until: int) -> None:  # noqa: FBT001
    assert judged(WORKING if working else ELAPSED, told, until) == oracle(told, until, working=working)
