"""Explained, in parts: the tables that explanations are made of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from onrecord_projections.queries.view import Lang
from onrecord_services.api.page.event_words import event_word
from onrecord_services.api.page.frame import card, table
from onrecord_services.api.page.html import Element, h, join
from onrecord_services.api.page.parts import case_link, when
from onrecord_services.api.page.sum_words import sentence
from onrecord_services.api.page.words import say, span

Rows = Sequence[Mapping[str, Any]]
Cells = list[list[Element | str]]


def title(lang: Lang, found: Rows, clause: str) -> Element:
    """The clause in our own words, its number below."""
    says = found[0]["says_zh" if lang == "zh" else "says_en"] if found else clause
    return join(h("h1", says), h("p", clause, class_="id note"))


def rules(lang: Lang, found: Rows) -> Element:
    """Every clause that had a say."""
    rows: Cells = [
        [
            one["title_zh" if lang == "zh" else "title_en"],
            _id(one["clause"]),
            one["says_zh" if lang == "zh" else "says_en"],
            _id(f"{one['cites']}"),
            str(one["edition"]),
        ]
        for one in found
    ]
    return _card(lang, "rules", ("policy", "clause", "what", "article", "edition"), rows)


def editions(lang: Lang, found: Rows) -> Element | None:
    """The content of each edition, and where it was adopted."""
    rows: Cells = [
        [_id(f"{one['pack']} {one['edition']}"), f"#{one['position']}", _id(one["sha256"])] for one in found
    ]
    return _card(lang, "edition", ("policy", "adopted-at", "sha256"), rows, "editions") if rows else None


def settings(lang: Lang, found: Rows) -> Element | None:
    """Every reading, number and calendar that was asked for."""
    rows: Cells = [
        [
            say(lang, one["kind"]),
            _id(one["name"]),
            _id(one["value"] or "–"),
            say(lang, "by-tenant" if one["decided"] else "by-default"),
        ]
        for one in found
    ]
    return _card(lang, "settings", ("kind", "named", "value", "decided-by"), rows) if rows else None


def events(lang: Lang, found: Rows) -> Element:
    """Every event it rests on, which of its times counted, and the digest of its bytes."""
    rows: Cells = [
        [
            h("a", f"#{one['position']}", href=f"/case/{quote(one['stream'])}#event-{one['position']}"),
            event_word(lang, one["type"]),
            _at(one["occurred_at"]),
            _at(one["recorded_at"]),
            say(lang, one["counted"]),
            h("span", one["sha256"][:16], class_="id", title=one["sha256"]),
        ]
        for one in found
    ]
    columns = ("position", "event", "occurred", "recorded", "counted-by", "sha256")
    return _card(lang, "events-behind", columns, rows, "evidence")


def arithmetic(lang: Lang, found: Rows) -> Element:
    """The arithmetic, step by step."""
    return card(
        say(lang, "arithmetic"), h("ol", *(h("li", sentence(lang, one)) for one in found)), id_="arithmetic"
    )


def intervals(lang: Lang, found: Rows, name: str) -> Element:
    """Stretches of time, and whether they counted."""
    rows: Cells = [
        [
            _at(one["begin"]),
            _at(one["end"]),
            span(lang, _seconds(one)),
            h("span", say(lang, one["kind"]), class_=f"state {'met' if one['kind'] == 'counted' else ''}"),
            *([say(lang, one["why"])] if one["why"] == "elapsed time" else [_why(lang, one["why"])]),
            h("span", f"#{one['position']}", title=one["event"]),
        ]
        for one in found
    ]
    return _card(lang, name, ("begin", "end", "length", "counts", "why", "event"), rows)


def days(lang: Lang, found: Rows, name: str = "days") -> Element:
    """Days, and whether they are worked on."""
    rows: Cells = [
        [
            one["on"],
            say(lang, "working-day" if one["works"] else "rest-day-off"),
            one["name"] or "–",
            _at(one["ends_at"]),
        ]
        for one in found
    ]
    return _card(lang, name, ("day", "works", "named", "end"), rows)


def turn(lang: Lang, found: Mapping[str, Any]) -> Element:
    """The days of one turn of a duty, and what was done."""
    rows: Cells = [[found["first"], found["last"], str(found["times"]), str(len(found["dones"]))]]
    return _card(lang, "turn", ("begin", "end", "nth", "decided"), rows)


def steps(lang: Lang, case: str, found: Rows) -> Element:
    """What moved a clock."""
    rows: Cells = [
        [
            _at(one["at"]),
            say(lang, f"step-{one['what']}"),
            _why(lang, one["cause"]) if one["cause"] else "–",
            h(
                "a",
                f"#{one['position']}",
                href=f"/case/{quote(case)}#event-{one['position']}",
                title=one["event"],
            ),
        ]
        for one in found
    ]
    return _card(lang, "steps", ("when", "what", "why", "event"), rows)


def counted(lang: Lang, found: Rows) -> Element:
    """The other cases and times up to this one."""
    rows: Cells = [
        [_id(one["counter"].removeprefix("times ")), _within(lang, one["span"]), case_link(one["case"]),
         _at(one["at"]), str(one["weight"]), str(one["nth"])]
        for one in found
    ]  # fmt: skip
    return _card(lang, "counting", ("counter", "within", "case", "when", "weight", "nth"), rows)


def decisions(lang: Lang, found: Rows) -> Element:
    """What people decided."""
    rows: Cells = [[say(lang, one["decision"]), one["amount"], f"#{one['position']}"] for one in found]
    return _card(lang, "decisions", ("decided", "amount", "event"), rows)


def items(lang: Lang, found: Rows) -> Element:
    """What is behind a figure."""
    rows: Cells = [
        [
            case_link(one["case"]),
            _id(one["clause"] or "–"),
            _at(one["at"]),
            _id(one["group"] or "–"),
            one["numerator"],
            one["denominator"],
            _id(one["value"] or "–"),
        ]
        for one in found
    ]
    columns = ("case", "clause", "when", "group", "numerator", "denominator", "value")
    return _card(lang, "behind", columns, rows)


def ranked(lang: Lang, found: Rows) -> Element:
    """Every value that was ranked."""
    rows: Cells = [
        [_id(one["kpi"]), _id(one["group"]), one["numerator"], one["denominator"] or "–", str(one["rank"])]
        for one in found
    ]
    return _card(lang, "ranking", ("clause", "group", "numerator", "denominator", "rank"), rows)


def spans(lang: Lang, found: Rows) -> Element:
    """Who had it from when to when."""
    rows: Cells = [
        [
            _id(one["owner"]) if one["owner"] else say(lang, "pool"),
            _at(one["since"]),
            _at(one["until"]),
            say(lang, "decided-owner" if one["why"] == "decided" else one["why"]),
            _id(one["clause"]),
        ]
        for one in found
    ]
    return _card(lang, "spans", ("holder", "begin", "end", "why", "clause"), rows)


def claims(lang: Lang, found: Rows) -> Element:
    """Every claim, and the signs of life it lived by."""
    rows: Cells = [
        [
            _id(one["holder"]),
            say(lang, one["state"]),
            _at(one["valid_at"]),
            _at(one["ended_at"]),
            h(
                "ol",
                *(h("li", _at(each["since"]), " → ", _at(each["due_at"])) for each in one["periods"]),
            ),
        ]
        for one in found
    ]
    return _card(lang, "claims", ("holder", "state", "valid-from", "ended-at", "lives-by"), rows)


def _card(lang: Lang, name: str, columns: Sequence[str], rows: Cells, id_: str = "") -> Element:
    listed = table([say(lang, word) for word in columns], rows, say(lang, "none-intervals"))
    return card(say(lang, name), listed, id_=id_ or name)


def _why(lang: Lang, why: str) -> Element:
    """A pause by its causes; a calendar by its name."""
    said = [say(lang, one) for one in why.split("+")]
    known = said != why.split("+")
    return h("span", "、".join(said) if lang == "zh" else " and ".join(said), class_=None if known else "id")


def _within(lang: Lang, name: str) -> str:
    return say(lang, name) if name == "ever" else name


def _seconds(one: Mapping[str, Any]) -> int:
    gone = datetime.fromisoformat(one["end"]) - datetime.fromisoformat(one["begin"])
    return int(gone.total_seconds())


def _at(at: str | None) -> Element:
    return when(datetime.fromisoformat(at) if at else None)


def _id(name: str) -> Element:
    return h("span", name, class_="id")
