"""Explaining: which explanation an address asks for."""

import msgspec

from onrecord_projections.queries import explain, explain_figure, explain_owner, explain_penalty, telling
from onrecord_projections.queries.explain_told import Explanation
from onrecord_projections.queries.view import View


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


async def found(view: View, wanted: Wanted) -> list[Explanation]:
    """What can be said of it; nothing if there is no such thing. Raises BadQuestion."""
    if wanted.case and wanted.clause:
        return _one(await explain.one(view, wanted.case, wanted.clause, wanted.instance))
    if wanted.line:
        return _one(await explain_penalty.one(view, wanted.line))
    if wanted.person and wanted.month:
        return await explain_penalty.month(view, wanted.person, wanted.month)
    if wanted.client:
        return _one(await explain_owner.one(view, wanted.client))
    if wanted.kpi and wanted.period:
        asked = telling.Wanted(period=wanted.period, kpi=wanted.kpi, group=wanted.group)
        return (await explain_figure.of_period(view, asked)).items
    return []


def _one(explained: Explanation | None) -> list[Explanation]:
    return [] if explained is None else [explained]
