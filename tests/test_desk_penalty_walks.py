"""Random walks at the penalty desk, without engines: whatever is asked, what was promised holds."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord_events.envelope import New, Recorded
from onrecord_events.payroll import PartExported
from onrecord_events.penalty import AppealDecided, Appealed, Approved, Decision, Notified, Through, Waived
from onrecord_events.persistence import TenantEvent
from onrecord_projections.judging import Settings
from onrecord_services.desk.decision import Held, Refused
from onrecord_services.desk.payroll.commands import Export
from onrecord_services.desk.penalty.aggregate import Penalty
from onrecord_services.desk.penalty.commands import (
    Appeal,
    Approve,
    DecideAppeal,
    Divide,
    Notify,
    OnLine,
    Reverse,
    Waive,
)
from onrecord_services.desk.penalty.months import next_month
from onrecord_services.desk.penalty.seen import Seen
from onrecord_services.desk.penalty.state import Line, evolve

D = Decimal
T0 = datetime(2026, 4, 1, 1, tzinfo=UTC)
ROLES = {
    "gao": frozenset({"general-manager"}),
    "qian": frozenset({"compliance"}),
    "sun": frozenset({"supervisor"}),
    "li": frozenset({"general-manager"}),
    "wang": frozenset({"compliance"}),
}
FLOOR_OFF = Settings().evolve(
    Recorded(
        position=1,
        recorded_at=T0,
        id="floor",
        source="/t",
        type="reading.set",
        stream="setting/payroll.floor",
        occurred_at=T0,
        data={"reading": "payroll.floor", "value": "off", "effective_at": "2020-01-01T00:00:00Z"},
    )
)


class Desk:
    """One line, a month's payroll, and a clock: what a real desk does, with lists for logs."""

    def __init__(self) -> None:
        self.at = T0
        self.amount = D("50.00")
        self.log: dict[str, list[Recorded]] = {}
        self.said: list[tuple[Decision, str, datetime]] = []
        self.position = 1

    def ask(self, command: OnLine | Export, by: str) -> str:
        """decided, unchanged, or the reason of the refusal."""
        streams = command.streams()
        found = {
            "penalty-line": Seen(
                person="li", month="2026-03", pack="none", edition=1, clause="X-1", amount=self.amount,
                currency="CNY", kind="fine", low=None, high=None, lacks="", digest=None,
            ),
            "wages": {("li", "CNY"): D(200), ("wang", "CNY"): D(200)},
        }  # fmt: skip
        held = Held(
            by=by,
            roles=ROLES[by],
            at=self.at,
            settings=FLOOR_OFF,
            streams={name: tuple(self.log.get(name, ())) for name in streams},
            found=found,
            aggregate=self.penalty,
        )
        try:
            facts = command.decide(held)
        except Refused as refused:
            return refused.reason
        for fact in facts:
            self.position += 1
            event = recorded(
                self.position, fact.stream, fact.body.TYPE, fact.body.model_dump(mode="json"), by, self.at
            )
            self.log.setdefault(fact.stream, []).append(event)
            if isinstance(fact.body, Decision):
                self.said.append((fact.body, by, self.at))
        return "decided" if facts else "unchanged"

    @property
    def penalty(self) -> Penalty:
        """Folded as the library hands events over."""
        events = [
            TenantEvent("penalty/L", nth, new_of(event))
            for nth, event in enumerate(self.log.get("penalty/L", ()), 1)
        ]
        return Penalty.folded("penalty/L", events)

    @property
    def line(self) -> Line:
        return self.penalty.line


def recorded(position: int, stream: str, type_: str, data: dict[str, Any], by: str, at: datetime) -> Recorded:
    return Recorded(
        position=position,
        recorded_at=at,
        id=str(position),
        source="/t",
        type=type_,
        stream=stream,
        occurred_at=at,
        data={name: value for name, value in data.items() if value is not None},
        actor=by,
    )


def new_of(event: Recorded) -> New:
    return New(
        id=event.id,
        source=event.source,
        type=event.type,
        stream=event.stream,
        occurred_at=event.occurred_at,
        data=dict(event.data),
        actor=event.actor,
    )


HALVES = ({"person": "li", "amount": "30.00"}, {"person": "wang", "amount": "20.00"})
KINDS: dict[str, type[OnLine]] = {
    "notify": Notify, "appeal": Appeal, "approve": Approve, "waive": Waive, "reverse": Reverse,
}  # fmt: skip


USUAL = {
    "notify": "sun", "appeal": "li", "uphold": "qian", "reject": "qian", "split": "gao", "approve": "gao",
    "waive": "gao", "reverse": "gao", "export": "qian",
}  # fmt: skip


