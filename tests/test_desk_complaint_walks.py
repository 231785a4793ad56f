"""Whatever is asked for in whatever order: what stands in a complaint's log never breaks its invariants."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_ruled import local, ruling
from judging_builders import HEAD, adopting, clause
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import Settings
from onrecord_services.desk.complaint.state import Case, fold
from onrecord_services.desk.decision import Held, Refused
from onrecord_services.desk.registry import commands

STREAM = "complaint/CP-1"
BEGAN_AT = local("07-11 08:00:00")
PEOPLE = ("chen", "wang", "zhao", "gao")
ROLES = {"gao": frozenset({"area-manager", "general-manager", "asset-management"})}
HANDLES = (
    "share-progress", "answer", "settle", "withdraw", "repeat", "discuss", "note-agreement", "verify",
    "close", "archive", "collect-as-case", "attach-opinion", "report-obstacle", "request-destruction",
)  # fmt: skip
TENANTS: tuple[Settings, ...] = (
    Settings(),
    ruling("rent-crm", readings={"complaint.reopening": "continue"}),
    ruling("cc05-dealer-complaints", readings={"complaint.reopening": "restart"}),
)


def request() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.one_of(
        st.tuples(st.sampled_from(HANDLES), st.just({})),
        st.tuples(
            st.just("register"),
            st.fixed_dictionaries({"severity": st.sampled_from(["minor", "major"])}).map(
                lambda chosen: (
                    chosen | {"channel": "phone", "customer": "C-7", "accused": "zhao", "area_manager": "gao"}
                )
            ),
        ),
        st.tuples(st.just("call-back"), st.just({"customer": "C-7", "channel": "phone"})),
        st.tuples(st.just("assign"), st.sampled_from(PEOPLE).map(lambda person: {"to": person})),
        st.tuples(st.just("reopen"), st.just({})),
        st.tuples(
            st.sampled_from(["promise-compensation", "compensate"]),
            st.integers(1, 3).map(lambda amount: {"amount": f"{amount}.00"}),
        ),
    )


@settings(max_examples=150, deadline=None)
@given(
    tenant=st.sampled_from(TENANTS),
    asked=st.lists(st.tuples(st.sampled_from(PEOPLE), request()), min_size=5, max_size=40),
)
def test_no_walk_breaks_an_invariant(
    tenant: Settings, asked: list[tuple[str, tuple[str, dict[str, Any]]]]
) -> None:
    told: list[Recorded] = []
    register = (
        "chen",
        ("register", {"severity": "minor", "channel": "phone", "customer": "C-7", "accused": "zhao"}),
    )
    for nth, (by, (name, said)) in enumerate([register, *asked]):
        before = fold(told)
        came = decide(tenant, told, nth, by, name, said)
        for event in came:
            check(before, event.type, by)
        told += came
        now = fold(told)
        assert now.compensation_given <= now.compensation_promised
    assert [event.type for event in told].count("complaint.registered") <= 1


def decide(
    tenant: Settings, told: list[Recorded], nth: int, by: str, name: str, said: dict[str, Any]
) -> list[Recorded]:
    """What comes of a request, as it would stand in the log; nothing if it is refused."""
    command = commands()[f"complaint.{name}"].model_validate({"complaint": "CP-1", **said})
    at = BEGAN_AT + timedelta(hours=nth)
    streams: dict[str, list[Recorded]] = {stream: [] for stream in command.streams()} | {STREAM: told}
    held = Held(by=by, roles=ROLES.get(by, frozenset()), at=at, settings=tenant, streams=streams)
    try:
        facts = command.decide(held)
    except Refused:
        return []
    return [
        Recorded(
            position=len(told) + place,
            recorded_at=at,
            id=f"{nth}-{place}",
            source="/test",
            type=fact.body.TYPE,
            stream=fact.stream,
            occurred_at=at,
            data=fact.body.model_dump(mode="json", exclude_none=True),
            actor=by,
        )
        for place, fact in enumerate(facts, 1)
        if fact.stream == STREAM
    ]


def check(before: Case, type_: str, by: str) -> None:
    """One event after what stood before it."""
    if type_ == "complaint.registered":
        assert before.stage == "unknown"
        return
    assert before.stage != "unknown"
    if type_ != "complaint.repeated":
        assert by != "zhao", type_
    after_the_end = {
        "closed": {
            "callback.made", "complaint.result-verified", "complaint.opinion-attached", "complaint.archived",
            "complaint.collected-as-case", "complaint.reopened", "complaint.repeated",
            "complaint.compensation-promised", "approval.given", "act.done",
        },
        "withdrawn": {
            "complaint.archived", "complaint.collected-as-case", "complaint.reopened", "complaint.repeated",
        },
        "archived": {
            "complaint.collected-as-case", "complaint.destruction-requested", "complaint.reopened",
            "complaint.repeated",
        },
    }  # fmt: skip
    if before.stage in after_the_end:
        assert type_ in after_the_end[before.stage]
    if type_ in {"complaint.result-verified", "callback.made"}:
        assert before.stage in {"settled", "closed"}
    if type_ == "complaint.closed":
        assert before.stage == "settled" or before.answered


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        pytest.param([], Case(), id="nothing-yet"),
        pytest.param([("complaint.closed", {})], Case(stage="closed"), id="closed-by-intake-unregistered"),
    ],
)
def test_a_fold_is_total(types: list[tuple[str, dict[str, Any]]], expected: Case) -> None:
    assert fold(event(nth, type_, **data) for nth, (type_, data) in enumerate(types, 1)) == expected


def test_a_whole_life_folds_to_what_it_was() -> None:
    told = [
        event(
            1, "complaint.registered", severity="minor", customer="C-7", received_by="chen", raised_before=1
        ),
        event(2, "complaint.registered", severity="major", customer="C-8", received_by="wang"),
        event(3, "complaint.repeated"),
        event(4, "complaint.classified", severity="major", ground="media", area_manager="gao"),
        event(5, "complaint.disposal-form-issued", department="e"),
        event(6, "complaint.disposal-form-received", department="e"),
        event(7, "complaint.customer-asked", question_code="x"),
        event(8, "figure.recorded", figure="compensation", value="12.50"),
        event(10, "complaint.compensation-promised", amount="10.00"),
        event(11, "complaint.compensation-promised", amount="2.50"),
        event(12, "act.done", act="copy", by="chen"),
        event(13, "act.done", act="compensate", by="chen", value="10.00"),
        event(14, "complaint.resolved", accepted_by_customer=False),
        event(15, "complaint.resolved"),
        event(16, "callback.made", kind="complaint", reached=False, satisfied=True),
        event(17, "complaint.linked", group_complaint="CP-9"),
        event(18, "complaint.member-added", member="CP-2"),
        event(19, "decision.refused", command="complaint.close", by="x", reason="y"),
    ]
    assert fold(told) == Case(
        stage="settled",
        severity="major",
        customer="C-7",
        received_by="chen",
        area_manager="gao",
        ground="media",
        judged=True,
        answered=True,
        asked=True,
        forms={"e": "received"},
        group="CP-9",
        members=frozenset({"CP-2"}),
        compensation_promised=Decimal("12.50"),
        compensation_given=Decimal("10.00"),
        repeats=2,
    )
    again = [*told, event(20, "complaint.closed"), event(21, "complaint.reopened", mode="continue")]
    assert (fold(again[:-1]).stage, fold(again).stage, fold(again).answered) == ("closed", "open", False)
    other = [*again[:-1], event(21, "complaint.reopened", mode="new-episode", episode="CP-3")]
    assert (fold(other).stage, fold(other).reopened) == ("closed", 1)


def test_only_an_unreasonable_minor_complaint_is_closed_without_a_yes() -> None:
    """RENT-CRM 1.1-2D runs until it is solved or closed with a yes; 1.2-4G: a patient answer is enough."""
    registered = {"severity": "minor", "customer": "C-7", "received_by": "chen", "area_manager": "gao"}
    answered = [event(1, "complaint.registered", **registered), event(2, "complaint.answered")]
    unreasonable = [*answered, event(3, "complaint.validity-judged", valid=False)]
    major = [*unreasonable, event(4, "complaint.classified", severity="major")]
    assert decide(TENANTS[1], answered, 1, "gao", "close", {}) == []
    assert [one.data for one in decide(TENANTS[1], unreasonable, 1, "gao", "close", {})] == [
        {"agreed": False}
    ]
    assert decide(TENANTS[1], major, 1, "gao", "close", {}) == []


def test_what_is_late_from_its_first_minute_is_no_reason_to_refuse() -> None:
    """A clock measured from the first word is broken at once when the complaint is judged major later."""
    late = clause(
        starts_on='[{ becomes = { severity = "major" } }]', on_change='"from-original-start"', target='"PT1H"'
    )
    judged_before = clause(
        id='"T-2"',
        stops_on='["complaint.classified"]',
        form='[{ finding = "x", field = "severity", one_of = ["major"] }]',
    )
    tenant = adopting(HEAD + late + judged_before)
    told = [event(1, "complaint.registered", severity="minor", customer="C-7", received_by="chen")]
    judged = decide(tenant, told, 2, "chen", "classify", {"severity": "major"})
    assert [one.type for one in judged] == ["complaint.classified"]


def event(position: int, type_: str, **data: Any) -> Recorded:
    return Recorded(
        position=position, recorded_at=BEGAN_AT, id=f"e-{position}", source="/test", type=type_,
        stream=STREAM, occurred_at=BEGAN_AT, data=data,
    )  # fmt: skip
