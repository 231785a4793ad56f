"""onrecord dispute: everything about one penalty line, for whoever has to judge it."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from onrecord_projections.queries.view import EMPTY_AT, View
from onrecord_services.api.pool import Pool
from onrecord_services.api.reads import Reads
from onrecord_services.commands.common import DEFAULT, Data, fail, out, run, site_of
from onrecord_services.desk.penalty import dispute as packs
from onrecord_services.desk.penalty.dispute_paper import as_pdf_bytes
from onrecord_services.reports.sheet import Lang
from onrecord_services.site import Site


def dispute(
    line: Annotated[str, typer.Argument(help="The penalty line's id.")],
    file: Annotated[Path, typer.Option("--out", help="Where to; its ending says which: .pdf or .json.")],
    tenant: Annotated[str, typer.Option(help="Whose.")] = "main",
    lang: Annotated[str, typer.Option(help="Of the PDF: zh or en.")] = "zh",
    data: Data = DEFAULT,
) -> None:
    """Timeline, explanation, clauses, decisions and proofs of one line, as PDF or JSON."""
    if file.suffix not in {".pdf", ".json"}:
        fail("--out ends in .pdf or .json")
    found = run(_pack(site_of(data), tenant, line))
    if found is None:
        fail(f"there is no penalty line {line}")
    pack, zone, at = found
    said: Lang = "en" if lang == "en" else "zh"
    content = packs.as_json(pack) if file.suffix == ".json" else as_pdf_bytes(pack, zone, at, said)
    file.write_bytes(content)
    out.print(
        f"{file}: position {pack.position}, {len(pack.timeline)} events, digest {pack.digest}", soft_wrap=True
    )


async def _pack(site: Site, tenant: str, line: str) -> tuple[packs.Pack, ZoneInfo, datetime] | None:
    async def asked(view: View) -> tuple[packs.Pack, ZoneInfo, datetime] | None:
        found = await packs.pack(view, line)
        return None if found is None else (found, view.zone, view.watermark or EMPTY_AT)

    pool = Pool(site.postgres["onrecord_reader"])
    try:
        return await Reads(pool).ask(tenant, asked)
    finally:
        await pool.close()
