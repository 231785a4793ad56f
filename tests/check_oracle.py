"""Limits, counts, times and approvals, as somebody says who looks at one event and at all before it."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from math import ceil
from random import Random
from typing import Any

from arrivals import LOCAL
from judging_builders import HEAD, adopting
from onrecord_events.envelope import Recorded

EXAMPLE = """
[[clause.example]]
name = "nothing happened"
log = []
as_of = "2026-01-01 00:00:00"
expect = "nothing found"
"""


def _clause(name: str, text: str) -> str:
    return f'[[clause]]\nid = "{name}"\ncites = "1"\nsays_en = "A rule."\nsays_zh = "规则。"{text}{EXAMPLE}'


CLAUSES = {
    "MEAL": """
kind = "limit"
event = [{ event = "expense.recorded", where = { kind = "reception" } }]
value_field = "amount"
per_field = "guests"
finding = "over-cap"
band = [{ where = { guest_class = "a" }, cap = 500 }, { where = { guest_class = "b" }, cap = 300 }]
""",
    "ESCORTS": """
kind = "limit"
event = [{ event = "expense.recorded", where = { kind = "reception" } }]
value_field = "escorts"
band_field = "guests"
finding = "too-many-escorts"
quantity = "excess"
band = [{ from = 1, to = 4, cap = 1 }, { from = 5, to = 9, cap = 2 }, { from = 10, cap = 3 }]
""",
    "STOCK": """
kind = "limit"
event = [{ event = "expense.recorded", where = { kind = "stock" } }]
value_field = "amount"
finding = "too-little"
quantity = "excess"
tolerance_percent = 10
band = [{ floor = 100 }]
""",
    "BREAKS": """
kind = "count"
counts = [{ event = "attendance.marked", where = { what = "break" } }]
resets_on = [{ event = "attendance.marked", where = { what = "lunch" } }]
cap = 2
finding = "one-break-too-many"
""",
    "PLACES": """
kind = "count"
counts = [{ event = "attendance.marked", where = { what = "break" } }]
distinct_field = "place"
cap = 1
finding = "too-many-places"
""",
    "SIGN-IN": """
kind = "timing"
event = [{ event = "attendance.marked", where = { what = "signed-in" } }]
time_of_day = 08:30:00
finding = "late"
""",
    "SIGN-OUT": """
kind = "timing"
event = [{ event = "attendance.marked", where = { what = "signed-out" } }]
must_be = "not-before"
time_of_day = 17:30:00
finding = "early"
""",
    "MEETING": """
kind = "timing"
event = [{ event = "attendance.marked", where = { what = "meeting" } }]
must_be = "before"
field = "starts_at"
offset = "-PT3M"
finding = "late-for-meeting"
""",
    "NOTICE": """
kind = "timing"
event = ["leave.requested"]
field = "day"
offset = "-P1D"
measure = "calendar_days"
finding = "asked-too-late"
""",
    "WEEKEND": """
kind = "timing"
event = ["leave.requested"]
field = "day"
never_on = ["sat", "sun"]
finding = "no-rest-on-weekends"
""",
    "LEND": """
kind = "approval"
act = [{ event = "act.done", where = { act = "lend" } }]
ordered = true
any_of = [[
  { on = { event = "approval.given", where = { step = "stamp" } } },
  { on = { event = "approval.given", where = { step = "officer" } } },
]]
resets_on = ["approval.refused"]
finding = "lent-without-approval"
""",
    "SLIP": """
