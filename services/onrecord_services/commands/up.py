"""onrecord up: both engines and all services as one process tree on a data folder."""

import asyncio
import os
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from onrecord_services import tenants
from onrecord_services.commands.common import DEFAULT, Data, err, fail, out, owner_of
from onrecord_services.engines import EngineError, Engines
from onrecord_services.site import Site, forget
from onrecord_services.supervisor import Child, Supervisor
from onrecord_services.vault import api_keys

PREFERRED_PORTS = (8480, 8481)
FIRST_TENANT = "main"


def up(
    data: Data = DEFAULT,
    intake_port: Annotated[int, typer.Option(help="Where events come in; 0: any free port.")] = 0,
    api_port: Annotated[
        int, typer.Option(help="Where questions and the page are answered; 0: any free port.")
    ] = 0,
) -> None:
    """Start NATS JetStream, PostgreSQL and every service here, until Ctrl-C.

    Everything lives in the data folder: stop and start as you like, nothing acknowledged is lost. The first
    start makes a tenant `main` and prints a key for it; the key is shown once.
    """
    raise typer.Exit(serve(data, ports=(intake_port, api_port), on_ready=None))


def serve(data: Path, *, ports: tuple[int, int], on_ready: Callable[[Site], None] | None) -> int:
    """Run the whole tree until told to stop; the exit code. `on_ready` is called once everything answers."""
    try:
        with Engines.start(data) as engines:
            intake_port, api_port = (
                _port(told, wish) for told, wish in zip(ports, PREFERRED_PORTS, strict=True)
            )
            site = Site.of(engines, intake_port=intake_port, api_port=api_port)
            first_key = asyncio.run(_prepare(site))
            site.write(data)

            def announce() -> None:
                _announce(site, data, first_key)
                if on_ready:
                    on_ready(site)

            try:
                supervisor = Supervisor(children(site), engines=engines, say=_say, on_ready=announce)
                return supervisor.run()
            finally:
                forget(data)
    except EngineError as error:
        fail(str(error))


def children(site: Site) -> list[Child]:
    """Every service with only what it needs to know."""
    base = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    keys = {"ONRECORD_KEYS_DIR": site.keys_dir}
    return [
        _child("intake", base | keys, site, "intake", "onrecord_reader", site.intake_url),
        _child("projections", base, site, "reader", "onrecord_writer", None),
        _child("clock", base, site, "clock", "onrecord_reader", None),
        _child("api", base | keys, site, "reader", "onrecord_reader", site.api_url),
    ]


def _child(name: str, env: dict[str, str], site: Site, user: str, role: str, url: str | None) -> Child:
    env = env | {"ONRECORD_NATS_URL": site.nats[user], "ONRECORD_POSTGRES_URL": site.postgres[role]}
    if url:
        env["ONRECORD_HTTP_PORT"] = url.rpartition(":")[2]
    argv = (sys.executable, "-m", "onrecord_services.cli", "run", name)
    return Child(name, argv, env=env, ready=(lambda: answers(f"{url}/healthz")) if url else None)


def answers(url: str) -> bool:
    """Whether something says 200 there."""
    try:
        with urllib.request.urlopen(url, timeout=0.5) as response:  # noqa: S310 (our own loopback address)
            return bool(response.status == 200)  # noqa: PLR2004 (HTTP OK)
    except (urllib.error.URLError, OSError):
        return False


async def _prepare(site: Site) -> str | None:
    """Schemas, and on a fresh folder the first tenant; its key, if one was made."""
    async with owner_of(site) as owner:
        await tenants.prepare(owner)
        if await tenants.all_of(owner):
            return None
        await tenants.create(site.nats["operator"], owner, FIRST_TENANT, "server")
        return await api_keys.create(owner, FIRST_TENANT, "first", sources=["*"], scopes=["read", "write"])


def _announce(site: Site, data: Path, first_key: str | None) -> None:
    out.print("")
    out.print(f"  events in      {site.intake_url}/v1/events")
    out.print(f"  questions      {site.api_url}/v1/clocks   (OpenAPI: {site.api_url}/schema)")
    out.print(f"  page           {site.api_url}/" + (f"?key={first_key}" if first_key else ""))
    if first_key:
        out.print(f"  key of tenant {FIRST_TENANT!r}, shown this once: {first_key}", soft_wrap=True)
    out.print(f"  data folder    {data.resolve()}")
    out.print("  Ctrl-C stops everything; start again with the same folder to go on.\n")


def _say(line: str) -> None:
    err.print(line, markup=False, soft_wrap=True)


def _port(told: int, wish: int) -> int:
    """The port asked for, else the usual one, else any free one."""
    for candidate in (told,) if told else (wish, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise EngineError(f"port {told} is taken by another program: choose another, or leave it out")
