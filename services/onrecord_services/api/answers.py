"""Answers: how what was found travels: JSON, or a table that Excel opens."""

import csv
import io
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response

from onrecord_projections.queries.answer import Answer
from onrecord_projections.queries.view import NOW, Times, View
from onrecord_services.api.access import Visitor
from onrecord_services.api.reads import Reads

CSV_ROWS_MAX = 20_000
_BOM = "\ufeff"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_encode = msgspec.json.Encoder(decimal_format="string").encode


async def answered_in_json(
    reads: Reads,
    visitor: Visitor,
    question: Callable[[View], Awaitable[Answer[Any]]],
    *,
    times: Times = NOW,
    wait_for: int | None = None,
) -> Response[bytes]:
    """What the visitor's own tenant answers, in his language. Raises what `Reads.ask` raises."""
    return as_json(
        await reads.ask(visitor.tenant, question, lang=visitor.lang, times=times, wait_for=wait_for)
    )


def as_json(answer: Answer[Any]) -> Response[bytes]:
    """The answer, never kept by anybody on the way."""
    return Response(_encode(answer), media_type="application/json", headers={"Cache-Control": "no-store"})


def as_csv(answer: Answer[Any], columns: Sequence[str], name: str) -> Response[bytes]:
    """UTF-8 with its mark, so that Excel reads Chinese; no cell can be taken for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(getattr(row, column)) for column in columns] for row in answer.items)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}-{answer.position}.csv"',
        "X-Onrecord-Position": str(answer.position),
    }
    if answer.next:
        headers["X-Onrecord-Next"] = answer.next
    return Response((_BOM + text.getvalue()).encode(), media_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: Any) -> str:
    """A value as people read it in a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, list | tuple):
        return _harmless(" ".join(str(item) for item in value))
    return _harmless(value) if isinstance(value, str) else str(value)


def _harmless(text: str) -> str:
    """OWASP, CSV injection: a quote before what a spreadsheet would compute."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
