"""Explained: one verdict from the clauses down to the events: what counted, and the arithmetic."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from onrecord_projections.queries.explain_told import Explanation
from onrecord_projections.queries.view import Lang
from onrecord_services.api.page import explained_parts as parts
from onrecord_services.api.page.frame import card, table
from onrecord_services.api.page.html import Element, h, join
from onrecord_services.api.page.parts import case_link, facts, when
from onrecord_services.api.page.words import say, span

Told = Mapping[str, Any]


def content(lang: Lang, found: Explanation) -> Element:
    """The page's content."""
    told = found.told
    shown = {
        "clock": _clock,
        "penalty": _penalty,
        "penalty-sum": _sum,
        "owner": _owner,
        "kpi": _kpi,
    }[found.kind](lang, told)
    return join(
        *shown,
        parts.events(lang, found.events),
        parts.editions(lang, found.editions),
        h("p", say(lang, "digest"), " ", h("span", found.digest, class_="id"), class_="note"),
    )


def _clock(lang: Lang, told: Told) -> list[Element | None]:
    clock, limit = told["clock"], told["limit"]
    said: list[tuple[str, Element | str | None]] = [
        ("state", h("span", say(lang, clock["state"]), class_=f"state {clock['state']}")),
        ("case", case_link(clock["case"])),
        ("owner", _name(clock["owner"])),
        ("started", _when(clock["started_at"])),
        ("due", _when(clock["due_at"])),
        ("stopped", _when(clock["stopped_at"]) if clock["stopped_at"] else None),
        ("counted-time", span(lang, _counted(told))),
        ("paused-time", span(lang, clock["paused"]) if clock["paused"] else None),
        ("number-from", say(lang, f"number-{limit['origin']}") if limit else None),
        (
            "calendar",
            _name(f"{limit['calendar']} {limit['version']}") if limit and limit["calendar"] else None,
        ),
    ]
    rules = told["rules"]
    return [
        parts.title(lang, rules, clock["clause"]),
        facts(lang, said),
        parts.intervals(lang, told["intervals"], "intervals"),
        parts.intervals(lang, told["ahead"], "ahead") if told["ahead"] else None,
        parts.days(lang, limit["days"]) if limit and limit["days"] else None,
        parts.turn(lang, told["turn"]) if told["turn"] else None,
        parts.days(lang, [one["day"] for one in told["repeats"]], "repeats") if told["repeats"] else None,
        parts.steps(lang, clock["case"], told["steps"]) if told["steps"] else None,
        parts.arithmetic(lang, told["arithmetic"]),
        parts.rules(lang, rules),
        parts.settings(lang, told["settings"]),
    ]


def _penalty(lang: Lang, told: Told) -> list[Element | None]:
    line, of = told["line"]["line"], told["line"]
    said: list[tuple[str, Element | str | None]] = [
        ("person", _name(line["person"])),
        ("month", line["month"]),
        ("state", say(lang, told["state"])),
        ("amount", f"{line['amount']} {say(lang, line['currency'])}" if line["amount"] else None),
        ("case", case_link(line["case"])),
    ]
    clock = _clock(lang, told["clock"]) if told["clock"] else []
    return [
        h("h1", say(lang, "explain-penalty")),
        facts(lang, said),
        parts.arithmetic(lang, of["arithmetic"]),
        parts.counted(lang, of["counted"]) if of["counted"] else None,
        parts.decisions(lang, told["decisions"]) if told["decisions"] else None,
        parts.rules(lang, of["rules"]),
        parts.settings(lang, of["settings"]),
        *clock,
    ]


def _sum(lang: Lang, told: Told) -> list[Element | None]:
    columns = [say(lang, word) for word in ("clause", "case", "amount", "state")]
    rows: list[list[Element | str]] = [
        [_id(one["clause"]), case_link(one["case"]), one["amount"] or "–", say(lang, one["state"])]
        for one in told["parts"]
    ]
    said: list[tuple[str, Element | str | None]] = [
        ("person", _name(told["person"])),
        ("month", told["month"]),
        ("amount", f"{told['proposed']} {say(lang, told['currency'])}"),
    ]
    return [
        h("h1", say(lang, "explain-penalty-sum")),
        facts(lang, said),
        card(say(lang, "lines"), table(columns, rows, "–"), id_="lines"),
    ]


def _owner(lang: Lang, told: Told) -> list[Element | None]:
    return [
        h("h1", say(lang, "explain-owner")),
        facts(lang, [("customer", _id(told["client"]))]),
        parts.spans(lang, told["spans"]),
        parts.claims(lang, told["claims"]),
        parts.arithmetic(lang, told["arithmetic"]),
        parts.rules(lang, told["rules"]),
        parts.settings(lang, told["settings"]),
    ]


def _kpi(lang: Lang, told: Told) -> list[Element | None]:
    behind = told["behind"]
    said: list[tuple[str, Element | str | None]] = [
        ("month", told["period"]),
        ("group", _name(told["group"])),
        ("numerator", told["numerator"]),
        ("denominator", told["denominator"]),
    ]
    return [
        h("h1", say(lang, "explain-kpi")),
        facts(lang, said),
        parts.arithmetic(lang, behind["arithmetic"]),
        parts.items(lang, behind["items"]) if behind["items"] else None,
        parts.ranked(lang, behind["ranked"]) if behind["ranked"] else None,
        parts.rules(lang, behind["rules"]),
        parts.settings(lang, behind["settings"]),
    ]


def _counted(told: Told) -> int:
    """Seconds that counted so far; the clock's own figure stands still between its events."""
    spans = (
        datetime.fromisoformat(one["end"]) - datetime.fromisoformat(one["begin"])
        for one in told["intervals"]
        if one["kind"] == "counted"
    )
    return sum(int(one.total_seconds()) for one in spans)


def _calendar(limit: Told | None) -> Element | None:
    """The calendar it was counted on, and its version."""
    return _id(f"{limit['calendar']} {limit['version']}") if limit and limit["calendar"] else None


def _when(at: str | None) -> Element:
    return when(datetime.fromisoformat(at) if at else None)


def _id(name: str) -> Element:
    return h("span", name, class_="id")


def _name(name: str | None) -> Element | None:
    return _id(name) if name else None
