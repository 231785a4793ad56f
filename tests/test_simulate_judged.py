"""The simulated month on its way: intake takes every event, scripted stories are judged as by hand."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from onrecord_events.envelope import Recorded
from onrecord_projections.judging import POLICY_TYPES, Settings, evaluate
from onrecord_services.intake.parsed import Heard
from onrecord_services.intake.translate import translate
from onrecord_services.simulate import month

END = datetime(2026, 6, 30, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def log() -> list[Recorded]:
    """June as a carried log holds it, each identity once; sealed fields do not matter here."""
    held: dict[bytes, Recorded] = {}
    for event in month():
        recorded = as_recorded(event, len(held) + 1)
        held.setdefault(recorded.identity, recorded)
    return list(held.values())


def as_recorded(event: dict[str, Any], position: int) -> Recorded:
    return Recorded(
        position=position,
        recorded_at=datetime.fromisoformat(event["recordedtime"]),
        id=event["id"],
        source=event["source"],
        type=event["type"],
        stream=event["subject"],
        occurred_at=datetime.fromisoformat(event["time"]),
        data=event["data"],
        actor=event.get("actor"),
        correlation=event.get("correlationid"),
        sequence=event.get("sequence"),
    )


@pytest.fixture(scope="module")
def judged(log: list[Recorded]) -> dict[str, dict[str, str]]:
    """Each case's clocks at the end of the month: clause and state."""
    settings = Settings()
    cases = defaultdict(list)
    for recorded in log:
        if recorded.type in POLICY_TYPES:
            settings = settings.evolve(recorded)
        cases[recorded.case].append(recorded)
    return {
        case: {clock.clause: clock.state for clock in evaluate(settings, told, END).clocks}
        for case, told in cases.items()
    }


def test_intake_takes_every_event_of_the_month() -> None:
    for event in month():
        (parsed,) = translate(
            msgspec.json.encode(event),
            "application/cloudevents+json",
            {},
            tenant="demo",
            publisher="simulator",
            now=datetime(2026, 7, 1, tzinfo=UTC),
            carried=True,
        )
        assert isinstance(parsed, Heard), parsed


@pytest.mark.parametrize(
    ("case", "clause", "state"),
    [
        pytest.param("complaint/TSH-001", "RENT-CRM-1.2-4D-1", "met", id="the plan on the last second"),
        pytest.param("complaint/TSH-001", "RENT-CRM-1.2-4C", "met", id="word to the customer likewise"),
        pytest.param(
            "complaint/TSH-001", "RENT-CRM-1.3-1a", "breached", id="called in time, entered a day late"
        ),
        pytest.param("complaint/TSH-002", "RENT-CRM-1.2-5A", "breached", id="reported one second late"),
        pytest.param("complaint/TSH-002", "RENT-CRM-1.2-5B", "met", id="closed on the last second"),
        pytest.param("complaint/TSH-002", "RENT-CRM-1.3-1b", "met", id="visited on the last second"),
        pytest.param("complaint/TSH-003", "RENT-CRM-1.1-2D", "breached", id="ten days without solution"),
        pytest.param("complaint/TSH-003", "RENT-CRM-1.2-5A", "breached", id="become major, never reported"),
        pytest.param("archive/CLH-001", "CC02-D1a", "met", id="the festival does not count"),
        pytest.param("archive/CLH-002", "CC02-D1a", "breached", id="one second into the next day"),
    ],
)
def test_a_scripted_story_ends_as_a_reader_would_judge_it(
    judged: dict[str, dict[str, str]], case: str, clause: str, state: str
) -> None:
    assert judged[case][clause] == state


def test_most_promises_of_the_month_are_kept_and_some_are_not(judged: dict[str, dict[str, str]]) -> None:
    for clause in ("RENT-CRM-1.2-4C", "RENT-CRM-1.2-4D-1", "RENT-CRM-1.3-1a", "RENT-CRM-2.1-2", "CC02-D1a"):
        states = [clocks[clause] for clocks in judged.values() if clause in clocks]
        assert 0.05 < states.count("breached") / len(states) < 0.35, clause
