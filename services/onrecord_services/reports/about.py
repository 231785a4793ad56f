"""About: the lines that say what a paper is, in the reader's language; every writer puts them somewhere."""

from collections.abc import Iterator

from onrecord_services.reports.heading import Heading
from onrecord_services.reports.sheet import Column, Entry, Words


def title_of(heading: Heading) -> str:
    """The title with the form's number."""
    title = heading.title.of(heading.lang)
    return f"{title} {heading.number}" if heading.number else title


def lines_of(heading: Heading) -> Iterator[Entry]:
    """What it is of, what it knows, under which rules, and its id."""
    yield _text("report_id", Words("报表编号", "Report id"), heading.report_id)
    yield _text("tenant", Words("租户", "Tenant"), heading.tenant)
    yield _text("of", Words("范围", "Of"), heading.of)
    yield _instant("as_of", Words("截至", "As of"), heading, "at")
    yield _instant("known_at", Words("数据时点", "Known at"), heading, "known_at")
    yield _text("zone", Words("时区", "Time zone"), heading.zone.key)
    yield Entry(Column("position", Words("日志序号", "Position"), "count"), heading.position)
    yield _text("editions", Words("适用制度版本", "Rulebook editions"), ", ".join(heading.editions) or "-")
    yield _text("cites", Words("依据条款", "Clauses"), ", ".join(heading.cites))
    yield _text("release", Words("软件版本", "Release"), heading.release)


def _text(key: str, name: Words, value: str) -> Entry:
    return Entry(Column(key, name), value)


def _instant(key: str, name: Words, heading: Heading, field: str) -> Entry:
    return Entry(Column(key, name, "instant"), getattr(heading, field))
