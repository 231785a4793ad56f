"""What became of one complaint, off its events: the latest word counts, and opening again undoes an end."""

from typing import Any

import pytest

from onrecord_events.envelope import New, Recorded, from_bytes, to_bytes
from onrecord_services.reports.complaint import Complaint, complaint_of
from projecting import said

CASE = "complaint/A"


def step(type_name: str, when: str, **data: Any) -> New:
    return said(type_name, CASE, when, **data)


REGISTERED = step(
    "complaint.registered",
    "06-01 08:00:00",
    severity="minor",
    channel="phone",
    customer="c",
    received_by="chen",
)
RESOLVED = step("complaint.resolved", "06-02 08:00:00")
CLOSED = step("complaint.closed", "06-03 08:00:00")
WITHDRAWN = step("complaint.withdrawn", "06-03 09:00:00")
AGAIN = step("complaint.reopened", "06-04 08:00:00", mode="restart")
AS_ANOTHER = step("complaint.reopened", "06-04 08:00:00", mode="new-episode", episode="complaint/B")
RESOLVED_AGAIN = step("complaint.resolved", "06-05 08:00:00")


def became(*events: New) -> Complaint:
    history: list[Recorded] = [
        from_bytes(to_bytes("acme", event), nth, event.occurred_at)
        for nth, event in enumerate(events, start=1)
    ]
    found = complaint_of(CASE, history)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("events", "standing", "settled"),
    [
        pytest.param([], "open", False, id="just-in"),
        pytest.param([RESOLVED], "settled", True, id="settled"),
        pytest.param([RESOLVED, CLOSED], "closed", True, id="closed"),
        pytest.param([WITHDRAWN], "withdrawn", False, id="withdrawn"),
        pytest.param([RESOLVED, CLOSED, AGAIN], "open", False, id="opened-again"),
        pytest.param([WITHDRAWN, AGAIN], "open", False, id="withdrawn-and-back"),
        pytest.param([RESOLVED, CLOSED, AS_ANOTHER], "closed", True, id="a-new-episode-goes-on-elsewhere"),
        pytest.param([RESOLVED, CLOSED, AGAIN, RESOLVED_AGAIN], "settled", True, id="settled-again"),
    ],
)
def test_a_complaint_stands_where_its_last_word_left_it(
    events: list[New], standing: str, *, settled: bool
) -> None:
    found = became(REGISTERED, *events)
    assert (found.standing, found.resolved_at is not None) == (standing, settled)


def test_time_is_counted_to_the_last_solution() -> None:
    found = became(REGISTERED, RESOLVED, CLOSED, AGAIN, RESOLVED_AGAIN)
    assert found.took is not None
    assert found.took.total_seconds() == 4 * 86_400


def test_the_latest_judgement_counts() -> None:
    valid = [
        step("complaint.validity-judged", f"06-01 {hour}:00:00", valid=hour == "09") for hour in ("09", "10")
    ]
    classified = step("complaint.classified", "06-01 11:00:00", severity="major")
    found = became(REGISTERED, *valid, classified)
    assert (found.severity, found.valid) == ("major", "no")


def test_an_attempt_that_reached_nobody_is_no_call_back() -> None:
    called = {"kind": "complaint", "channel": "phone", "by": "chen"}
    tried = step("callback.made", "06-02 10:00:00", **called, reached=False)
    assert became(REGISTERED, RESOLVED, tried).called_back_at is None
    made = step("callback.made", "06-02 11:00:00", **called, satisfied=True)
    assert became(REGISTERED, RESOLVED, made, tried).satisfied == "yes"


def test_without_a_registration_there_is_no_complaint() -> None:
    assert complaint_of(CASE, []) is None
