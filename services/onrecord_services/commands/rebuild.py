"""onrecord rebuild: a tenant's read models made anew from its log, compared, switched."""

from typing import Annotated

import psycopg
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from onrecord_events.log import EventLog
from onrecord_events.wire import QuickReader
from onrecord_projections.generation import Held
from onrecord_services.commands.common import DEFAULT, Data, err, fail, out, owner_of, run, site_of
from onrecord_services.projector.rebuild import Rebuilt, rebuild
from onrecord_services.site import Site


def rebuild_command(
    tenant: Annotated[str, typer.Argument(help="Whose read models.")],
    data: Data = DEFAULT,
    check: Annotated[bool, typer.Option("--check", help="Only compare; switch nothing.")] = False,
) -> None:
    """Make a tenant's read models anew beside the live ones; if every row is equal, switch."""
    made = run(_rebuild(site_of(data), tenant, switch=not check))
    out.print(f"compared at position {made.position}:")
    for table, digest in made.made.items():
        out.print(f"  {table:<14} {digest[:16]}  {'equal' if made.live[table] == digest else 'DIFFERENT'}")
    if made.differing:
        fail(f"{', '.join(made.differing)} differ: nothing was switched")
    out.print("equal, byte for byte" + (f"; readers use {made.switched_to} now" if made.switched_to else ""))


async def _rebuild(site: Site, tenant: str, *, switch: bool) -> Rebuilt:
    reader = QuickReader()
    await reader.connect(site.nats["reader"], name="rebuild")
    writer = await psycopg.AsyncConnection.connect(site.postgres["onrecord_writer"], autocommit=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        async with owner_of(site) as owner:
            log = await EventLog.open(reader, tenant)
            with Progress(*columns, console=err) as bar:
                task = bar.add_task("events", total=await log.last_position())

                def show(held: Held, _: int) -> None:
                    bar.update(task, completed=held.checkpoint.position)

                return await rebuild(owner, writer, log, progress=show, switch=switch)
    finally:
        await writer.close()
        await reader.close()