def asked(desk: Desk, what: str, by: str = "", month: str = "2026-03") -> str:
    """One step of a walk, by whoever does that usually unless somebody is named."""
    by = by or USUAL[what]
    seen: dict[str, Any] = {"line": "L", "month": month, "amount": desk.amount}
    match what:
        case "export":
            return desk.ask(Export(month=month, lines=("L",)), by)
        case "uphold" | "reject":
            return desk.ask(DecideAppeal(**seen, upheld=what == "uphold"), by)
        case "split":
            return desk.ask(Divide(**seen, shares=HALVES), by)
        case "reverse":
            return desk.ask(Reverse(**seen | {"amount": desk.line.amount}), by)
        case _:
            return desk.ask(KINDS[what](**seen), by)


steps = st.one_of(
    st.tuples(
        st.sampled_from(
            ["notify", "appeal", "uphold", "reject", "split", "approve", "waive", "reverse", "export"]
        ),
        st.sampled_from(["", "", "", *sorted(ROLES)]),
        st.sampled_from(["2026-03", "2026-03", "2026-04", "2026-05"]),
    ),
    st.tuples(st.just("wait"), st.sampled_from(["1", "8"]), st.just("")),
    st.tuples(st.just("comes to"), st.sampled_from(["50.00", "100.00", "30.00"]), st.just("")),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(steps, max_size=25))
def test_whatever_is_asked_in_whatever_order(walk: Sequence[tuple[str, str, str]]) -> None:
    desk = Desk()
    for what, word, month in walk:
        if what == "wait":
            desk.at += timedelta(days=int(word))
        elif what == "comes to":
            desk.amount = D(word)
        else:
            asked(desk, what, word, month)
    held(desk)
    emptied(desk)


def held(desk: Desk) -> None:
    """What every history of decisions keeps."""
    told: Notified | None = None
    objected = dropped = False
    proposers: set[str] = set()
    line = Line()
    for body, by, at in desk.said:
        if not isinstance(body, Through | Appealed):
            assert by not in line.bearers | {"li"}
        match body:
            case Notified():
                told, objected = body, False
                proposers.add(by)
            case Appealed():
                assert told is not None
                assert told.appeal_until is not None
                assert by in line.bearers
                assert at < told.appeal_until
                objected = True
            case AppealDecided():
                assert by not in proposers
                objected = False
            case Approved():
                assert told is not None
                assert not objected
                assert body.amount <= told.amount
                proposers.add(by)
        assert not dropped or isinstance(body, Through)
        line = evolve(line, body, by, at)
        dropped = line.state in ("waived", "reversed")
        assert not (isinstance(body, Waived) and line.was_exported)
    for month in ("2026-03", "2026-04", "2026-05"):
        events = desk.log.get(f"payroll/{month}", [])
        bodies = [event.body() for event in events]
        rows = [row for body in bodies if isinstance(body, PartExported) for row in body.rows]
        for person in ("li", "wang"):
            assert sum(row.taken for row in rows if row.person == person and row.taken > 0) <= D(40)


def emptied(desk: Desk) -> None:
    """Month after month what is open goes through payroll, and then what was taken is what was decided."""
    month = "2026-06"
    for _ in range(6):
        assert desk.ask(Export(month=month, lines=("L",)), "qian") == "decided"
        month = next_month(month)
    line = desk.line
    assert line.open == {}
    whole = line.amount if line.amount is not None and line.state not in ("waived", "reversed") else D(0)
    assert sum(line.taken.values()) == whole


def test_the_walk_reaches_the_end_of_the_road() -> None:
    desk = after("notify")
    assert asked(desk, "approve") == "appeal-window-open"
    desk.at += timedelta(days=7)
    assert asked(desk, "appeal") == "appeal-too-late"
    assert asked(desk, "approve") == "decided"
    assert asked(desk, "export") == "decided"
    assert desk.line.open == {"li": D("10.00")}
    assert asked(desk, "reverse") == "period-locked"
    assert asked(desk, "reverse", month="2026-04") == "decided"
    assert desk.line.open == {"li": D("-40.00")}
    emptied(desk)


def after(*before: str) -> Desk:
    """A desk where this was done, each by whoever does it usually, in the first month that is open."""
    desk = Desk()
    for step in before:
        match step.split():
            case ["wait"]:
                desk.at += timedelta(days=7)
            case ["comes-to", amount]:
                desk.amount = D(amount)
            case [what]:
                assert (
                    asked(desk, what, month="2026-04" if "payroll/2026-03" in desk.log else "2026-03")
                    == "decided"
                )
            case [what, by]:
                assert asked(desk, what, by) == "decided"
    return desk


CONFIRMED = ["notify", "wait", "approve"]