kind = "approval"
act = [{ event = "act.done", where = { act = "use-slip" } }]
same_day = true
any_of = [
  [{ on = { event = "approval.given", where = { role = "manager" } } }],
  [{ on = { event = "approval.given", where = { role = "leader" } }, times = 2, distinct_field = "by" }],
]
finding = "slip-not-approved"
""",
}
BOOK = adopting(HEAD + "".join(_clause(name, text) for name, text in CLAUSES.items()))
FIRST = datetime(2026, 6, 5, tzinfo=LOCAL)

Row = tuple[str, datetime, int, Decimal | None]
"""Clause, instant, how many, by how much."""


def facts(chance: Random) -> list[Recorded]:
    """What may happen in one case within four days, close to the bounds."""
    found = []
    for nth in range(chance.randint(1, 16)):
        day = FIRST + timedelta(days=chance.randrange(4))
        near = chance.choice(("08:30:00", "08:30:01", "08:29:59", "17:30:00", "17:29:59", "09:57:00"))
        moment = chance.choice((time.fromisoformat(near), time(chance.randrange(24), chance.randrange(60))))
        at = datetime.combine(day, moment, LOCAL)
        kind, body = _event(chance, day)
        found.append(
            Recorded(
                position=nth, id=f"{nth}", source="test", type=kind, stream="case/1",
                occurred_at=at, recorded_at=at, data=body,
            )
        )  # fmt: skip
    return found


def _event(chance: Random, day: datetime) -> tuple[str, dict[str, Any]]:
    makers = {
        "meal": _a_meal,
        "stock": _stock,
        "mark": _a_mark,
        "leave": _leave,
        "yes": _a_yes,
        "act": _an_act,
    }
    what = chance.choice(("meal", "stock", "mark", "mark", "mark", "leave", "yes", "yes", "no", "act", "act"))
    return makers.get(what, _a_no)(chance, day)


def _a_meal(chance: Random, _: datetime) -> tuple[str, dict[str, Any]]:
    body: dict[str, Any] = {"amount": f"{chance.choice((899, 900, 1500, 1501))}.{chance.choice((0, 10))}"}
    fields = (("guests", (0, 1, 3, 4, 5, 9, 10)), ("escorts", range(6)), ("guest_class", "abz"))
    for field, values in fields:
        if chance.random() < 0.9:
            body[field] = chance.choice(values)
    return "expense.recorded", {"kind": "reception", **body}


def _stock(chance: Random, _: datetime) -> tuple[str, dict[str, Any]]:
    amount = chance.choice(("89.99", "90.00", "90.01", "12.50", "100"))
    return "expense.recorded", {"kind": "stock", "amount": amount}


def _a_mark(chance: Random, day: datetime) -> tuple[str, dict[str, Any]]:
    marks = ("break", "break", "break", "lunch", "signed-in", "signed-out", "meeting")
    body = {"what": chance.choice(marks), "person": "li"}
    if chance.random() < 0.8:
        body["place"] = chance.choice("xyz")
        body["starts_at"] = (day + timedelta(hours=chance.choice((9, 10, 18)))).isoformat()
    return "attendance.marked", body


def _leave(chance: Random, day: datetime) -> tuple[str, dict[str, Any]]:
    return "leave.requested", {"person": "li", "day": f"{day + timedelta(days=chance.randint(0, 3)):%F}"}


def _a_yes(chance: Random, _: datetime) -> tuple[str, dict[str, Any]]:
    body = {"step": chance.choice(("stamp", "officer")), "by": chance.choice("abc")}
    return "approval.given", {**body, "role": chance.choice(("leader", "leader", "leader", "manager"))}


def _a_no(_: Random, __: datetime) -> tuple[str, dict[str, Any]]:
    return "approval.refused", {"step": "stamp", "by": "a"}


def _an_act(chance: Random, _: datetime) -> tuple[str, dict[str, Any]]:
    return "act.done", {"act": chance.choice(("lend", "use-slip")), "by": "li"}


def oracle(events: Sequence[Recorded], as_of: datetime) -> list[Row]:
    """Every finding, from facts in the order in which they count."""
    rows: list[Row] = []
    for nth, event in enumerate(events):
        if event.occurred_at <= as_of:
            before = events[:nth]
            found = {
                "expense.recorded": _spent,
                "attendance.marked": _marked,
                "leave.requested": _asked,
                "act.done": _acted,
            }.get(event.type, _nothing)(event, before)
            rows += [(name, event.occurred_at, count, value) for name, count, value in found]
    return sorted(rows, key=str)


Found = list[tuple[str, int, Decimal | None]]


def _nothing(_: Recorded, __: Sequence[Recorded]) -> Found:
    return []


def _spent(event: Recorded, _: Sequence[Recorded]) -> Found:
    body, found = event.data, []
    amount, guests = Decimal(body["amount"]), body.get("guests")
    if body["kind"] == "stock":
        short = 90 - amount
        return [("STOCK", ceil(short), short)] if short > 0 else []
    cap = {"a": 500, "b": 300}.get(body.get("guest_class", ""))
    if cap and guests and amount > cap * guests:
        found.append(("MEAL", 1, amount / guests - cap))
    if guests and "escorts" in body:
        over = body["escorts"] - (1 if guests < 5 else 2 if guests < 10 else 3)
        if over > 0:
            found.append(("ESCORTS", over, Decimal(over)))
    return found


def _marked(event: Recorded, before: Sequence[Recorded]) -> Found:
    at, body, found = event.occurred_at.astimezone(LOCAL), event.data, []
    marks = [one.data for one in before if one.type == "attendance.marked"] + [body]
    if body["what"] == "break":
        since = max((n for n, one in enumerate(marks) if one["what"] == "lunch"), default=-1)
        if sum(one["what"] == "break" for one in marks[since + 1 :]) > 2:
            found.append("BREAKS")
        if len({one.get("place") for one in marks if one["what"] == "break"}) > 1:
            found.append("PLACES")
    if body["what"] == "signed-in" and at.time() > time(8, 30):
        found.append("SIGN-IN")
    if body["what"] == "signed-out" and at.time() < time(17, 30):
        found.append("SIGN-OUT")
    if body["what"] == "meeting" and "starts_at" in body:
        starts = datetime.fromisoformat(body["starts_at"])
        if (starts - at).total_seconds() <= 180:
            found.append("MEETING")
    return [(name, 1, None) for name in found]


def _asked(event: Recorded, _: Sequence[Recorded]) -> Found:
    asked, day = event.occurred_at.astimezone(LOCAL).date(), datetime.fromisoformat(event.data["day"]).date()
    late = ["NOTICE"] if asked >= day else []
    weekend = ["WEEKEND"] if day.isoweekday() > 5 else []
    return [(name, 1, None) for name in late + weekend]


def _acted(event: Recorded, before: Sequence[Recorded]) -> Found:
    if event.data["act"] == "lend":
        since = max((n for n, one in enumerate(before) if one.type == "approval.refused"), default=-1)
        steps = "".join(one.data["step"][0] for one in before[since + 1 :] if one.type == "approval.given")
        fine = "o" in steps.partition("s")[2]
        return [] if fine else [("LEND", 1, None)]
    today = event.occurred_at.astimezone(LOCAL).date()
    given = [
        one.data
        for one in before
        if one.type == "approval.given" and one.occurred_at.astimezone(LOCAL).date() == today
    ]
    leaders = {one["by"] for one in given if one["role"] == "leader"}
    managers = [one for one in given if one["role"] == "manager"]
    return [] if managers or len(leaders) > 1 else [("SLIP", 1, None)]
