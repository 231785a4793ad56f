"""onrecord demo: a simulated month of a property manager, taken in, judged, shown."""

import asyncio
import os
import signal
import threading
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from onrecord_projections.judging.pricing.line import GIVEN
from onrecord_services import tenants
from onrecord_services.commands.common import err, out, owner_of
from onrecord_services.commands.up import Arranged, page_key, serve
from onrecord_services.door import door
from onrecord_services.importing.run import Accepted
from onrecord_services.simulate import month
from onrecord_services.site import Site
from onrecord_services.vault import api_keys

TENANT = "demo"
BATCH = 500
VISIBLE_WITHIN_S = 60
SHOWN_CLOCKS = 8


def demo(
    data: Annotated[Path, typer.Option(help="Where the demo lives; run it again to go on.")] = Path(
        "data/demo"
    ),
    seed: Annotated[int, typer.Option(help="Another seed, another month.")] = 2028,
    leave: Annotated[
        bool, typer.Option("--exit", help="Stop after the summary instead of staying up.")
    ] = False,
) -> None:
    """Start everything, take in June 2026 of three buildings, and show what became of every promise."""
    failed: list[BaseException] = []

    async def arrange(site: Site) -> Arranged:
        async with owner_of(site) as owner:
            await tenants.prepare(owner)
            await tenants.create(site.nats["operator"], owner, TENANT, "carried")
            await api_keys.revoke(owner, TENANT, "demo")
            key = await api_keys.create(owner, TENANT, "demo", sources=["*"], scopes=["read", "write"])
            page = await page_key(owner, TENANT)
        thread = threading.Thread(target=_guarded, args=(site, key, seed, leave, failed), daemon=True)
        return Arranged(page, then=thread.start)

    code = serve(data, ports=(0, 0, 0), arrange=arrange)
    raise typer.Exit(1 if failed else code)


def _guarded(site: Site, key: str, seed: int, leave: bool, failed: list[BaseException]) -> None:  # noqa: FBT001 (a thread's arguments)
    try:
        asyncio.run(_demo(site, key, seed))
    except Exception as error:  # noqa: BLE001 (told here, and by the exit code)
        failed.append(error)
        err.print(f"onrecord: the demo failed: {error}", style="red", markup=False)
    if leave or failed:
        os.kill(os.getpid(), signal.SIGINT)


async def _demo(site: Site, key: str, seed: int) -> None:
    events = list(month(seed))
    last = await _take_in(site, key, events)
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=site.api_url, headers=headers, timeout=VISIBLE_WITHIN_S + 5) as api:
        await _summary(api, last, len(events))
    out.print("  The page is at the link above; `onrecord --help` shows what else there is.\n")


async def _take_in(site: Site, key: str, events: Sequence[dict[str, Any]]) -> int:
    """Hand the month in as another system would; the position of its last event."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    last = 0
    async with door(site.intake_url, key, "carried") as way_in:
        with Progress(*columns, console=err) as bar:
            task = bar.add_task("events taken in", total=len(events))
            rest = iter(events)
            while batch := list(islice(rest, BATCH)):
                for outcome in await way_in.accept(batch):
                    if isinstance(outcome, Accepted):
                        last = max(last, outcome.position)
                bar.advance(task, len(batch))
    return last


async def _summary(api: httpx.AsyncClient, last: int, handed_in: int) -> None:
    """What the read models say once they have seen the last event."""
    overdue = await _ask(api, "/v1/clocks", state="breached", limit=SHOWN_CLOCKS, wait_for=last)
    out.print(
        f"\n  {handed_in} events handed in, judged up to position {overdue['position']}\n", highlight=True
    )
    out.print(_table("Promises by clause", await _by_clause(api), ("clause", "kept", "broken", "running")))
    penalties = (await _ask(api, "/v1/penalties", limit=200))["items"]
    total = sum(float(line["amount"] or 0) for line in penalties if line["line"] not in GIVEN)
    out.print(
        f"  {len(penalties)} penalty lines proposed, CNY {total:,.2f} in all; nobody is fined by this\n"
    )
    for row in (await _ask(api, "/v1/satisfaction"))["items"]:
        out.print(f"  {_satisfaction(row)}")
    out.print("")


def _satisfaction(row: dict[str, Any]) -> str:
    """One line a question: the figure, its 95 % interval, and never without its n."""
    score, scale, unit = row["score"], *((100, " %") if row["kind"] == "csat" else (1, ""))
    if score is None:
        why = "shown once a few more answered" if row["n"] else "no answers yet"
        return f"{row['kind'].upper():<5} {why}"
    value, low, high = (f"{score[name] * scale:.1f}" for name in ("value", "low", "high"))
    return f"{row['kind'].upper():<5} {value}{unit} ({low} to {high}), n = {row['n']} of {row['sent']} asked"


async def _by_clause(api: httpx.AsyncClient) -> list[tuple[str, int, int, int]]:
    counts: dict[str, dict[str, int]] = {}
    cursor: str | None = None
    while True:
        page = await _ask(api, "/v1/clocks", limit=200, **({"cursor": cursor} if cursor else {}))
        for clock in page["items"]:
            states = counts.setdefault(clock["clause"], {})
            states[clock["state"]] = states.get(clock["state"], 0) + 1
        cursor = page["next"]
        if not cursor:
            break
    return [
        (
            clause,
            states.get("met", 0),
            states.get("breached", 0),
            states.get("running", 0) + states.get("paused", 0),
        )
        for clause, states in sorted(counts.items())
    ]


def _table(title: str, rows: Sequence[Sequence[Any]], columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column == columns[0] else "right")
    for row in rows:
        table.add_row(*(str(value) for value in row))
    return table


async def _ask(api: httpx.AsyncClient, path: str, **params: Any) -> dict[str, Any]:
    answer = await api.get(path, params=params)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found
