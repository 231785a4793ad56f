"""Check an explanation: work out its figure again from the JSON alone, and refuse it if anything differs.

Shares no code with the product; standard library only. Takes what `.../explain` answers, or one item of it;
of a figure that is explained over several pages, all of them.
Run: python tests/check_explanation.py EXPLANATION.json [PAGE.json ...]
"""

import json
import sys
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Told = Mapping[str, Any]
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
CENT = Decimal("0.01")
IN_TIME = ("elapsed", "working", "started_24h")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = {"month": 1, "two-months": 2, "quarter": 3, "half-year": 6, "year": 12}


class WrongError(Exception):
    """What was told is not what comes out."""


def check(found: Told) -> None:
    """Work out everything in one explanation again. Raises WrongError."""
    untouched(found)
    refigure(found)


def check_all(found: Sequence[Told]) -> None:
    """Work out every explanation again, those of one figure together. Raises WrongError."""
    for one in found:
        untouched(one)
    for one in joined(found):
        refigure(one)


def untouched(found: Told) -> None:
    """The digest is that of what is told."""
    content = {name: found[name] for name in ("kind", "told", "editions", "events")}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    same("digest", sha256(text.encode()).hexdigest(), found["digest"])


def joined(found: Sequence[Told]) -> list[Told]:
    """Each figure with all its items, in whatever parts it was explained; the rest as it is."""
    whole: dict[str, dict[str, Any]] = {}
    others = []
    for one in sorted(found, key=lambda one: one["told"].get("first", 0)):
        if one["kind"] != "kpi":
            others.append(one)
            continue
        told = {**one["told"], "first": 0, "behind": {**one["told"]["behind"], "items": []}}
        held = whole.setdefault(json.dumps(told, sort_keys=True), {**one, "told": told, "events": []})
        same("first", len(held["told"]["behind"]["items"]), one["told"]["first"])
        held["told"]["behind"]["items"] += one["told"]["behind"]["items"]
        held["events"] += one["events"]
    return [*others, *whole.values()]


def refigure(found: Told) -> None:
    """The same without the digest: only the figures."""
    for event in found["events"]:
        same(
            "time", at(event.get(f"{event['counted']}_at", event["effective_at"])), at(event["effective_at"])
        )
    KINDS[found["kind"]](found["told"], {event["position"] for event in found["events"]})


def same(what: str, ours: object, theirs: object) -> None:
    """Both, or nothing."""
    if ours != theirs:
        raise WrongError(f"{what}: told {theirs}, comes out as {ours}")


def at(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).astimezone(UTC)


def seconds(parts: Sequence[Told]) -> int:
    """How long these stretches are together."""
    return sum(int((at(part["end"]) - at(part["begin"])).total_seconds()) for part in parts)


# --- clocks


def clock(told: Told, known: set[int]) -> None:
    """A clock, or one turn of a duty."""
    seen, limit = told["clock"], told["limit"]
    if not set(seen["evidence"]) <= known:
        raise WrongError("evidence: an event is missing")
    due = due_of_turn(told["turn"], seen) if told["turn"] else due_of(told, limit)
    same("due", due, seen["due_at"] and at(seen["due_at"]))
    contiguous(told)
    if told["steps"]:
        same("start", at(told["steps"][0]["at"]), at(seen["started_at"]))
        same("used", used(told), seen["used"])
    if told["turn"]:
        done(told["turn"], seen)
    same("state", state_of(told, due), seen["state"])
    late = seen["stopped_at"] and due and at(seen["stopped_at"]) - due
    same("overrun", int(late.total_seconds()) if late and late > timedelta() else None, seen["overrun"])
    repeated(told, due)
    sums_of_clock(told, due)
    if told["hands"]:
        same("hands", answered(told), [hand for hand in told["arithmetic"] if hand["op"] == "hand"])


def used(told: Told) -> int:
    """What counted up to the stop; of an open clock, up to where it last stood still."""
    paused = [at(step["at"]) for step in told["steps"] if step["what"] == "pause"]
    until = at(told["clock"]["stopped_at"] or told["as_of"])
    if not told["clock"]["stopped_at"]:
        until = max(paused, default=at(told["clock"]["started_at"]))
    counted = [part for part in told["intervals"] if part["kind"] == "counted"]
    return seconds([part for part in counted if at(part["end"]) <= until])


