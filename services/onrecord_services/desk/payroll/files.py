"""Files: a month's export as XLSX, CSV or JSON, made of the month's own events: the same bytes again."""

from collections.abc import Iterable
from decimal import Decimal
from importlib.metadata import version
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from onrecord_events.payroll import Row
from onrecord_services.desk.payroll.state import Month
from onrecord_services.reports import as_csv, as_xlsx
from onrecord_services.reports.heading import Heading
from onrecord_services.reports.sheet import Cell, Column, Entry, Table, Words

Format = Literal["xlsx", "csv", "json"]
_LACKS = {"month-wage": Words("无当月工资", "no wage on record")}
COLUMNS = (
    Column("line", Words("条目编号", "Line"), width=36),
    Column("person", Words("人员", "Person"), width=12),
    Column("month", Words("所属月份", "Month"), width=10),
    Column("clause", Words("条款", "Clause"), width=18),
    Column("edition", Words("版本", "Edition"), "count", width=8),
    Column("cites", Words("条文", "Article"), width=24),
    Column("currency", Words("币种", "Currency"), width=8),
    Column("amount", Words("决定金额", "Decided"), "money", width=12),
    Column("taken", Words("本月扣款", "Taken this month"), "money", width=12),
    Column("carried", Words("结转下月", "Carried over"), "money", width=12),
    Column("lapsed", Words("不再扣", "Lapsed"), "money", width=12),
    Column("lacks", Words("缺少", "Lacks"), "code", _LACKS, width=14),
)


def write(month: Month, tenant: str, fmt: Format, zone: ZoneInfo) -> bytes:
    """A whole export as a file."""
    if fmt == "json":
        return _json(month, tenant)
    write_as = as_xlsx.write if fmt == "xlsx" else as_csv.write
    return write_as(_heading(month, tenant, zone), _table(month.rows))


def release() -> str:
    """Of this product: other releases may write the same rows in other bytes."""
    return version("onrecord")


def _table(rows: Iterable[Row]) -> Table:
    found = [_cells(row) for row in rows]
    summary = tuple(
        Entry(column, sum((Decimal(str(cells[nth])) for cells in found), Decimal(0)))
        for nth, column in enumerate(COLUMNS)
        if column.key in ("taken", "carried", "lapsed")
    )
    return Table(COLUMNS, found, summary)


def _cells(row: Row) -> tuple[Cell, ...]:
    return tuple(getattr(row, column.key) for column in COLUMNS)


def _heading(month: Month, tenant: str, zone: ZoneInfo) -> Heading:
    assert month.whole is not None, "checked before"
    assert month.whole_at is not None, "they come together"
    at = month.whole_at.recorded_at.astimezone(zone).replace(microsecond=0)
    return Heading(
        report="payroll-export",
        report_id=f"payroll-{month.whole.month}-{month.whole.rows_sha256[:12]}",
        title=Words("工资扣款导出", "Payroll export"),
        number=None,
        cites=tuple(sorted({row.clause for row in month.rows})),
        tenant=tenant,
        of=month.whole.month,
        at=at,
        known_at=at,
        position=month.whole_at.position,
        editions=(),
        release=release(),
        zone=zone,
        lang="zh",
    )


def _json(month: Month, tenant: str) -> bytes:
    assert month.whole is not None, "checked before"
    assert month.whole_at is not None, "they come together"
    assert month.terms is not None, "what is whole was begun"
    said: dict[str, Any] = {
        "tenant": tenant,
        **month.whole.model_dump(mode="json", exclude={"rows"}),
        "position": month.whole_at.position,
        "cap_percent": month.terms.cap_percent and str(month.terms.cap_percent),
        "floor": month.terms.floor and str(month.terms.floor),
        "carry_over": month.terms.carry_over,
        "rows": [row.model_dump(mode="json") for row in month.rows],
    }
    return msgspec.json.format(msgspec.json.encode(said, order="sorted"), indent=1) + b"\n"
