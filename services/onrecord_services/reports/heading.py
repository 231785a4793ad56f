"""Heading: what stands on every paper of a report: of what, known when, under which rules, its id."""

import hashlib
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

import msgspec

from onrecord_projections.queries.view import View
from onrecord_services.reports.parameters import Parameters
from onrecord_services.reports.report import Report
from onrecord_services.reports.sheet import Lang, Words

ID_DIGITS = 12
_encode = msgspec.json.Encoder(order="deterministic").encode


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing here depends on when or where the report was run."""

    report: str
    report_id: str
    title: Words
    number: str | None
    cites: tuple[str, ...]
    tenant: str
    of: str
    """The period, the case, the person: as it was asked."""
    at: datetime
    """The instant it holds for: the watermark, unless another one was asked for."""
    known_at: datetime
    """Nothing recorded later counts: the watermark, unless an earlier instant was asked for."""
    position: int
    editions: tuple[str, ...]
    release: str
    zone: ZoneInfo
    lang: Lang


def heading(view: View, report: Report, asked: Parameters, rows_sha256: str) -> Heading:
    """Of one report as it was asked."""
    return Heading(
        report=report.name,
        report_id=_id(view, report, asked, rows_sha256),
        title=report.title,
        number=report.number,
        cites=report.cites,
        tenant=view.tenant,
        of=_subject(report, asked),
        at=view.at.astimezone(view.zone),
        known_at=(view.times.known_at or view.now).astimezone(view.zone),
        position=view.position,
        editions=tuple(editions(view)),
        release=version("onrecord"),
        zone=view.zone,
        lang=view.lang,
    )


def editions(view: View) -> list[str]:
    """Every rulebook edition in force at the instant the report holds for."""
    books = (view.settings.in_force(pack, view.at) for pack in sorted(view.settings.packs))
    return [f"{book.pack}@{book.edition}" for book in books if book is not None]


def _subject(report: Report, asked: Parameters) -> str:
    parts = (asked.period, asked.case, asked.person, asked.line)
    named = [part for part in parts if part is not None]
    if report.takes.days is not None:
        named.append(f"{asked.days or report.takes.days} d")
    return " ".join(named)


def _id(view: View, report: Report, asked: Parameters, rows_sha256: str) -> str:
    """The same question with the same answer has the same id, whatever it is printed as."""
    said = _encode([view.tenant, report.name, asked, view.position, rows_sha256])
    return f"{report.name}-{hashlib.sha256(said).hexdigest()[:ID_DIGITS]}"
