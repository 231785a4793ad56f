"""Explained: one clock, hour by hour: what counted, what did not, and which event says so."""

from urllib.parse import quote

from onrecord_projections.queries.clocks import ClockRow
from onrecord_projections.queries.explain import ExplanationRow, IntervalRow
from onrecord_projections.queries.view import Lang
from onrecord_services.api.page.frame import card, table
from onrecord_services.api.page.html import Element, h, join
from onrecord_services.api.page.parts import case_link, facts, state_mark, when
from onrecord_services.api.page.words import say, span


def content(lang: Lang, found: ExplanationRow) -> Element:
    """The page's content."""
    clock = found.clock
    said = [
        ("state", state_mark(lang, clock)),
        ("case", case_link(clock.case)),
        ("owner", clock.owner),
        ("started", when(clock.started_at)),
        ("due", when(clock.due_at)),
        ("stopped", when(clock.stopped_at) if clock.stopped_at else None),
        ("counted-time", span(lang, _counted(found))),
        ("paused-time", span(lang, clock.paused_s) if clock.paused_s else None),
        ("late", span(lang, clock.late_s) if clock.late_s is not None else None),
        ("policy", f"{found.source}, {found.cites}"),
        ("number-from", say(lang, f"number-{found.number_origin}")),
    ]
    return join(
        h("h1", clock.says or clock.clause),
        h("p", clock.clause, class_="id note"),
        facts(lang, said),
        _intervals(lang, found),
        _steps(lang, found),
        card(
            say(lang, "arithmetic"), h("ol", *(h("li", line) for line in found.arithmetic)), id_="arithmetic"
        ),
        h("p", say(lang, "digest"), " ", h("span", found.digest, class_="id"), class_="note"),
    )


def _counted(found: ExplanationRow) -> int:
    """Seconds that counted so far; the clock's own figure stands still between its events."""
    return sum(
        int((part.end - part.begin).total_seconds()) for part in found.intervals if part.kind == "counted"
    )


def _intervals(lang: Lang, found: ExplanationRow) -> Element:
    columns = [say(lang, word) for word in ("begin", "end", "length", "counts", "why", "event")]
    rows: list[list[Element | str]] = [
        [
            when(part.begin, found.clock.started_at),
            when(part.end, found.clock.started_at),
            span(lang, int((part.end - part.begin).total_seconds())),
            h("span", say(lang, part.kind), class_=f"state {'met' if part.kind == 'counted' else ''}"),
            say(lang, part.why),
            _event(found.clock, part),
        ]
        for part in found.intervals
    ]
    return card(say(lang, "intervals"), table(columns, rows, say(lang, "none-intervals")), id_="intervals")


def _steps(lang: Lang, found: ExplanationRow) -> Element:
    columns = [say(lang, word) for word in ("when", "what", "why", "event")]
    rows: list[list[Element | str]] = [
        [
            when(step.at, found.clock.started_at),
            say(lang, f"step-{step.what}"),
            step.cause or "–",
            h(
                "a",
                f"#{step.position}",
                href=f"/case/{quote(found.clock.case)}#event-{step.position}",
                title=step.event,
            ),
        ]
        for step in found.steps
    ]
    return card(say(lang, "steps"), table(columns, rows, "–"), id_="steps")


def _event(clock: ClockRow, part: IntervalRow) -> Element:
    return h(
        "a", f"#{part.position}", href=f"/case/{quote(clock.case)}#event-{part.position}", title=part.event
    )