def contiguous(told: Told) -> None:
    """No stretch is left out or told twice."""
    parts = [*told["intervals"], *told["ahead"]]
    for before, after in pairwise(parts):
        same("interval", at(before["end"]), at(after["begin"]))
    if told["intervals"]:
        same("interval", at(told["clock"]["started_at"]), at(told["intervals"][0]["begin"]))
        end = told["clock"]["stopped_at"] or told["as_of"]
        same("interval", at(end), at(told["intervals"][-1]["end"]))


def due_of(told: Told, limit: Told | None) -> datetime | None:
    """When it is due, by its measure."""
    steps = told["steps"]
    moved = [at(step["at"]) for step in steps if step["what"] == "migrate"]
    if limit is None:
        raise WrongError("limit: none told")
    if limit["measure"] in IN_TIME:
        due = after_so_long(told, limit["seconds"])
    elif limit["measure"] == "until_field":
        due = at(limit["named_at"])
    else:
        due = after_so_many(limit, told["settings"])
    return max([due, *moved]) if due else None


def after_so_long(told: Told, left: int) -> datetime | None:
    """The instant at which so many counted seconds have gone by; None while it stands still."""
    turns = [step["what"] for step in told["steps"] if step["what"] in ("start", "pause", "resume")]
    for part in (*told["intervals"], *told["ahead"]):
        if part["kind"] != "counted":
            continue
        length = seconds([part])
        if length >= left:
            return at(part["begin"]) + left * SECOND
        left -= length
    if turns[-1] == "pause" and not told["clock"]["stopped_at"]:
        return None
    raise WrongError("due: the stretches told do not reach the limit")


def after_so_many(limit: Told, settings: Sequence[Told]) -> datetime:
    """The last second of the day so many days, months or years on."""
    zone, count, measure = ZoneInfo(limit["zone"]), limit["count"], limit["measure"]
    first = at(limit["from_at"]).astimezone(zone).date()
    if measure == "ahead":
        return end_of(at(limit["named_at"]).astimezone(zone).date() - count * DAY, zone)
    if measure == "working_days":
        days = counted_days(limit["days"], first)
        same("working days", sum(day["works"] for day in days), count)
        if not days[-1]["works"]:
            raise WrongError("days: the last one is a day of rest")
        ends = next((one["value"] for one in settings if one["name"] == "r3.day-ends"), "")
        return day_ending(days[-1], zone, ends)
    last = first + count * DAY
    if measure in ("months", "years"):
        last = months_on(first, count * (12 if measure == "years" else 1))
    if not limit["rolls"]:
        return end_of(last, zone)
    rolled = [day for day in limit["days"] if date.fromisoformat(day["on"]) >= last]
    if not rolled or any(day["works"] for day in rolled[:-1]) or not rolled[-1]["works"]:
        raise WrongError("days: the last one moves on to the next working day")
    return at(rolled[-1]["ends_at"])


def counted_days(days: Sequence[Told], first: date) -> Sequence[Told]:
    """The days after the first one, none left out."""
    for nth, day in enumerate(days, 1):
        same("day", first + nth * DAY, date.fromisoformat(day["on"]))
    if not days:
        raise WrongError("days: none told")
    return days