@pytest.mark.parametrize(
    ("before", "what", "by", "reason"),
    [
        pytest.param([], "appeal", "li", "not-notified", id="objecting-to-nothing"),
        pytest.param([], "approve", "gao", "not-notified", id="confirming-what-nobody-was-told"),
        pytest.param([], "reject", "qian", "no-appeal", id="deciding-no-objection"),
        pytest.param([], "reverse", "gao", "not-confirmed", id="taking-back-what-was-never-confirmed"),
        pytest.param([], "split", "wang", "own-penalty", id="splitting-with-a-share-of-his-own"),
        pytest.param(
            ["notify", "appeal"], "notify", "sun", "appeal-not-decided", id="telling-anew-meanwhile"
        ),
        pytest.param(["notify", "appeal"], "split", "gao", "appeal-not-decided", id="splitting-meanwhile"),
        pytest.param(
            ["notify", "appeal", "wait"], "approve", "gao", "appeal-not-decided", id="confirming-meanwhile"
        ),
        pytest.param(
            ["notify qian", "appeal"], "reject", "qian", "proposed-by-you", id="judging-what-he-told"
        ),
        pytest.param(
            ["split gao", "notify", "appeal"], "reject", "gao", "proposed-by-you", id="judging-his-split"
        ),
        pytest.param(
            ["split", "notify", "wait"], "approve", "wang", "own-penalty", id="confirming-his-own-share"
        ),
        pytest.param(["split", "notify"], "appeal", "wang", "decided", id="objecting-to-his-own-share"),
        pytest.param(
            ["notify", "appeal", "reject"], "split", "gao", "decided", id="splitting-what-was-rejected"
        ),
        pytest.param(
            ["notify", "appeal", "reject"], "notify", "sun", "unchanged", id="telling-after-a-rejection"
        ),
        pytest.param(["notify", "appeal", "reject"], "approve", "gao", "decided", id="confirming-after-it"),
        pytest.param(CONFIRMED, "split", "gao", "confirmed-already", id="splitting-too-late"),
        pytest.param(CONFIRMED, "notify", "sun", "unchanged", id="telling-what-is-confirmed"),
        pytest.param(CONFIRMED, "waive", "gao", "decided", id="dropping-before-the-export"),
        pytest.param(["notify"], "notify", "gao", "unchanged", id="telling-twice"),
        pytest.param(["waive"], "notify", "sun", "line-dropped", id="telling-of-what-was-dropped"),
        pytest.param(["waive"], "reverse", "gao", "line-dropped", id="taking-back-what-was-dropped"),
        pytest.param(["waive"], "waive", "gao", "unchanged", id="dropping-twice"),
        pytest.param(
            ["notify", "wait", "comes-to 60.00"], "approve", "gao", "more-than-notified", id="more-than-told"
        ),
        pytest.param(["notify", "wait", "comes-to 30.00"], "approve", "gao", "decided", id="less-than-told"),
    ],
)
def test_what_may_follow_on_what(before: list[str], what: str, by: str, reason: str) -> None:
    assert asked(after(*before), what, by) == reason


def test_what_payroll_has_is_taken_back_and_never_dropped() -> None:
    desk = after(*CONFIRMED, "export")
    assert asked(desk, "waive", month="2026-04") == "exported-already"
    wrong = Reverse(line="L", month="2026-04", amount=D("40.00"))
    assert desk.ask(wrong, "gao") == "line-changed"
    assert asked(desk, "reverse", month="2026-04") == "decided"


def test_an_objection_to_a_rise_leaves_what_payroll_has() -> None:
    desk = after(*CONFIRMED, "export", "comes-to 100.00", "notify", "appeal")
    assert asked(desk, "reject", "gao", "2026-04") == "proposed-by-you"
    assert asked(desk, "uphold", "qian", "2026-04") == "decided"
    assert (desk.line.state, desk.line.open) == ("appeal-upheld", {"li": D("10.00")})
    assert asked(desk, "approve", month="2026-04") == "appeal-upheld"


def test_no_month_before_the_lines_own() -> None:
    assert asked(Desk(), "notify", month="2026-02") == "month-before-line"


def test_the_terms_of_a_month_are_those_it_began_under() -> None:
    desk = after(*CONFIRMED)
    assert desk.ask(Export(month="2026-03", last=False), "qian") == "decided"
    assert desk.ask(Export(month="2026-03", last=False), "qian") == "unchanged"
    assert desk.ask(Export(month="2026-03", lines=("L",), last=False), "qian") == "decided"
    assert desk.ask(Export(month="2026-03", lines=("L",), last=True), "qian") == "decided"
    assert desk.ask(Export(month="2026-03"), "qian") == "unchanged"
    assert desk.ask(Export(month="2026-03", lines=("L",)), "qian") == "period-locked"
    assert desk.ask(Export(month="2026-02"), "qian") == "later-month-locked"
    assert desk.ask(Export(month="2026-04"), "sun") == "role-missing"
    types = [event.type for event in desk.log["payroll/2026-03"]]
    assert types == ["payroll.begun", "payroll.part-exported", "payroll.exported"]
    seal = desk.log["payroll/2026-03"][2].data
    assert (seal["rows"], seal["parts"]) == (1, 1)


def test_december_is_followed_by_january() -> None:
    assert (next_month("2026-12"), next_month("2026-09")) == ("2027-01", "2026-10")
