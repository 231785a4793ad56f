"""Whom an event is about: every field that names somebody of the staff, or several of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from onrecord_events.envelope import New, Recorded, from_bytes, to_bytes
from onrecord_events.vocabulary import event_types
from onrecord_projections.timeline import parties

NOON = datetime(2026, 7, 11, 12, tzinfo=UTC)


def recorded(type_name: str, data: dict[str, Any], actor: str | None = None) -> Recorded:
    body = event_types()[type_name].model_validate(data)
    new = New.of(body, id="1", source="/test", stream="case/1", occurred_at=NOON, actor=actor)
    return from_bytes(to_bytes("acme", new), 7, NOON)


@pytest.mark.parametrize(
    ("type_name", "data", "about"),
    [
        pytest.param(
            "violation.observed",
            {
                "code": "shouting",
                "person": "YG-1",
                "among": ["YG-1", "YG-2"],
                "leader": "YG-3",
                "handler": "YG-4",
            },
            {"person/YG-1", "person/YG-2", "person/YG-3", "person/YG-4"},
            id="everybody-who-took-part",
        ),
        pytest.param(
            "queue.set", {"members": ["YG-1", "YG-2"]}, {"person/YG-1", "person/YG-2"}, id="whose-turn"
        ),
        pytest.param(
            "client.registered",
            {"salesperson": "YG-1", "full_name": True, "phone_given": True, "customer": "KH-1"},
            {"person/YG-1", "customer/KH-1"},
            id="the-claim-of-a-client",
        ),
        pytest.param(
            "client.referred",
            {"newcomer": "client/KH-2", "by_customer": "KH-1", "present": True, "original": "YG-1"},
            {"person/YG-1"},
            id="a-client-is-no-staff",
        ),
        pytest.param(
            "loan.made", {"item": "contract-7", "borrower": "YG-1"}, {"person/YG-1"}, id="the-borrower"
        ),
        pytest.param("loan.made", {"item": "YG-9", "borrower": "YG-1"}, {"person/YG-1"}, id="no-thing"),
        pytest.param(
            "complaint.registered",
            {
                "severity": "minor",
                "channel": "phone",
                "customer": "KH-1",
                "received_by": "YG-1",
                "accused": "YG-2",
            },
            {"customer/KH-1", "person/YG-1", "person/YG-2"},
            id="whom-a-complaint-is-about",
        ),
        pytest.param("promise.kept", {}, set(), id="nobody"),
    ],
)
def test_those_an_event_names_find_it_again(type_name: str, data: dict[str, Any], about: set[str]) -> None:
    assert parties(recorded(type_name, data)) == about


def test_whoever_did_it_finds_it_too() -> None:
    assert parties(recorded("promise.kept", {}, actor="YG-5")) == {"person/YG-5"}