def day_ending(day: Told, zone: ZoneInfo, ends: str) -> datetime:
    """When a working day ends: as the tenant set it, else as the calendar says."""
    on = date.fromisoformat(day["on"])
    if not ends:
        same("day", on, at(day["ends_at"]).astimezone(zone).date())
        return at(day["ends_at"])
    return end_of(on, zone) if ends == "24:00" else datetime.combine(on, time.fromisoformat(ends), zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last second of a local day."""
    return datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)


def months_on(day: date, months: int) -> date:
    """The corresponding day; a month that lacks it ends it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def state_of(told: Told, due: datetime | None) -> str:  # noqa: PLR0911 (one a state)
    """What it is to somebody who looks when it was looked at."""
    seen, steps = told["clock"], [step["what"] for step in told["steps"]]
    stopped = seen["stopped_at"] and at(seen["stopped_at"])
    if "excuse" in steps:
        return "excused"
    if told["turn"]:
        return state_of_turn(told, due, stopped)
    if stopped:
        if due and stopped > due:
            return "breached"
        return "met" if "stop" in steps else "cancelled"
    if due is None:
        return "paused"
    if at(told["as_of"]) <= due:
        return "running"
    return "met" if seen["kind"] == "retention" else "breached"


# --- hands


def turns(told: Told, until: datetime) -> list[tuple[str, int]]:
    """Who had the case how many seconds, turn by turn; time in nobody's hands is nobody's."""
    found = []
    begins = [min(max(at(hand["since"]), at(told["clock"]["started_at"])), until) for hand in told["hands"]]
    same("hands", sorted(begins), begins)
    for hand, (begin, end) in zip(told["hands"], pairwise([*begins, until]), strict=True):
        if hand["person"] is not None and end > begin:
            found.append((hand["person"], int((end - begin) / SECOND)))
    return found


def kept(told: Told, until: datetime) -> dict[str, int]:
    """The same for everybody, in the order they had it first."""
    held: dict[str, int] = {}
    for person, had in turns(told, until):
        held[person] = held.get(person, 0) + had
    return held


def concerned(told: Told, until: datetime) -> bool:
    """Whether whose clock it is ever had the case, and anybody had it while it ran."""
    had = [hand["person"] for hand in told["hands"] if at(hand["since"]) <= until]
    return told["clock"]["owner"] in had and bool(turns(told, until))


def in_hand(told: Told, when: datetime) -> str:
    """Who had it then; if nobody did, whose clock it is."""
    had = [hand["person"] for hand in told["hands"] if at(hand["since"]) <= when]
    return str(had[-1] if had and had[-1] is not None else told["clock"]["owner"])


def even_share_passed(told: Told, until: datetime) -> str:
    """The first who had it longer than an even share of the limit."""
    seen, held = told["clock"], kept(told, until)
    limit = int((at(seen["due_at"]) - at(seen["started_at"])) / SECOND)
    had = dict.fromkeys(held, 0)
    for person, stretch in turns(told, until):
        had[person] += stretch
        if had[person] > Fraction(limit, len(held)):
            return person
    return max(turns(told, until), key=lambda turn: turn[1])[0]


def by_weight(whole: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Whole units in proportion; what is left over to the largest remainders, the earlier first."""
    exact = {name: Fraction(whole * weight, sum(weights.values())) for name, weight in weights.items()}
    given = {name: int(part) for name, part in exact.items()}
    by_rest = sorted(exact, key=lambda name: given[name] - exact[name])
    for name in by_rest[: whole - sum(given.values())]:
        given[name] += 1
    return given


def answered(told: Told) -> list[Told]:
    """Who answers for how many seconds, by the tenant's reading."""
    seen = told["clock"]
    policy = next(one["value"] for one in told["settings"] if one["name"] == "handover.overrun")
    until = at(seen["stopped_at"] or told["as_of"])
    late, held = int((until - at(seen["due_at"])) / SECOND), kept(told, until)
    if not concerned(told, until):
        parts = {seen["owner"]: late}
    elif policy == "proportional":
        parts = by_weight(late, held)
    elif policy == "first-delayer":
        parts = {even_share_passed(told, until): late}
    else:
        parts = {in_hand(told, at(seen["due_at"])): late}
    return [
        {"op": "hand", "of": {"person": person, "policy": policy}, "gives": part}
        for person, part in parts.items()
        if part
    ]


def borne(told: Told) -> None:
    """Whose penalty it is, and for how many seconds of the overrun."""
    line, behind = told["line"]["line"], told["clock"]
    seen, cause = behind["clock"], line["cause"]
    named = (one["value"] for one in told["line"]["settings"] if one["name"] == "handover.penalty")
    policy, stopped = next(named, "clause-person"), seen["stopped_at"]
    until = at(stopped) if stopped else at(seen["due_at"]) + SECOND
    if not stopped and behind["hands"]:
        until = max(until, at(behind["hands"][-1]["since"]))
    held = kept(behind, until)
    if policy == "clause-person" or not concerned(behind, until):
        same("bearer", (seen["owner"], [], None), (line["person"], cause["parts"], cause["at_limit"]))
        return
    at_limit = in_hand(behind, at(cause["at"]) - SECOND)
    same("had it at the limit", at_limit, cause["at_limit"])
    if policy == "proportional" and stopped:
        parts = by_weight(int((until - at(seen["due_at"])) / SECOND), held)
        parts = {person: part for person, part in parts.items() if part}
        parts.setdefault(at_limit, 0)
        same("parts", parts, dict(zip(cause["among"], cause["parts"], strict=True)))
        same("order", list(parts), cause["among"])
        same("bearer", line["person"] in parts, True)
        same("sanction", line["sanction"] is None or line["person"] == at_limit, True)
    else:
        sole = even_share_passed(behind, until) if policy == "first-delayer" else at_limit
        same("bearer", (sole, []), (line["person"], cause["parts"]))


# --- duties


def due_of_turn(turn: Told, seen: Told) -> datetime:
    """The end of the last day on which a turn can be done."""
    zone = ZoneInfo(turn["zone"])
    first, last = date.fromisoformat(turn["first"]), date.fromisoformat(turn["last"])
    if turn["by"] != "rolling":
        period(turn["every"], first, last)
    match turn["by"]:
        case "rolling":
            day = months_on(at(seen["started_at"]).astimezone(zone).date(), MONTHS[turn["every"]])
        case "window":
            day = date.fromisoformat(f"{first.year:04}-{turn['closes']}")
        case "weekday":
            day = first + WEEKDAYS.index(turn["closes"]) * DAY
        case "before-last-day":
            day = last - DAY
        case "last-working-day":
            day = max(date.fromisoformat(one["on"]) for one in turn["days"] if one["works"])
        case "calendar_days" | "working_days":
            day = with_grace(turn, last)
        case _:
            day = last
    return end_of(day, zone)


def period(every: str, first: date, last: date) -> None:
    """The days told are a whole period."""
    if every in MONTHS:
        months = MONTHS[every]
        same("period", (first.day, (first.month - 1) % months), (1, 0))
        same("period", months_on(first, months) - DAY, last)
    elif every == "week":
        same("period", (first.weekday(), first + 6 * DAY), (0, last))
    elif every in ("day", "working-day"):
        same("period", first, last)


def with_grace(turn: Told, last: date) -> date:
    """So many days after the period."""
    if turn["by"] == "calendar_days" and not turn["rolls"]:
        return last + int(turn["count"]) * DAY
    days = counted_days(turn["days"], last)
    works = [day["works"] for day in days]
    if turn["by"] == "working_days":
        same("grace", sum(works), turn["count"])
    elif any(works[turn["count"] - 1 : -1]):
        raise WrongError("days: the last one moves on to the next working day only")
    if not works[-1]:
        raise WrongError("days: the last one is a day of rest")
    return date.fromisoformat(days[-1]["on"])


def done(turn: Told, seen: Told) -> None:
    """Done as often as it is owed, or not."""
    count = sum(one["count"] for one in turn["dones"])
    if seen["state"] == "met" and count < turn["times"]:
        raise WrongError("times: done less often than owed")


def state_of_turn(told: Told, due: datetime | None, stopped: datetime | None) -> str:
    turn, seen = told["turn"], told["clock"]
    assert due is not None
    if seen["state"] == "cancelled":
        return "cancelled" if stopped and stopped <= due else "breached"
    in_time = sum(one["count"] for one in turn["dones"] if at(one["at"]) <= due)
    if in_time >= turn["times"]:
        return "met"
    return "breached" if at(told["as_of"]) > due else "running"


def repeated(told: Told, due: datetime | None) -> None:
    """Each further day is the next one, and found the second after it."""
    days = [one["day"]["on"] for one in told["repeats"]]
    for nth, one in enumerate(told["repeats"], 1):
        same("repeat", nth, one["nth"])
        same("repeat", at(one["day"]["ends_at"]).date() <= at(one["at"]).date(), True)
    if days != sorted(set(days)) or (due and told["repeats"] and at(told["repeats"][0]["at"]) <= due):
        raise WrongError("repeats: not in order")


def sums_of_clock(told: Told, due: datetime | None) -> None:
    """The arithmetic says the same."""
    seen, limit = told["clock"], told["limit"]
    stopped = seen["stopped_at"] and at(seen["stopped_at"])
    counts = limit and (limit["seconds"] if limit["seconds"] is not None else limit["count"])
    paused = seconds([part for part in told["intervals"] if part["kind"] == "paused"])
    until = stopped or at(told["as_of"])
    for step in told["arithmetic"]:
        match step["op"]:
            case "start":
                same("start", at(seen["started_at"]), at(step["gives"]))
            case "limit":
                same("limit", counts, step["gives"])
                if "working" in step["of"]:
                    same("limit", sum(day["works"] for day in limit["days"]), step["of"]["working"])
            case "paused":
                same("paused", paused, step["gives"])
            case "due":
                same("due", due, step["gives"] and at(step["gives"]))
            case "stop" | "look":
                same("stop", until, at(step["gives"]))
            case "late":
                same("late", due and int((until - due).total_seconds()), step["gives"])
            case "state":
                same("state", seen["state"], step["gives"])


# --- penalties


def penalty(told: Told, known: set[int]) -> None:
    """One line, and the clock behind it."""
    of, line = told["line"], told["line"]["line"]
    if told["clock"]:
        clock(told["clock"], known)
        broken(told["clock"], line["cause"])
        borne(told)
    nths = counting(of["counted"])
    worth: Decimal | None = None
    for step in of["arithmetic"]:
        worth = STEPS[step["op"]](step, worth, line, nths)
    same("amount", money(line["amount"]), worth if line["amount"] is not None else None)
    if line["base"] is not None:
        same("amount", money(line["base"]) * line["factor"], money(line["amount"]))
    settled(told, line)


def money(text: str | None) -> Any:
    """An amount."""
    return None if text is None else Decimal(text)


def broken(behind: Told, cause: Told) -> None:
    """The finding is the second after the limit, or after a further day."""
    seen = behind["clock"]
    instance = cause["instance"]
    if cause["parts"]:
        instance = instance.removesuffix(f"@{cause['person']}")
    own, _, nth = instance.rpartition("+")
    if own == seen["instance"] and nth.isdigit():
        found = [one for one in behind["repeats"] if one["nth"] == int(nth)]
        same("repeat", [at(one["at"]) for one in found], [at(cause["at"])])
    else:
        same("breach", at(seen["due_at"]) + SECOND, at(cause["at"]))
    same("breach", seen["state"], "breached")


def counting(counted: Sequence[Told]) -> dict[str, tuple[int, str]]:
    """Count again: the same `what` is the same time. Answers the last time of each counter."""
    totals: dict[tuple[str, str], int] = {}
    known: dict[tuple[str, str, str], int] = {}
    last: dict[str, tuple[int, str]] = {}
    for one in counted:
        key = one["counter"], one["span"]
        if (*key, one["what"]) not in known:
            totals[key] = totals.get(key, 0) + one["weight"]
            known[*key, one["what"]] = totals[key]
        nth = known[*key, one["what"]]
        same("time", nth, one["nth"])
        last[one["counter"]] = nth, one["case"]
    return last


def settled(told: Told, line: Told) -> None:
    """What people decided, against what is owed."""
    binding = [one["amount"] for one in told["decisions"] if one["decision"] in ("approved", "exported")]
    same("decided", money(binding[-1]) if binding else None, money(told["decided_amount"]))
    state = told["decisions"][-1]["decision"] if told["decisions"] else "proposed"
    same("state", state, told["state"])
    owed = Decimal(0) if state in ("waived", "reversed") else money(line["amount"])
    if binding and owed is not None:
        differs = owed - Decimal(binding[-1])
        same("adjustment", differs or None, money(told["adjustment"]))


def cents(amount: Decimal) -> Decimal:
    """Whole cents, half goes up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def _time(step: Told, worth: Any, line: Told, nths: Mapping[str, tuple[int, str]]) -> Any:
    own = [nth for counter, (nth, _) in nths.items() if counter.startswith("times ")]
    same("time", own[-1] if own else 1, step["gives"])
    same("time", step["gives"] >= step["of"]["from_nth"], True)
    same("counted as", step["gives"], line["counted_as"])
    return worth


def _price(step: Told, _: Any, __: Told, ___: object) -> Any:
    return money(step["gives"])


def _of_value(step: Told, _: Any, line: Told, __: object) -> Any:
    of = step["of"]
    same("value", money(line["value"]), money(of["value"]))
    worth = cents(Decimal(of["value"]) * (Decimal(of["percent"]) / 100 * Decimal(of["times"])))
    same("price", worth, money(step["gives"]))
    return worth


def _of_pay(step: Told, _: Any, line: Told, __: object) -> Any:
    of = step["of"]
    same("pay", money(line["value"]), money(of["of"]))
    part = cents(Decimal(of["of"]) * Decimal(of["percent"]) / 100)
    same("share of pay", part, money(step["gives"]))
    if step["op"] == "of-pay":
        return part
    same("range", part, money(line["low" if step["op"] == "at-least" else "high"]))
    return None


def _items(step: Told, worth: Any, line: Told, __: object) -> Any:
    same("quantity", line["quantity"], step["of"]["quantity"])
    same("items", worth * step["of"]["quantity"], money(step["gives"]))
    return money(step["gives"])


def _share(step: Told, worth: Any, line: Told, __: object) -> Any:
    among, rank = step["of"]["among"], step["of"]["rank"]
    same("shares", (line["shares"], line["cause"]["among"].index(line["person"]) + 1), (among, rank))
    each = (worth / among).quantize(CENT, ROUND_DOWN)
    left = int((worth - each * among) / CENT)
    part = each + CENT if rank <= left else each
    same("share", part, money(step["gives"]))
    return part


def _part(step: Told, worth: Any, line: Told, __: object) -> Any:
    cause = line["cause"]
    weights = dict(zip(cause["among"], cause["parts"], strict=True))
    of = {"seconds": weights[line["person"]], "overrun": sum(weights.values())}
    same("seconds", of, dict(step["of"]))
    part = by_weight(int(worth / CENT), weights)[line["person"]] * CENT
    same("part", part, money(step["gives"]))
    return part


def _borne(step: Told, worth: Any, line: Told, __: object) -> Any:
    same("bearer", line["person"], step["gives"])
    return worth


def _ladder(step: Told, worth: Any, _: Told, nths: Mapping[str, tuple[int, str]]) -> Any:
    of = step["of"]
    same("ladder", nths[of["clause"]][0], of["nth"])
    if of["factor"] != 1 and of["nth"] < of["from_nth"]:
        raise WrongError("ladder: multiplied before its time")
    same("ladder", None if worth is None else worth * of["factor"], money(step["gives"]))
    return money(step["gives"])


def _brings(step: Told, worth: Any, line: Told, nths: Mapping[str, tuple[int, str]]) -> Any:
    same("time", nths[line["clause"]][0], step["gives"])
    same("time", step["gives"] >= step["of"]["from_nth"], True)
    same("counted as", step["gives"], line["counted_as"])
    return worth


def _sanction(step: Told, worth: Any, line: Told, __: object) -> Any:
    same("sanction", (line["sanction"], line["days"]), (step["gives"], step["of"]["days"]))
    return worth


def _lacks(step: Told, _: Any, line: Told, __: object) -> Any:
    same("lacks", line["lacks"], step["of"]["what"])


def _amount(step: Told, worth: Any, _: Told, __: object) -> Any:
    same("amount", worth, money(step["gives"]))
    return worth


STEPS: dict[str, Callable[..., Any]] = {
    "time": _time,
    "price": _price,
    "tenant-price": _price,
    "of-value": _of_value,
    "of-pay": _of_pay,
    "at-least": _of_pay,
    "at-most": _of_pay,
    "items": _items,
    "share": _share,
    "part": _part,
    "borne": _borne,
    "ladder": _ladder,
    "brings": _brings,
    "sanction": _sanction,
    "lacks": _lacks,
    "amount": _amount,
}


def penalty_sum(told: Told, _: set[int]) -> None:
    """One person's month."""
    still = [part for part in told["parts"] if part["state"] not in ("waived", "reversed")]
    same("counts", [part["id"] for part in still], [part["id"] for part in told["parts"] if part["counts"]])
    same("lines", len(still), told["lines"])
    same("proposed", total(still, "amount"), Decimal(told["proposed"]))
    same("decided", total(told["parts"], "decided_amount"), Decimal(told["decided"]))
    same("adjustment", total(told["parts"], "adjustment"), Decimal(told["adjustment"]))


def total(parts: Sequence[Told], name: str) -> Decimal:
    """Everything that is there, added up."""
    return sum((Decimal(part[name]) for part in parts if part[name] is not None), Decimal())


# --- owners


def owner(told: Told, known: set[int]) -> None:
    """Whose client it was when, from claims alone."""
    for claim in told["claims"]:
        if not set(claim["evidence"]) <= known:
            raise WrongError("evidence: an event is missing")
        lived(claim)
    spans = [span for span in told["spans"] if span["line"] == "client"]
    for span, after in pairwise(spans):
        if span["pack"] == after["pack"] and span["until"] is not None:
            same("span", at(span["until"]), at(after["since"]))
    for span in spans:
        for instant in within(told, span):
            same("owner", holder(told, span["pack"], instant), span["owner"])
    shown = [(step["of"]["since"], step["of"]["until"], step["gives"]) for step in told["arithmetic"]
             if step["op"] == "owner"]  # fmt: skip
    same("spans", [(span["since"], span["until"], span["owner"]) for span in told["spans"]], shown)
    ended = [step["gives"] for step in told["arithmetic"] if step["op"] == "ended"]
    same("ended", [claim["ended_at"] for claim in told["claims"] if claim["ended_at"]], ended)


def lived(claim: Told) -> None:
    """Every period ends when its days are over, and the next one begins before that."""
    for one in claim["periods"]:
        if one["due_at"] is not None and one["limit"] is not None:
            same("period", at(one["since"]), at(one["limit"]["from_at"]))
            same("period", after_so_many(one["limit"], ()), at(one["due_at"]))
    if claim["valid_at"] is None:
        return
    last = claim["periods"][-1] if claim["periods"] else None
    if claim["state"] == "lapsed":
        assert last is not None
        same("lapse", at(last["due_at"]) + SECOND, at(claim["ended_at"]))


def over(claim: Told) -> datetime | None:
    """When it was over, if nothing more happened."""
    if claim["ended_at"]:
        return at(claim["ended_at"])
    due = claim["periods"][-1]["due_at"] if claim["periods"] else None
    return at(due) + SECOND if due else None


def holder(told: Told, pack: str, instant: datetime) -> str | None:
    """The latest decision, else the earliest valid claim, of all that counts as one by then."""
    family = {told["client"]}
    joins = [{one["client"], one["relative"]} for one in told["joins"]
             if one["pack"] == pack and at(one["at"]) <= instant]  # fmt: skip
    for _ in joins:
        for pair in joins:
            family |= pair if pair & family else set()
    alive = [
        claim
        for claim in told["claims"]
        if claim["pack"] == pack and claim["client"] in family and claim["valid_at"]
        and at(claim["valid_at"]) <= instant and ((end := over(claim)) is None or instant < end)
    ]  # fmt: skip
    decided = [claim for claim in alive if claim["decided"]]
    if decided:
        return str(max(decided, key=lambda claim: at(claim["valid_at"]))["holder"])
    first = min(alive, key=lambda claim: (at(claim["valid_at"]), claim["evidence"]), default=None)
    return None if first is None else str(first["holder"])


def within(told: Told, span: Told) -> list[datetime]:
    """The first instant of a span, and every one in it at which a claim begins or ends."""
    since, until = at(span["since"]), at(span["until"] or told["as_of"])
    moved = [at(claim["valid_at"]) for claim in told["claims"] if claim["valid_at"]]
    moved += [end for claim in told["claims"] if (end := over(claim))]
    return [since, *(one for one in moved if since < one < until)]


# --- figures


def kpi(told: Told, known: set[int]) -> None:
    """One figure from its items, or one place from the values ranked."""
    behind = told["behind"]
    if behind["formula"] != "ranks":
        same("items", told["first"] + len(behind["items"]), told["items"])
    above, below = ranks(told, behind) if behind["formula"] == "ranks" else figure(behind)
    same("numerator", above, Decimal(told["numerator"]))
    same("denominator", below, money(told["denominator"]))
    for item in behind["items"]:
        if not set(item["evidence"]) <= known:
            raise WrongError("evidence: an event is missing")
        if told["group"] not in (None, item["group"]):
            raise WrongError("group: an item of another")
    value = None if below == 0 else Fraction(above) / Fraction(below if below is not None else 1)
    reached = None
    if told["target"] is not None and value is not None:
        target = Fraction(told["target"])
        reached = value >= target if behind["target_is"] == "at-least" else value <= target
    same("reached", reached, told["reached"])
    sums_of_figure(told, behind)


def figure(behind: Told) -> tuple[Decimal, Decimal | None]:
    """Numerator and denominator by the formula."""
    items = behind["items"]
    values = sorted(Decimal(item["value"]) for item in items if item["value"] is not None) if (
        behind["formula"] in ("median", "percentile")) else []  # fmt: skip
    above, below = total(items, "numerator"), total(items, "denominator")
    if behind["distinct"]:
        above = Decimal(len({item["value"] for item in items if item["value"] is not None}))
    match behind["formula"]:
        case "count" | "sum":
            return above, money(behind["out_of"])
        case "median" | "percentile" if not values:
            return Decimal(0), Decimal(0)
        case "median" if len(values) % 2 == 0:
            half = len(values) // 2
            return values[half - 1] + values[half], Decimal(2)
        case "median":
            return values[len(values) // 2], Decimal(1)
        case "percentile":
            nth = -(-len(values) * behind["percent"] // 100)
            return values[max(1, nth) - 1], Decimal(1)
        case _:
            return above, below


def ranks(told: Told, behind: Told) -> tuple[Decimal, Decimal]:
    """The places of one, by how many are better in each."""
    own: dict[str, int] = {}
    sums: dict[str, list[int]] = {}
    for one in behind["ranked"]:
        beside = [other for other in behind["ranked"] if other["kpi"] == one["kpi"]]
        sign = 1 if one["best"] == "high" else -1
        place = 1 + sum(sign * value(other) > sign * value(one) for other in beside)
        same("rank", place, one["rank"])
        sums.setdefault(one["group"], []).append(place)
        if one["group"] == told["group"]:
            own[one["kpi"]] = place
    whole = {sum(places) for places in sums.values() if len(places) == len(own)}
    same("last", sum(own.values()) == max(whole) > min(whole), told["last"])
    return Decimal(sum(own.values())), Decimal(len(own))


def value(one: Told) -> Fraction:
    """The exact value of a figure."""
    return Fraction(one["numerator"]) / Fraction(one["denominator"] if one["denominator"] is not None else 1)


def sums_of_figure(told: Told, behind: Told) -> None:  # noqa: C901 (one a step)
    """The arithmetic says the same."""
    items, ranked = behind["items"], {(one["kpi"], one["group"]): one["rank"] for one in behind["ranked"]}
    for step in behind["arithmetic"]:
        gives, of = step["gives"], step["of"]
        match step["op"]:
            case "items-counted":
                same("items", len(items), gives)
            case "above":
                same("above", total(items, "numerator"), Decimal(gives))
            case "below":
                same("below", total(items, "denominator"), Decimal(gives))
            case "values":
                same("values", len([item for item in items if item["value"] is not None]), gives)
            case "different":
                same("different", len({item["value"] for item in items} - {None}), gives)
            case "figure":
                same("figure", (told["numerator"], told["denominator"]), (of["numerator"], gives))
            case "rank":
                same("rank", ranked[of["kpi"], told["group"]], gives)
            case "ranks":
                same("ranks", Decimal(told["numerator"]), Decimal(gives))
            case "target":
                same("target", (told["target"], told["reached"]), (of["target"], gives))
            case "last":
                same("last", told["last"], gives)


KINDS: dict[str, Callable[[Told, set[int]], None]] = {
    "clock": clock,
    "penalty": penalty,
    "penalty-sum": penalty_sum,
    "owner": owner,
    "kpi": kpi,
}


if __name__ == "__main__":
    pages = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]
    listed = [one for page in pages for one in page.get("items", [page])]
    check_all(listed)
    for each in listed:
        sys.stdout.write(f"{each['kind']} {each['digest']}: comes out as told\n")
