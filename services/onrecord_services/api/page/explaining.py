"""Explaining: which explanation an address asks for."""

from urllib.parse import urlencode

import msgspec

from onrecord_projections.queries import explain, explain_figure, explain_owner, explain_penalty, telling
from onrecord_projections.queries.answer import Page
from onrecord_projections.queries.explain_told import Explanation
from onrecord_projections.queries.view import View

ITEMS_A_PAGE = explain_figure.ITEMS_A_PAGE


class Wanted(msgspec.Struct, frozen=True):
    """What is to be explained, by the names its address gives."""

    case: str | None = None
    clause: str | None = None
    instance: str | None = None
    line: str | None = None
    person: str | None = None
    month: str | None = None
    client: str | None = None
    kpi: str | None = None
    period: str | None = None
    group: str | None = None

    @property
    def said(self) -> str:
        """The same in one line."""
        return " ".join(value for value in msgspec.structs.astuple(self) if value)

    def address(self, **more: str) -> str:
        """Where it is explained."""
        asked = {name: value for name, value in msgspec.structs.asdict(self).items() if value}
        return f"?{urlencode({**asked, **more})}"


async def found(view: View, wanted: Wanted, cursor: str | None = None) -> Page[Explanation]:
    """What can be said of it, a big figure page by page; nothing if there is no such thing.

    Raises BadQuestion.
    """
    if wanted.case and wanted.clause:
        return _one(await explain.one(view, wanted.case, wanted.clause, wanted.instance))
    if wanted.line:
        return _one(await explain_penalty.one(view, wanted.line))
    if wanted.person and wanted.month:
        return Page(await explain_penalty.month(view, wanted.person, wanted.month))
    if wanted.client:
        return _one(await explain_owner.one(view, wanted.client))
    if wanted.kpi and wanted.period:
        asked = telling.Wanted(period=wanted.period, kpi=wanted.kpi, group=wanted.group)
        return await explain_figure.of_period(view, asked, cursor=cursor, limit=ITEMS_A_PAGE)
    return Page([])


def _one(explained: Explanation | None) -> Page[Explanation]:
    return Page([] if explained is None else [explained])
